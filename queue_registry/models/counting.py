"""
Triggers that keep the counters of places: one aggregated change per statement, however many rows it touches.

The counters are a cache of the order and change in the transaction that changes the entries, in key order,
and only while it holds the head of the akimat's trail. Every act takes that head anyway, as its last lock, so
acts that change several entries one after another can never wait for each other's counters.
"""

from typing import Final

import pgtrigger

from queue_registry.rules.statuses import ACTIVE

ACTIVE_SQL: Final = ", ".join(f"'{status}'" for status in sorted(ACTIVE))

_DECLARE: Final = [("lists", "bigint[]"), ("months", "date[]"), ("changes", "integer[]")]
_LEFT: Final = (
    f"SELECT waiting_list_id, registered_at, -1 AS change FROM old_rows WHERE status IN ({ACTIVE_SQL})"  # noqa: S608 - codes of ours
)
_CAME: Final = (
    f"SELECT waiting_list_id, registered_at, 1 AS change FROM new_rows WHERE status IN ({ACTIVE_SQL})"  # noqa: S608 - codes of ours
)


def _function(rows: str) -> str:
    return f"""
        SELECT
            array_agg(waiting_list_id ORDER BY waiting_list_id, month),
            array_agg(month ORDER BY waiting_list_id, month),
            array_agg(change ORDER BY waiting_list_id, month)
        INTO lists, months, changes
        FROM (
            SELECT
                waiting_list_id,
                date_trunc('month', registered_at AT TIME ZONE 'UTC')::date AS month,
                sum(change)::integer AS change
            FROM ({rows}) AS moved
            GROUP BY 1, 2
            HAVING sum(change) <> 0
        ) AS changed;
        IF lists IS NULL THEN
            RETURN NULL;
        END IF;
        PERFORM 1 FROM queue_registry_trailhead
        WHERE akimat_kato IN (
            SELECT kato FROM queue_registry_akimat AS akimat
            JOIN queue_registry_waitinglist AS list ON list.akimat_id = akimat.id
            WHERE list.id = ANY(lists)
        )
        ORDER BY akimat_kato
        FOR NO KEY UPDATE;
        INSERT INTO queue_registry_listyearcount AS counted (waiting_list_id, year, entries)
        SELECT list, date_trunc('year', month)::date, sum(change)
        FROM unnest(lists, months, changes) AS changed (list, month, change)
        GROUP BY 1, 2 HAVING sum(change) > 0 ORDER BY 1, 2
        ON CONFLICT (waiting_list_id, year) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;
        UPDATE queue_registry_listyearcount AS counted SET entries = counted.entries + lost.change
        FROM (
            SELECT list, date_trunc('year', month)::date AS year, sum(change) AS change
            FROM unnest(lists, months, changes) AS changed (list, month, change)
            GROUP BY 1, 2 HAVING sum(change) < 0 ORDER BY 1, 2
        ) AS lost
        WHERE counted.waiting_list_id = lost.list AND counted.year = lost.year;
        INSERT INTO queue_registry_listmonthcount AS counted (waiting_list_id, month, entries)
        SELECT list, month, change FROM unnest(lists, months, changes) AS changed (list, month, change)
        WHERE change > 0 ORDER BY 1, 2
        ON CONFLICT (waiting_list_id, month) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;
        UPDATE queue_registry_listmonthcount AS counted SET entries = counted.entries + lost.change
        FROM unnest(lists, months, changes) AS lost (list, month, change)
        WHERE lost.change < 0 AND counted.waiting_list_id = lost.list AND counted.month = lost.month;
        RETURN NULL;
    """  # noqa: S608 - codes of ours


def _trigger(name: str, operation: pgtrigger.Operation, rows: str, **referencing: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**referencing),  # type: ignore[no-untyped-call]
        declare=_DECLARE,
        func=_function(rows),
    )


COUNTED: Final = (
    _trigger("count_new_entries", pgtrigger.Insert, _CAME, new="new_rows"),
    _trigger(
        "count_moved_entries", pgtrigger.Update, f"{_LEFT} UNION ALL {_CAME}", old="old_rows", new="new_rows"
    ),
    _trigger("count_deleted_entries", pgtrigger.Delete, _LEFT, old="old_rows"),
)
