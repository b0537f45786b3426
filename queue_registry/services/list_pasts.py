"""
The pasts of lists, summed up out of their events for the pages that tell how a place changed. It decides
nothing and says nothing new, so it makes no record of the trail; it can be made again at any time.
"""

from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from queue_registry.models import ListPast
from queue_registry.models.counting import ACTIVE_SQL
from queue_registry.rules.calendar import TIME_ZONE

# So many to whom something happened at the same moment (an import, a round) are sums of their own: nobody's
# time on the list begins in the middle of them.
AT_ONCE: Final = 50

_MOVED_ENTRIES: Final = """
SELECT coalesce(array_agg(DISTINCT entry_id ORDER BY entry_id), '{}') FROM (
    SELECT entry_id FROM queue_registry_queueentryevent
    WHERE waiting_list_id = %(list)s AND recorded_at < %(until)s
        AND kind IN ('LIST_CHANGED', 'REGISTERED_AT_CHANGED')
    UNION
    SELECT entry_id FROM queue_registry_queueentryevent
    WHERE left_list_id = %(list)s AND recorded_at < %(until)s
) AS moved
"""

_SUMS: Final = f"""
INSERT INTO queue_registry_listpastsum (
    past_id, kind, ground, moved_to, effect, first_at, last_at, moments, file_numbers, recorded
)
SELECT
    %(past)s, kind, ground, moved_to, effect, min(recorded_at), max(recorded_at),
    array_agg(registered_at ORDER BY registered_at, file_number),
    array_agg(file_number ORDER BY registered_at, file_number),
    CASE WHEN at_once IS NULL THEN array_agg(recorded_at ORDER BY registered_at, file_number) ELSE '{{}}' END
FROM (
    SELECT
        event.kind, event.ground, event.moved_to, event.recorded_at, event.registered_at, entry.file_number,
        (event.recorded_at AT TIME ZONE %(zone)s)::date AS day,
        CASE WHEN count(*) OVER (PARTITION BY event.recorded_at) >= %(at_once)s THEN event.recorded_at END
            AS at_once,
        (event.moved_to IN ({ACTIVE_SQL}))::integer
            - (event.kind <> 'REGISTERED' AND event.moved_from IN ({ACTIVE_SQL}))::integer AS effect
    FROM queue_registry_queueentryevent AS event
    JOIN queue_registry_queueentry AS entry ON entry.id = event.entry_id
    WHERE event.waiting_list_id = %(list)s AND event.recorded_at < %(until)s
        AND event.entry_id <> ALL (%(moved)s::bigint[])
) AS told
WHERE effect <> 0
GROUP BY day, at_once, kind, ground, moved_to, effect
"""  # noqa: S608 - codes of ours


@transaction.atomic
def sum_up(*, waiting_list_id: int, until: datetime) -> ListPast:
    """Sum up what was recorded of a list before a moment; done again it is the same."""
    given: dict[str, Any] = {
        "list": waiting_list_id,
        "until": until,
        "at_once": AT_ONCE,
        "zone": TIME_ZONE.key,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVED_ENTRIES, given)
        (moved,) = cursor.fetchone()
        past, _ = ListPast.objects.update_or_create(
            waiting_list_id=waiting_list_id, defaults={"until": until, "moved_entries": moved}
        )
        past.sums.all().delete()
        cursor.execute(_SUMS, {**given, "past": past.pk, "moved": moved})
    return past
