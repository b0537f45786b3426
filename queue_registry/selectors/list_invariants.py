"""What must hold of counters, sums, places and histories, each found by one statement."""

from functools import partial
from typing import Final

from django.db import connection

from queue_registry.models.counting import ACTIVE_SQL
from queue_registry.rules.invariants import Invariant
from queue_registry.selectors import list_pasts
from queue_registry.selectors.invariant_checks import Check

# About so many entries of every list are compared with their row number, first and last among them.
_SAMPLED: Final = 50
_MISCOUNTED: Final = """
    SELECT kato || ' list ' || number || ', ' || period
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
_MONTHS_UNLIKE_YEAR: Final = """
    SELECT kato || ' list ' || number || ', ' || year
    FROM queue_registry_listyearcount AS counted
    JOIN queue_registry_waitinglist AS list ON list.id = counted.waiting_list_id
    JOIN queue_registry_akimat AS akimat ON akimat.id = list.akimat_id
    WHERE entries <> (SELECT sum(month) FROM unnest(months) AS month)
    ORDER BY kato, number, year
"""
_LISTS_UNLIKE_AKIMAT: Final = """
    SELECT kato FROM (
        SELECT list.akimat_id, sum(entries) AS entries
        FROM queue_registry_listyearcount AS counted
        JOIN queue_registry_waitinglist AS list ON list.id = counted.waiting_list_id
        GROUP BY 1
    ) AS lists
    FULL JOIN (
        SELECT akimat_id, count(*) AS entries
        FROM queue_registry_queueentry WHERE status IN ({active}) GROUP BY 1
    ) AS waiting USING (akimat_id)
    JOIN queue_registry_akimat AS akimat ON akimat.id = akimat_id
    WHERE coalesce(lists.entries, 0) <> coalesce(waiting.entries, 0)
    ORDER BY kato
"""
_MISPLACED: Final = """
    SELECT file_number FROM (
        SELECT
            waiting_list_id, registered_at, file_number,
            row_number() OVER in_order AS place,
            count(*) OVER (PARTITION BY waiting_list_id) AS length
        FROM queue_registry_queueentry WHERE status IN ({active})
        WINDOW in_order AS (PARTITION BY waiting_list_id ORDER BY registered_at, file_number)
    ) AS ranked
    WHERE (place = 1 OR place = length OR place % (length / {sampled} + 1) = 0)
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


def _whose(sql: str) -> tuple[str, ...]:
    """The first column of what a statement finds: file numbers, or lists and akimats by their codes."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return tuple(whose for (whose,) in cursor.fetchall())


def _check(invariant: Invariant, rule: str, sql: str) -> Check:
    return Check(invariant=invariant, rule=rule, find=partial(_whose, sql))


CHECKS: Final = (
    _check(
        Invariant.COUNTERS,
        "the counters of the years are those of a recount",
        _MISCOUNTED.format(unit="year", kept=_KEPT["year"], active=ACTIVE_SQL),
    ),
    _check(
        Invariant.COUNTERS,
        "the counters of the months are those of a recount",
        _MISCOUNTED.format(unit="month", kept=_KEPT["month"], active=ACTIVE_SQL),
    ),
    _check(Invariant.SUMS, "the months of a year make the year", _MONTHS_UNLIKE_YEAR),
    _check(
        Invariant.SUMS,
        "the lists of an akimat together have as many as wait in it",
        _LISTS_UNLIKE_AKIMAT.format(active=ACTIVE_SQL),
    ),
    _check(
        Invariant.PLACES,
        "a place is the number of the row in its list",
        _MISPLACED.format(active=ACTIVE_SQL, sampled=_SAMPLED),
    ),
    _check(Invariant.HISTORY, "an event begins where the one before it ended", _BROKEN_HISTORY),
    Check(
        invariant=Invariant.SUMS,
        rule="the sums of a list's past are those of its events",
        find=list_pasts.unlike_events,
    ),
)
