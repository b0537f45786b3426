"""
Triggers that keep the counters of places: one aggregated change per statement, however many rows it touches.

The counters are a cache of the order and change in the transaction that changes the entries (of many entries
in key order), and only while it holds the head of the akimat's trail: who changes an entry has recorded it by
then, for all others the trigger takes the head. So acts that change several entries one after another never
wait for each other's counters.

The counters of changed entries are kept by a plain trigger (`count_moved_entries`, migration 0044): every
single move pays for it, so it asks nobody whether it should stand aside, and counts one entry without groups.
"""

from typing import Final

import pgtrigger

from queue_registry.rules.statuses import ACTIVE

ACTIVE_SQL: Final = ", ".join(f"'{status}'" for status in sorted(ACTIVE))

_COUNT: Final = f"""
        SELECT
            array_agg(waiting_list_id ORDER BY waiting_list_id, month),
            array_agg(month ORDER BY waiting_list_id, month),
            array_agg(change ORDER BY waiting_list_id, month)
        INTO lists, months, changes
        FROM (
            SELECT
                waiting_list_id,
                date_trunc('month', registered_at AT TIME ZONE 'UTC')::date AS month,
                {{sign}} count(*) AS change
            FROM {{rows}} WHERE status IN ({ACTIVE_SQL})
            GROUP BY 1, 2
        ) AS changed;
        IF lists IS NOT NULL THEN
            PERFORM queue_registry_count(lists, months, changes);
        END IF;
        RETURN NULL;
"""  # noqa: S608 - codes of ours
_DECLARED: Final = [("lists", "bigint[]"), ("months", "date[]"), ("changes", "bigint[]")]

COUNTED: Final = (
    pgtrigger.Trigger(
        name="count_new_entries",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
        declare=_DECLARED,
        func=_COUNT.format(sign="", rows="new_rows"),
    ),
    pgtrigger.Trigger(
        name="count_deleted_entries",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        referencing=pgtrigger.Referencing(old="old_rows"),  # type: ignore[no-untyped-call]
        declare=_DECLARED,
        func=_COUNT.format(sign="-", rows="old_rows"),
    ),
)
