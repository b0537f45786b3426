"""Sweeps as a page shows them: how far they are, how fast, what each source still owes, what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from integrations import limits
from integrations.contract import CONFIRMED
from integrations.sources.definitions import DEFINITIONS
from queue_registry.models import Akimat, RecheckFinding, SourceHold, Sweep, SweepEntry, SweepQuestion

WINDOW: Final = timedelta(minutes=5)
"""The speed is that of the last so many minutes."""

# A page looks again every few seconds; a sweep of so many entries is counted once a second at the most.
_ENTRIES_A_SECOND: Final = 5_000
# Of an entry that is done and complete every question is answered: only the others' are looked at one by one.
_UNSETTLED: Final = """
    SELECT linked.source,
        count(*) FILTER (WHERE asked.state = 'DUE' AND asked.attempts = 0),
        count(*) FILTER (WHERE asked.state = 'LEASED' OR asked.state = 'DUE' AND asked.attempts > 0),
        count(*) FILTER (WHERE asked.state NOT IN ('DUE', 'LEASED')
            AND NOT (asked.state = 'ANSWERED' AND asked.outcome = ANY(%s)))
    FROM queue_registry_sweepentry AS swept
    JOIN queue_registry_sweepquestion AS linked ON linked.swept_id = swept.id
    JOIN integrations_checkrequest AS asked ON asked.id = linked.check_request_id
    WHERE swept.sweep_id = %s AND (swept.state = 'ASKED' OR NOT swept.complete)
    GROUP BY linked.source
"""


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

    A question that two entries wait for counts for each.
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
    linked = SweepQuestion.objects.filter(sweep=sweep).order_by().values_list("source")
    totals = dict(linked.annotate(Count("pk")))
    with connection.cursor() as cursor:
        cursor.execute(_UNSETTLED, [list(CONFIRMED), sweep.pk])
        unsettled = {source: figures for source, *figures in cursor.fetchall()}
    at_work = _at_work(totals, at)
    found = []
    for source in DEFINITIONS:
        if source in totals:
            due, asked, failed = unsettled.get(source, (0, 0, 0))
            answered = totals[source] - due - asked - failed
            figures = {"due": due, "asked": asked, "answered": answered, "failed": failed}
            found.append(SourceProgress(source=source, at_work=at_work[source], **figures))
    return found


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
