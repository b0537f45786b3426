"""
Triggers that keep the counters of places: one aggregated change per statement, however many rows it touches.

The counters are a cache of the order and change in the transaction that changes the entries (of many entries
in key order), and only while it holds the head of the akimat's trail. Every act takes that head anyway, as
its last lock, so acts that change several entries one after another can never wait for each other's counters.

The counters of changed entries are kept by a plain trigger (`count_moved_entries`, migration 0011): every
single move pays for it, so it asks nobody whether it should stand aside, and counts one entry without groups.
"""

from typing import Final

import pgtrigger

from queue_registry.rules.statuses import ACTIVE

ACTIVE_SQL: Final = ", ".join(f"'{status}'" for status in sorted(ACTIVE))

_LOCK: Final = """
        PERFORM 1 FROM queue_registry_trailhead
        WHERE akimat_kato = ANY(ARRAY(
            SELECT kato FROM queue_registry_akimat AS akimat
            JOIN queue_registry_waitinglist AS list ON list.akimat_id = akimat.id
            WHERE list.id = ANY(lists)
        ))
        ORDER BY akimat_kato
        FOR NO KEY UPDATE;
"""
_ADD: Final = """
        INSERT INTO queue_registry_list{unit}count AS counted (waiting_list_id, {unit}, entries)
        SELECT waiting_list_id, date_trunc('{unit}', registered_at AT TIME ZONE 'UTC')::date, count(*)
        FROM new_rows WHERE status IN ({active}) GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (waiting_list_id, {unit}) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;
"""
_CHANGE: Final = """
            UPDATE queue_registry_list{unit}count SET entries = entries + changes[i]
            WHERE waiting_list_id = lists[i] AND {unit} = date_trunc('{unit}', months[i])::date;
            IF NOT FOUND THEN
                INSERT INTO queue_registry_list{unit}count (waiting_list_id, {unit}, entries)
                VALUES (lists[i], date_trunc('{unit}', months[i])::date, changes[i]);
            END IF;
"""
_LEFT: Final = (
    f"SELECT waiting_list_id, registered_at, -1 AS change FROM old_rows WHERE status IN ({ACTIVE_SQL})"  # noqa: S608
)
_COUNT_NEW: Final = f"""
        lists := ARRAY(SELECT DISTINCT waiting_list_id FROM new_rows WHERE status IN ({ACTIVE_SQL}));
        {_LOCK}
        {_ADD.format(unit="year", active=ACTIVE_SQL)}
        {_ADD.format(unit="month", active=ACTIVE_SQL)}
        RETURN NULL;
"""  # noqa: S608 - codes of ours


def _count_changed(rows: str) -> str:
    """Counters of the changed lists and months, one after another in key order: few, however many rows."""
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
        {_LOCK}
        FOR i IN 1 .. cardinality(lists) LOOP
            {_CHANGE.format(unit="year")}
            {_CHANGE.format(unit="month")}
        END LOOP;
        RETURN NULL;
    """  # noqa: S608 - codes of ours


COUNTED: Final = (
    pgtrigger.Trigger(
        name="count_new_entries",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
        declare=[("lists", "bigint[]")],
        func=_COUNT_NEW,
    ),
    pgtrigger.Trigger(
        name="count_deleted_entries",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        referencing=pgtrigger.Referencing(old="old_rows"),  # type: ignore[no-untyped-call]
        declare=[("lists", "bigint[]"), ("months", "date[]"), ("changes", "integer[]")],
        func=_count_changed(_LEFT),
    ),
)
