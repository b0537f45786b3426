"""Sweeps as a page shows them: how far they are, how fast, what each source still owes, what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from integrations import limits
from integrations.contract import CONFIRMED
from integrations.models import OPEN_STATES, CheckRequest, CheckState
from integrations.sources.definitions import DEFINITIONS
from queue_registry.models import Akimat, RecheckFinding, SourceHold, Sweep, SweepEntry, SweepQuestion

WINDOW: Final = timedelta(minutes=5)
"""The speed is that of the last so many minutes."""

# A page looks again every few seconds; a sweep of so many entries is counted once a second at the most.
_ENTRIES_A_SECOND: Final = 5_000
_NEVER_ASKED: Final = Q(state=CheckState.DUE, attempts=0)
_IS_OPEN: Final = Q(state__in=OPEN_STATES)
_CONFIRMED: Final = Q(state=CheckState.ANSWERED, outcome__in=CONFIRMED)


class AtWork(StrEnum):
    """Whether a source can be asked just now, the first that holds."""

    HELD = "HELD"
    MAINTENANCE = "MAINTENANCE"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    AT_WORK = "AT_WORK"
    NOT_KNOWN = "NOT_KNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProgress:
    """
    Questions of a sweep to one source: not asked yet, under way, answered, closed without a word.

    A question that several entries wait for counts once.
    """

    source: str
    due: int
    asked: int
    answered: int
    failed: int
    at_work: AtWork = AtWork.NOT_KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many findings of a code stand in a state."""

    code: str
    state: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """
    How far a sweep is, in entries. `done_lately` are those of the last minutes (`span`) before the moment.
    """

    entries: int
    due: int
    asked: int
    incomplete: int
    done_lately: int
    span: timedelta
    sources: tuple[SourceProgress, ...] = ()
    found: tuple[Found, ...] = field(default=())

    @property
    def done(self) -> int:
        """Entries with which the sweep is done."""
        return self.entries - self.due - self.asked

    @property
    def percent(self) -> int:
        """Whole hundredths that are done; a hundred only where all are."""
        return self.done * 100 // self.entries if self.entries else 100

    @property
    def rate(self) -> int:
        """Entries a minute, lately."""
        return int(self.done_lately * timedelta(minutes=1) / self.span) if self.span else 0

    @property
    def left(self) -> timedelta | None:
        """How long the rest takes if it goes on as lately; None while nobody can tell."""
        rest = self.due + self.asked
        if not rest:
            return timedelta(0)
        return self.span * rest / self.done_lately if self.done_lately else None


def list_sweeps(akimat: Akimat) -> QuerySet[Sweep]:
    """Return the sweeps of an akimat, the newest first, each with the number of its open entries."""
    is_open = Q(swept__state__in=[SweepEntry.State.DUE, SweepEntry.State.ASKED])
    return (
        Sweep.objects.filter(akimat=akimat)
        .select_related("started_by")
        .annotate(open_entries=Count("swept", filter=is_open))
        .order_by("-started_at", "-pk")
    )


def get_progress(sweep: Sweep, *, at: datetime) -> Progress:
    """Return how far a sweep is; a large one as it was some seconds ago."""
    key = f"sweep-progress:{sweep.pk}"
    kept: Progress | None = cache.get(key)
    if kept is None:
        kept = _count(sweep, at)
        cache.set(key, kept, timeout=sweep.entries // _ENTRIES_A_SECOND)
    return kept


def _count(sweep: Sweep, at: datetime) -> Progress:
    state = SweepEntry.State
    open_ = dict(
        SweepEntry.objects.filter(sweep=sweep, state__in=[state.DUE, state.ASKED])
        .order_by()
        .values_list("state")
        .annotate(Count("pk"))
    )
    done = SweepEntry.objects.filter(sweep=sweep, state=state.DONE).aggregate(
        incomplete=Count("pk", filter=Q(complete=False)),
        lately=Count("pk", filter=Q(done_at__gt=at - WINDOW)),
    )
    return Progress(
        entries=sweep.entries,
        due=open_.get(state.DUE, 0),
        asked=open_.get(state.ASKED, 0),
        incomplete=done["incomplete"],
        done_lately=done["lately"],
        span=min(WINDOW, max(at - sweep.started_at, timedelta())),
        sources=tuple(_sources(sweep, at)),
        found=tuple(_found(sweep)),
    )


def _sources(sweep: Sweep, at: datetime) -> list[SourceProgress]:
    linked = SweepQuestion.objects.filter(sweep=sweep).values("check_request_id")
    rows = (
        CheckRequest.objects.filter(pk__in=linked)
        .order_by()
        .values("source")
        .annotate(
            due=Count("pk", filter=_NEVER_ASKED),
            asked=Count("pk", filter=_IS_OPEN & ~_NEVER_ASKED),
            answered=Count("pk", filter=_CONFIRMED),
            failed=Count("pk", filter=~_IS_OPEN & ~_CONFIRMED),
        )
    )
    counted = {row["source"]: row for row in rows}
    at_work = _at_work(counted, at)
    return [
        SourceProgress(**counted[source], at_work=at_work[source])
        for source in DEFINITIONS
        if source in counted
    ]


def _at_work(sources: Mapping[str, object], at: datetime) -> dict[str, AtWork]:
    held = set(
        SourceHold.objects.filter(source__in=sources, released_at__isnull=True).values_list(
            "source", flat=True
        )
    )
    local = timezone.localtime(at).time()
    try:
        rooms = limits.room(sources, at=at)
    except limits.LimitsUnreachable:
        rooms = {}
    found = {}
    for source in sources:
        if source in held:
            found[source] = AtWork.HELD
        elif DEFINITIONS[source].is_in_maintenance(local):
            found[source] = AtWork.MAINTENANCE
        elif source not in rooms:
            found[source] = AtWork.NOT_KNOWN
        else:
            found[source] = AtWork.CIRCUIT_OPEN if rooms[source].wait is None else AtWork.AT_WORK
    return found


def _found(sweep: Sweep) -> list[Found]:
    rows = RecheckFinding.objects.filter(sweep=sweep).order_by("code", "state").values("code", "state")
    return [Found(**row) for row in rows.annotate(count=Count("pk"))]


def list_findings(sweep: Sweep, *, code: str = "", state: str = "") -> QuerySet[RecheckFinding]:
    """Return what a sweep found, all of it or of one code or state, by list and in order."""
    rows = RecheckFinding.objects.filter(sweep=sweep).select_related("entry__waiting_list", "removal_case")
    if code:
        rows = rows.filter(code=code)
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("entry__waiting_list__number", "entry__registered_at", "entry__file_number", "pk")
