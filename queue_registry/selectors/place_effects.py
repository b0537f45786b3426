"""
How many events moved a place, by day and reason, in one statement: those of a list's sums (`ListPast`) found
by halving, those since then and those of entries that changed their list or moment read one by one.
"""

from typing import Final

from queue_registry.models.counting import ACTIVE_SQL

# Who stands before a key, when several have its very moment: they are told apart by their file numbers.
_AHEAD_IN_SUM: Final = """
    halved.earlier + CASE WHEN halved.until_moment > halved.earlier THEN (
        SELECT count(*) FROM unnest(one.file_numbers[halved.earlier + 1:halved.until_moment]) AS number
        WHERE number < stretch.file_number
    ) ELSE 0 END
"""

# For every stretch of time through which an entry held one list, moment and status: how many stand before
# that key today, and what each event since its beginning did to that number, within the stretch and after it.
# They come as one document: the driver would look at every value of seven arrays by itself.
EFFECTS: Final = f"""
WITH stretch AS (
    SELECT given.*, past.id AS past, coalesce(past.until, '-infinity') AS until, past.moved_entries
    FROM json_to_recordset(%(stretches)s::json) AS given (
        number integer, entry bigint, list bigint, moment timestamptz, file_number varchar,
        begins timestamptz, ends timestamptz
    )
    LEFT JOIN queue_registry_listpast AS past ON past.waiting_list_id = given.list
), summed AS (
    SELECT
        stretch.number, one.first_at AS recorded_at, counted.is_within, one.kind, one.ground, one.moved_to,
        one.effect, counted.entries
    FROM stretch
    JOIN queue_registry_listpastsum AS one ON one.past_id = stretch.past AND one.last_at > stretch.begins
    CROSS JOIN LATERAL (
        SELECT
            width_bucket(stretch.moment - interval '1 microsecond', one.moments) AS earlier,
            width_bucket(stretch.moment, one.moments) AS until_moment
    ) AS halved
    CROSS JOIN LATERAL (
        SELECT one.last_at <= coalesce(stretch.ends, 'infinity') AS is_within, {_AHEAD_IN_SUM} AS entries
        WHERE one.first_at > stretch.begins
            AND (one.last_at <= coalesce(stretch.ends, 'infinity') OR one.first_at > stretch.ends)
        UNION ALL
        SELECT event.recorded_at <= coalesce(stretch.ends, 'infinity'), count(*)
        FROM unnest(one.moments, one.file_numbers, one.recorded) AS event (moment, file_number, recorded_at)
        WHERE NOT (
                one.first_at > stretch.begins
                AND (one.last_at <= coalesce(stretch.ends, 'infinity') OR one.first_at > stretch.ends)
            )
            AND event.recorded_at > stretch.begins
            AND (event.moment, event.file_number) < (stretch.moment, stretch.file_number)
        GROUP BY 1
    ) AS counted
), moved AS (
    SELECT
        stretch.number, event.recorded_at, event.kind, event.ground, event.moved_to,
        event.recorded_at <= coalesce(stretch.ends, 'infinity') AS is_within,
        (
            event.waiting_list_id = stretch.list
            AND event.moved_to IN ({ACTIVE_SQL})
            AND (
                event.registered_at < stretch.moment
                OR (event.registered_at = stretch.moment AND (
                    SELECT file_number FROM queue_registry_queueentry WHERE id = event.entry_id
                ) < stretch.file_number)
            )
        )::integer - (
            event.kind <> 'REGISTERED'
            AND coalesce(event.left_list_id, event.waiting_list_id) = stretch.list
            AND event.moved_from IN ({ACTIVE_SQL})
            AND (
                before.registered_at < stretch.moment
                OR (before.registered_at = stretch.moment AND (
                    SELECT file_number FROM queue_registry_queueentry WHERE id = event.entry_id
                ) < stretch.file_number)
            )
        )::integer AS effect
    FROM stretch
    CROSS JOIN LATERAL (
        SELECT * FROM queue_registry_queueentryevent
        WHERE waiting_list_id = stretch.list AND recorded_at > stretch.begins AND recorded_at >= stretch.until
        UNION ALL
        SELECT * FROM queue_registry_queueentryevent
        WHERE left_list_id = stretch.list AND recorded_at > stretch.begins AND recorded_at >= stretch.until
        UNION ALL
        SELECT own.* FROM unnest(stretch.moved_entries) AS mover (id)
        JOIN queue_registry_queueentryevent AS own ON own.entry_id = mover.id
        WHERE own.recorded_at > stretch.begins AND own.recorded_at < stretch.until
            AND (own.waiting_list_id = stretch.list OR own.left_list_id = stretch.list)
    ) AS event
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN event.kind IN ('REGISTERED', 'MOVED') THEN event.registered_at
            ELSE (
                SELECT earlier.registered_at FROM queue_registry_queueentryevent AS earlier
                WHERE earlier.entry_id = event.entry_id
                    AND (earlier.recorded_at, earlier.id) < (event.recorded_at, event.id)
                ORDER BY earlier.recorded_at DESC, earlier.id DESC LIMIT 1
            )
        END AS registered_at
    ) AS before
    WHERE event.entry_id <> stretch.entry
        AND (
            event.kind <> 'MOVED'
            OR (event.moved_from IN ({ACTIVE_SQL})) <> (event.moved_to IN ({ACTIVE_SQL}))
        )
), effects AS (
    SELECT number, recorded_at, is_within, kind, ground, moved_to, effect, entries FROM summed
    UNION ALL
    SELECT number, recorded_at, is_within, kind, ground, moved_to, effect, 1 FROM moved WHERE effect <> 0
)
SELECT
    number, (recorded_at AT TIME ZONE %(zone)s)::date, is_within, kind, ground, moved_to, effect,
    sum(entries)::bigint
FROM effects WHERE entries > 0 GROUP BY 1, 2, 3, 4, 5, 6, 7
UNION ALL
SELECT number, NULL, true, '', '', '', 0, queue_registry_ahead(list, moment, file_number) FROM stretch
ORDER BY 1, 2
"""  # noqa: S608 - codes of ours
