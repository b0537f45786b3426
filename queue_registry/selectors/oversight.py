"""
What an auditor asks: who did what to a case, a person, by an officer; who looked; who was removed and why;
and whether the totals of every list and day add up.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from queue_registry.models import (
    Akimat,
    Application,
    AuditEvent,
    HouseholdMember,
    Person,
    PersonalDataView,
    QueueEntry,
    QueueEntryEvent,
    RemovalCase,
    Review,
)
from queue_registry.rules.calendar import TIME_ZONE
from queue_registry.rules.statuses import ACTIVE, QueueEntryStatus
from queue_registry.selectors import as_of

# What was recorded at a moment is known just after it.
_INSTANT: Final = timedelta(microseconds=1)
_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")


def start_of(day: date) -> datetime:
    """Return the first moment of a day by Almaty's calendar."""
    return datetime.combine(day, time(), tzinfo=TIME_ZONE)


def _within(column: str, since: date | None, until: date | None) -> Q:
    """Rows from one day up to and with another."""
    kept = Q()
    if since is not None:
        kept &= Q(**{f"{column}__gte": start_of(since)})
    if until is not None:
        kept &= Q(**{f"{column}__lt": start_of(until + timedelta(days=1))})
    return kept


def targets_of_case(application: Application) -> frozenset[str]:
    """Return the names by which the trail calls an application and everything that belongs to it."""
    joined = [
        application.pk,
        *Application.objects.filter(joined_into=application).values_list("pk", flat=True),
    ]
    entries = list(QueueEntry.objects.filter(application__in=joined).values_list("pk", flat=True))
    names = {f"application:{pk}" for pk in joined} | {f"queue_entry:{pk}" for pk in entries}
    for model, keys in ((Application, joined), (QueueEntry, entries)):
        # Whatever hangs on them, of other apps, too: offers, for one.
        for relation in model._meta.related_objects:  # noqa: SLF001 - Django's documented way
            if relation.related_model is Application:
                continue
            rows = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": keys})  # noqa: SLF001
            kind = _WORD.sub("_", relation.related_model.__name__).lower()
            names |= {f"{kind}:{pk}" for pk in rows.values_list("pk", flat=True)}
    return frozenset(names)


def applications_of(person: Person, akimat: Akimat) -> QuerySet[Application]:
    """Return the applications of an akimat in which a person is the applicant or a named member."""
    named = HouseholdMember.objects.filter(person=person).values("application")
    return (
        Application.objects.filter(Q(applicant=person) | Q(pk__in=named), akimat=akimat)
        .select_related("applicant")
        .order_by("running_number")
    )


def targets_of_person(person: Person, akimat: Akimat) -> frozenset[str]:
    """Return the names by which the trail calls a person and every case that the person belongs to."""
    names = {f"person:{person.pk}"}
    for application in applications_of(person, akimat):
        names |= targets_of_case(application)
    return frozenset(names)


