"""
What happened on one list, month by month and part by part, counted out of its events in one statement; and
what is foreseen of lists.

A household stands in the way of those behind it while it waits or has an offer; whoever is held keeps the
place and stands in nobody's way.
"""

import functools
import json
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef

from queue_registry.models import QueueEntry, WaitingList
from queue_registry.rules.calendar import TIME_ZONE
from queue_registry.rules.statuses import ACTIVE, HELD, QueueEntryStatus
from queue_registry.rules.waiting import PARTS, Outlook, Range, Tested, from_document
from queue_registry.rules.waiting_past import Part, Past

# Of so many lists a process keeps what is foreseen, those asked for last.
_LISTS: Final = 512
_WAY: Final = ", ".join(f"'{status}'" for status in sorted(ACTIVE - HELD))
_BESIDE: Final = ", ".join(f"'{status}'" for status in sorted(HELD))
_HOUSED: Final = f"'{QueueEntryStatus.HOUSED}'"

# The entries that were ever on the list, cut by registration moment; then every event as what left the way
# and what came into it, by part and month.
_COUNTS: Final = f"""
WITH cuts AS (
    SELECT coalesce(
        percentile_disc(%(shares)s::float8[]) WITHIN GROUP (ORDER BY registered_at), '{{}}'
    ) AS moments
    FROM queue_registry_queueentry WHERE waiting_list_id = %(list)s
), told AS (
    SELECT
        event.recorded_at, event.registered_at, event.moved_to,
        event.waiting_list_id = %(list)s AND event.moved_to IN ({_WAY}) AS is_in,
        CASE event.kind
            WHEN 'REGISTERED' THEN false
            WHEN 'LIST_CHANGED' THEN event.left_list_id = %(list)s AND event.moved_from IN ({_WAY})
            ELSE event.moved_from IN ({_WAY})
        END AS was_in,
        CASE event.kind WHEN 'REGISTERED_AT_CHANGED' THEN (
            SELECT earlier.registered_at FROM queue_registry_queueentryevent AS earlier
            WHERE earlier.entry_id = event.entry_id
                AND (earlier.recorded_at, earlier.id) < (event.recorded_at, event.id)
            ORDER BY earlier.recorded_at DESC, earlier.id DESC LIMIT 1
        ) ELSE event.registered_at END AS before
    FROM (
        SELECT * FROM queue_registry_queueentryevent WHERE waiting_list_id = %(list)s
        UNION ALL
        SELECT * FROM queue_registry_queueentryevent WHERE left_list_id = %(list)s
    ) AS event
    WHERE event.kind <> 'APPLICANT_CHANGED' AND event.recorded_at < %(until)s
), changed AS (
    SELECT told.* FROM told WHERE is_in <> was_in OR before <> registered_at
), moved AS (
    SELECT recorded_at, registered_at AS moment, 'came' AS what FROM changed WHERE is_in
    UNION ALL
    SELECT recorded_at, before, CASE moved_to WHEN {_HOUSED} THEN 'housed' ELSE 'left' END
    FROM changed WHERE was_in
)
SELECT
    width_bucket(moment, cuts.moments),
    (date_part('year', local) * 12 + date_part('month', local) - 1)::integer,
    what,
    count(*),
    count(*) FILTER (WHERE what = 'came' AND moment < recorded_at - interval '1 month')
FROM moved, cuts, LATERAL (SELECT recorded_at AT TIME ZONE %(zone)s AS local) AS clock
GROUP BY 1, 2, 3
"""  # noqa: S608 - codes of ours

_HELD: Final = f"""
WITH cuts AS (
    SELECT coalesce(
        percentile_disc(%(shares)s::float8[]) WITHIN GROUP (ORDER BY registered_at), '{{}}'
    ) AS moments
    FROM queue_registry_queueentry WHERE waiting_list_id = %(list)s
), held AS (
    SELECT width_bucket(registered_at, cuts.moments) AS part, count(*) AS entries
    FROM queue_registry_queueentry, cuts
    WHERE waiting_list_id = %(list)s AND status IN ({_BESIDE}) GROUP BY 1
)
SELECT part, coalesce(entries, 0), (
    SELECT (date_part('year', cut) * 12 + date_part('month', cut))::integer
    FROM (SELECT cuts.moments[part + 1] AT TIME ZONE %(zone)s AS cut) AS local
)
FROM cuts, generate_series(0, {PARTS - 1}) AS part LEFT JOIN held USING (part) ORDER BY part
"""  # noqa: S608 - codes of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What is told of one place: the range, how often such ranges held on its list, of which day it is."""

    range: Range
    tested: Tested
    on: date


def get_past(waiting_list: WaitingList, *, on: date) -> Past:
    """Return what happened on a list in all whole months before a day."""
    end = on.replace(day=1)
    rows = _rows(_COUNTS, waiting_list, until=end)
    last = _number(end) - 1
    first = min((month for _, month, *_ in rows), default=last + 1)
    months = last - first + 1
    counts = {name: [[0] * months for _ in range(PARTS)] for name in ("came", "late", "housed", "left")}
    for part, month, what, number, late in rows:
        counts[what][part][month - first] += number
        counts["late"][part][month - first] += late if month > first else 0
    return Past(
        [
            Part(
                closed=months if closed is None else min(max(closed - first, 0), months),
                came=tuple(counts["came"][part]),
                late=tuple(counts["late"][part]),
                housed=tuple(counts["housed"][part]),
                left=tuple(counts["left"][part]),
                held=held,
            )
            for part, held, closed in _rows(_HELD, waiting_list, until=end)
        ]
    )


def list_due(*, on: date) -> list[int]:
    """Return the lists of which nothing is foreseen from a day's knowledge yet, the longest ago first."""
    return list(
        WaitingList.objects.filter(Exists(QueueEntry.objects.filter(waiting_list=OuterRef("pk"))))
        .exclude(expected_waiting__on__gte=on)
        .order_by("expected_waiting__on", "pk")
        .values_list("pk", flat=True)
    )


def hint_of(outlook: str | None, *, on: date | None, place: int) -> Hint | None:
    """
    Return what can be foreseen of a place, or None where the list's past tells too little.

    :param outlook: the JSON of the list's `ExpectedWaiting`, as the database writes it, and `on` its day.
    """
    known = _known(outlook) if outlook is not None else None
    if known is None or on is None:
        return None
    foreseen = known.range_for(place - 1)
    return Hint(range=foreseen, tested=known.tested, on=on) if foreseen is not None else None


@functools.lru_cache(maxsize=_LISTS)
def _known(outlook: str) -> Outlook | None:
    """What one text says never changes: the same for every place of a list, so it is read once a process."""
    document = json.loads(outlook)
    return from_document(document) if document is not None else None


def _rows(statement: str, waiting_list: WaitingList, *, until: date) -> list[tuple[Any, ...]]:
    parameters: dict[str, Any] = {
        "list": waiting_list.pk,
        "zone": TIME_ZONE.key,
        "shares": [number / PARTS for number in range(1, PARTS)],
        "until": datetime.combine(until, time(), tzinfo=TIME_ZONE),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1
