"""What a sweep has to do next: its entries that are due, those whose questions are all answered."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from integrations.models import OPEN_STATES, CheckRequest
from queue_registry.models import Akimat, AssessmentRequest, QueueEntry, Sweep, SweepEntry, SweepQuestion
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.sweeps import quarter
from queue_registry.selectors import keepers

_State = SweepEntry.State
_BEFORE_INVENTORIES: Final = Case(
    When(purpose=Sweep.Purpose.BEFORE_ALLOCATION, then=Value(0)),
    default=Value(1),
    output_field=IntegerField(),
)


def list_running() -> QuerySet[Sweep]:
    """Return the sweeps that go on: those before an allocation first, then the oldest first."""
    open_ = Sweep.objects.filter(finished_at__isnull=True, paused_at__isnull=True)
    return open_.select_related("akimat").order_by(_BEFORE_INVENTORIES, "started_at", "pk")


def list_without_inventory(at: datetime) -> QuerySet[Akimat]:
    """Return the akimats with active entries whose inventory of the quarter was not begun yet, by code."""
    begun = Sweep.objects.filter(
        akimat=OuterRef("pk"), purpose=Sweep.Purpose.INVENTORY, period=quarter(civil_day(at))
    )
    active = QueueEntry.objects.active().filter(akimat=OuterRef("pk"))
    waiting = Akimat.objects.filter(Exists(active), ~Exists(begun))
    return waiting.exclude(pk__in=keepers.resting(at)).order_by("kato")


def list_due(sweep: Sweep) -> QuerySet[SweepEntry]:
    """Return the entries nobody has asked about yet, in their order."""
    return SweepEntry.objects.filter(sweep=sweep, state=_State.DUE).order_by("position")


def list_answered(sweep: Sweep) -> QuerySet[SweepEntry]:
    """
    Return the entries asked about whose questions are all closed, and which were judged by what came.
    """
    waits = SweepQuestion.objects.filter(swept=OuterRef("pk"), check_request_id__in=_open().values("pk"))
    to_be_judged = AssessmentRequest.objects.filter(entry=OuterRef("entry"))
    asked = SweepEntry.objects.filter(sweep=sweep, state=_State.ASKED)
    return asked.filter(~Exists(waits), ~Exists(to_be_judged)).order_by("position")


def count_open_questions(sweep: Sweep) -> int:
    """Return how many questions of a sweep wait for an answer."""
    linked = SweepQuestion.objects.filter(sweep=sweep, swept__state=_State.ASKED)
    return _open().filter(pk__in=linked.values("check_request_id")).count()


def list_open(rows: Collection[int]) -> set[int]:
    """Return those of some questions that wait for an answer."""
    return set(_open().filter(pk__in=rows).values_list("pk", flat=True))


def has_open_entries(sweep: Sweep) -> bool:
    """Return whether anybody of a sweep still has to be asked about or answered for."""
    return SweepEntry.objects.filter(Q(state=_State.DUE) | Q(state=_State.ASKED), sweep=sweep).exists()


def _open() -> QuerySet[CheckRequest]:
    return CheckRequest.objects.filter(state__in=OPEN_STATES)
