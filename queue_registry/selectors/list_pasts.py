"""Which lists have a past that is worth summing up, and sums that are not what their events say."""

from datetime import datetime
from typing import Final

from django.db import connection

from queue_registry.models.counting import ACTIVE_SQL

# With fewer events that are in no sum yet a page reads them as quickly.
WORTH_SUMMING: Final = 200

_DUE: Final = """
SELECT list.id FROM queue_registry_waitinglist AS list
LEFT JOIN queue_registry_listpast AS past ON past.waiting_list_id = list.id
CROSS JOIN LATERAL (
    SELECT count(*) AS events FROM (
        SELECT FROM queue_registry_queueentryevent
        WHERE waiting_list_id = list.id AND recorded_at < %(until)s
            AND recorded_at >= coalesce(past.until, '-infinity')
        LIMIT %(enough)s
    ) AS event
) AS unsummed
WHERE unsummed.events >= %(enough)s
ORDER BY past.until NULLS FIRST, list.id
"""

# Events of the past that a sum should have, by list and effect, beside the keys in the sums.
_UNLIKE: Final = f"""
SELECT akimat.kato, list.number FROM queue_registry_listpast AS past
JOIN queue_registry_waitinglist AS list ON list.id = past.waiting_list_id
JOIN queue_registry_akimat AS akimat ON akimat.id = list.akimat_id
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(cardinality(moments)), 0) AS keys,
        coalesce(sum(effect * cardinality(moments)), 0) AS sum
    FROM queue_registry_listpastsum WHERE past_id = past.id
) AS kept
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE effect <> 0) AS keys, coalesce(sum(effect), 0) AS sum FROM (
        SELECT
            (moved_to IN ({ACTIVE_SQL}))::integer
                - (kind <> 'REGISTERED' AND moved_from IN ({ACTIVE_SQL}))::integer AS effect
        FROM queue_registry_queueentryevent
        WHERE waiting_list_id = list.id AND recorded_at < past.until
            AND entry_id <> ALL (past.moved_entries)
    ) AS event
) AS counted
WHERE (kept.keys, kept.sum) <> (counted.keys, counted.sum)
ORDER BY 1, 2
"""  # noqa: S608 - codes of ours


def list_due(*, until: datetime) -> list[int]:
    """Return the lists on which much was recorded before a moment that no sum holds yet."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"until": until, "enough": WORTH_SUMMING})
        return [key for (key,) in cursor.fetchall()]


def unlike_events() -> tuple[str, ...]:
    """Return the lists whose sums are not what their events say."""
    with connection.cursor() as cursor:
        cursor.execute(_UNLIKE)
        return tuple(f"{kato} list {number}" for kato, number in cursor.fetchall())