def list_trail(
    akimat: Akimat,
    *,
    actor: str = "",
    event: str = "",
    thing: str = "",
    targets: Collection[str] | None = None,
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[AuditEvent]:
    """Return records of an akimat's chain, the newest first."""
    rows = AuditEvent.objects.filter(_within("at", since, until), akimat_kato=akimat.kato)
    if actor:
        rows = rows.filter(actor=actor)
    if event:
        rows = rows.filter(event=event)
    if thing:
        rows = rows.filter(event__startswith=f"{thing}.")
    if targets is not None:
        rows = rows.filter(target__in=targets)
    return rows.order_by("-seq")


def list_looks(
    akimat: Akimat,
    *,
    by: str = "",
    targets: Collection[str] | None = None,
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[PersonalDataView]:
    """Return looks of staff at files with personal data, the newest first."""
    rows = PersonalDataView.objects.filter(_within("at", since, until), akimat_kato=akimat.kato)
    if by:
        rows = rows.filter(by__username=by)
    if targets is not None:
        rows = rows.filter(target__in=targets)
    return rows.select_related("by").order_by("-at", "-pk")


# Removals


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """
    One removal: the event, the case that decided it, how it was contested, and whether the entry came back.

    The places are as they were known just before the removal and just after the return; None if it did not
    return.
    """

    event: QueueEntryEvent
    case: RemovalCase | None
    reviews: tuple[Review, ...] = ()
    restored: QueueEntryEvent | None = None
    place_before: int | None = None
    place_after: int | None = None


def list_removal_events(
    akimat: Akimat, *, since: date | None = None, until: date | None = None
) -> QuerySet[QueueEntryEvent]:
    """Return every event by which an entry of the akimat was removed, the newest first."""
    return (
        QueueEntryEvent.objects.filter(
            _within("recorded_at", since, until),
            entry__akimat=akimat,
            moved_to=QueueEntryStatus.DEREGISTERED,
            kind=QueueEntryEvent.Kind.MOVED,
        )
        .select_related("entry__applicant", "entry__application", "by")
        .order_by("-recorded_at", "-pk")
    )


def removals(events: Iterable[QueueEntryEvent]) -> list[Removal]:
    """Return what is known of each removal, in the order of the events; for a page of them."""
    events = list(events)
    entries = {event.entry_id for event in events}
    cases = list(
        RemovalCase.objects.filter(entry__in=entries, outcome=RemovalCase.Outcome.REMOVED)
        .select_related("proposed_by", "decided_by")
        .order_by("decided_at", "pk")
    )
    reviews = list(Review.objects.filter(removal_case__in=cases).order_by("opened_at", "pk"))
    returns = list(
        QueueEntryEvent.objects.filter(entry__in=entries, moved_from=QueueEntryStatus.DEREGISTERED)
        .filter(kind=QueueEntryEvent.Kind.MOVED)
        .order_by("recorded_at", "pk")
    )
    return [_removal(event, cases, reviews, returns) for event in events]


def _removal(
    event: QueueEntryEvent,
    cases: list[RemovalCase],
    reviews: list[Review],
    returns: list[QueueEntryEvent],
) -> Removal:
    decided = [
        case
        for case in cases
        if case.entry_id == event.entry_id and case.decided_at and case.decided_at <= event.recorded_at
    ]
    case = decided[-1] if decided else None
    key = (event.recorded_at, event.pk)
    restored = next(
        (row for row in returns if row.entry_id == event.entry_id and (row.recorded_at, row.pk) > key), None
    )
    return Removal(
        event=event,
        case=case,
        reviews=tuple(review for review in reviews if case and review.removal_case_id == case.pk),
        restored=restored,
        place_before=_place(event.entry, before=event.recorded_at) if restored else None,
        place_after=_place(event.entry, before=restored.recorded_at + _INSTANT) if restored else None,
    )


def _place(entry: QueueEntry, *, before: datetime) -> int | None:
    state = as_of.get_entry(entry, before=before)
    return state.place if state else None


# Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """
    What a list had at the start of a day or of a period, what came and went by cause, what it had at the end.
    """

    list_number: str
    since: date
    until: date
    start: int
    came: dict[str, int]
    went: dict[str, int]

    @property
    def came_in(self) -> int:
        return sum(self.came.values())

    @property
    def went_out(self) -> int:
        return sum(self.went.values())

    @property
    def end(self) -> int:
        return self.start + self.came_in - self.went_out


# Each event beside the one before it: what the entry was, and what it became.
_MOVEMENTS: Final = """
    WITH steps AS (
        SELECT
            (event.recorded_at AT TIME ZONE 'Asia/Almaty')::date AS day,
            event.list_number AS list, event.moved_to AS status, event.moved_to = ANY(%(active)s) AS stands,
            lag(event.list_number) OVER earlier AS was_list, lag(event.moved_to) OVER earlier AS was_status,
            coalesce(lag(event.moved_to) OVER earlier = ANY(%(active)s), false) AS stood
        FROM queue_registry_queueentryevent AS event
        JOIN queue_registry_queueentry AS entry ON entry.id = event.entry_id
        WHERE entry.akimat_id = %(akimat)s
        WINDOW earlier AS (PARTITION BY event.entry_id ORDER BY event.recorded_at, event.id)
    ), movements AS (
        SELECT list, day, true AS inward, CASE
            WHEN was_status IS NULL THEN 'REGISTERED'
            WHEN stood THEN 'FROM_ANOTHER_LIST'
            WHEN was_status = 'DEREGISTERED' THEN 'REINSTATED'
            ELSE 'RETURNED' END AS cause
        FROM steps WHERE stands AND (NOT stood OR was_list <> list)
        UNION ALL
        SELECT was_list, day, false, CASE WHEN stands THEN 'TO_ANOTHER_LIST' ELSE status END
        FROM steps WHERE stood AND (NOT stands OR was_list <> list)
    )
    SELECT list, day, inward, cause, count(*) FROM movements
    GROUP BY list, day, inward, cause ORDER BY list, day, inward DESC, cause
"""


def list_day_totals(akimat: Akimat, *, since: date, until: date) -> list[Total]:
    """Return a total of each list and each day of a period on which something came or went."""
    totals: list[Total] = []
    for number, days in _movements(akimat).items():
        standing = 0
        for day, (came, went) in days.items():
            total = Total(list_number=number, since=day, until=day, start=standing, came=came, went=went)
            standing = total.end
            if since <= day <= until:
                totals.append(total)
    return totals


def list_period_totals(akimat: Akimat, *, since: date, until: date) -> list[Total]:
    """Return a total of each list over a whole period."""
    totals = []
    for number, days in _movements(akimat).items():
        before = [moved for day, moved in days.items() if day < since]
        within = [moved for day, moved in days.items() if since <= day <= until]
        start = sum(sum(came.values()) - sum(went.values()) for came, went in before)
        totals.append(
            Total(
                list_number=number,
                since=since,
                until=until,
                start=start,
                came=_summed(came for came, _ in within),
                went=_summed(went for _, went in within),
            )
        )
    return totals


def _movements(akimat: Akimat) -> dict[str, dict[date, tuple[dict[str, int], dict[str, int]]]]:
    """What came and went by cause, by list and day, the earliest day first."""
    lists: dict[str, dict[date, tuple[dict[str, int], dict[str, int]]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MOVEMENTS, {"akimat": akimat.pk, "active": sorted(ACTIVE)})
        for number, day, inward, cause, count in cursor.fetchall():
            came, went = lists.setdefault(number, {}).setdefault(day, ({}, {}))
            (came if inward else went)[cause] = count
    return lists


def _summed(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    summed: dict[str, int] = {}
    for by_cause in counts:
        for cause, count in by_cause.items():
            summed[cause] = summed.get(cause, 0) + count
    return summed
