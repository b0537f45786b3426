"""States of the register that must not exist, each found by one query."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from queue_registry.models import Application, QueueEntry, QueueEntryEvent, StaffMembership
from queue_registry.models.counting import ACTIVE_SQL
from queue_registry.rules.file_number import file_number
from queue_registry.rules.roles import Role, conflicting
from queue_registry.selectors import list_pasts

# About so many entries of every list are compared with their row number, first and last among them.
_SAMPLED: Final = 50
_MISCOUNTED: Final = """
    SELECT kato, number, period
    FROM (
        SELECT waiting_list_id, period, entries FROM ({kept}) AS counters WHERE entries <> 0
    ) AS kept
    FULL JOIN (
        SELECT
            waiting_list_id,
            date_trunc('{unit}', registered_at AT TIME ZONE 'UTC')::date AS period,
            count(*) AS entries
        FROM queue_registry_queueentry WHERE status IN ({active}) GROUP BY 1, 2
    ) AS recounted USING (waiting_list_id, period)
    JOIN queue_registry_waitinglist AS list ON list.id = waiting_list_id
    JOIN queue_registry_akimat AS akimat ON akimat.id = list.akimat_id
    WHERE kept.entries IS DISTINCT FROM recounted.entries
    ORDER BY kato, number, period
"""
_KEPT: Final = {
    "year": "SELECT waiting_list_id, year AS period, entries FROM queue_registry_listyearcount",
    "month": """
        SELECT
            waiting_list_id,
            (year + make_interval(months => number::integer - 1))::date AS period,
            month.entries
        FROM queue_registry_listyearcount, unnest(months) WITH ORDINALITY AS month (entries, number)
    """,
}
_MISPLACED: Final = """
    SELECT file_number FROM (
        SELECT
            waiting_list_id, registered_at, file_number,
            row_number() OVER in_order AS place,
            count(*) OVER (PARTITION BY waiting_list_id) AS length
        FROM queue_registry_queueentry WHERE status IN ({active})
        WINDOW in_order AS (PARTITION BY waiting_list_id ORDER BY registered_at, file_number)
    ) AS ranked
    WHERE (place = 1 OR place = length OR place %% (length / %s + 1) = 0)
        AND place <> 1 + queue_registry_ahead(waiting_list_id, registered_at, file_number)
    ORDER BY file_number
"""
_BROKEN_HISTORY: Final = """
    SELECT DISTINCT file_number FROM (
        SELECT
            entry_id, kind, moved_from, waiting_list_id, left_list_id,
            lag(moved_to, 1, '') OVER in_order AS was,
            lag(waiting_list_id) OVER in_order AS was_on
        FROM queue_registry_queueentryevent
        WINDOW in_order AS (PARTITION BY entry_id ORDER BY recorded_at, id)
    ) AS event
    JOIN queue_registry_queueentry AS entry ON entry.id = entry_id
    WHERE moved_from <> was
        OR (kind = 'REGISTERED') <> (was = '')
        OR was_on <> coalesce(left_list_id, event.waiting_list_id)
    ORDER BY file_number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """A state that must not exist: which rule it breaks, and whose: file numbers, or user names of staff."""

    rule: str
    whose: tuple[str, ...]


def _newest_event(column: str) -> Subquery:
    newest = QueueEntryEvent.objects.filter(entry=OuterRef("pk")).order_by("-recorded_at", "-pk")
    return Subquery(newest.values(column)[:1])


def _entries() -> Iterator[tuple[str, QuerySet[QueueEntry]]]:
    entries = QueueEntry.objects.all()
    yield (
        "every entry has an event",
        entries.filter(~Exists(QueueEntryEvent.objects.filter(entry=OuterRef("pk")))),
    )
    yield (
        "the status is the newest event's",
        entries.annotate(newest=_newest_event("moved_to")).exclude(newest=F("status")),
    )
    yield (
        "the registration moment is the newest event's",
        entries.annotate(newest=_newest_event("registered_at")).exclude(newest=F("registered_at")),
    )
    yield (
        "the list is the newest event's",
        entries.annotate(newest=_newest_event("list_number")).exclude(newest=F("waiting_list__number")),
    )
    yield (
        "the newest event names the entry's list",
        entries.annotate(newest=_newest_event("waiting_list")).exclude(newest=F("waiting_list")),
    )
    yield (
        "an entry repeats its application's file number",
        entries.exclude(file_number=F("application__file_number")),
    )
    yield (
        "an entry repeats its application's applicant",
        entries.exclude(applicant=F("application__applicant")),
    )
    yield "an entry stands in its application's akimat", entries.exclude(akimat=F("application__akimat"))
    yield "a list belongs to the entry's akimat", entries.exclude(akimat=F("waiting_list__akimat"))


def impossible() -> list[Impossible]:
    """Return every rule of the register that some row breaks."""
    found = [
        Impossible(rule=rule, whose=tuple(rows.order_by("file_number").values_list("file_number", flat=True)))
        for rule, rows in _entries()
    ]
    found += [Impossible(rule=rule, whose=whose()) for rule, whose in _PLACES]
    found.append(Impossible(rule="a file number is made of KATO and running number", whose=_misnumbered()))
    found.append(Impossible(rule="nobody holds incompatible roles in one akimat", whose=_two_hats()))
    return [item for item in found if item.whose]


def _miscounted(unit: str) -> tuple[str, ...]:
    """Lists and periods whose counter is not what a full recount of the entries gives."""
    with connection.cursor() as cursor:
        cursor.execute(_MISCOUNTED.format(unit=unit, kept=_KEPT[unit], active=ACTIVE_SQL))
        return tuple(f"{kato} list {number}, {period}" for kato, number, period in cursor.fetchall())


def _misplaced() -> tuple[str, ...]:
    """File numbers of a sample, spread over every list, whose place is not their row number in it."""
    with connection.cursor() as cursor:
        cursor.execute(_MISPLACED.format(active=ACTIVE_SQL), [_SAMPLED])
        return tuple(file_number for (file_number,) in cursor.fetchall())


def _unlike_events() -> tuple[str, ...]:
    """File numbers of entries one of whose events does not begin where the one before it ended."""
    with connection.cursor() as cursor:
        cursor.execute(_BROKEN_HISTORY)
        return tuple(file_number for (file_number,) in cursor.fetchall())


_PLACES: Final = (
    ("the counters of the years are those of a recount", partial(_miscounted, "year")),
    ("the counters of the months are those of a recount", partial(_miscounted, "month")),
    ("a place is the number of the row in its list", _misplaced),
    ("an event begins where the one before it ended", _unlike_events),
    ("the sums of a list's past are those of its events", list_pasts.unlike_events),
)


def _two_hats() -> tuple[str, ...]:
    """User names; a role that ended is none."""
    held: dict[tuple[str, int], set[Role]] = defaultdict(set)
    rows = StaffMembership.objects.filter(until_on__isnull=True)
    for username, akimat, role in rows.values_list("user__username", "akimat", "role").order_by("pk"):
        held[username, akimat].add(Role(role))
    return tuple(sorted(username for (username, _), roles in held.items() if conflicting(frozenset(roles))))


def _misnumbered() -> tuple[str, ...]:
    rows = Application.objects.values_list("file_number", "running_number", "akimat__kato").order_by("pk")
    return tuple(
        number
        for number, running, kato in rows.iterator(chunk_size=5_000)
        if number != file_number(kato=kato, running_number=running)
    )
