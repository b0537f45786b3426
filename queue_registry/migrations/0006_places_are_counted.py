import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

# How many active entries of a list stand before a registration moment and file number: years before, months of
# the year before, and entries of the month one by one. Planned once a connection, asked in one statement.
AHEAD = """
CREATE FUNCTION queue_registry_ahead(list bigint, moment timestamptz, number varchar) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    month_from CONSTANT timestamp := date_trunc('month', moment AT TIME ZONE 'UTC');
    year_from CONSTANT timestamp := date_trunc('year', month_from);
BEGIN
    RETURN
        (SELECT coalesce(sum(entries), 0) FROM queue_registry_listyearcount
         WHERE waiting_list_id = list AND year < year_from::date)
        + (SELECT coalesce(sum(entries), 0) FROM queue_registry_listmonthcount
           WHERE waiting_list_id = list AND month >= year_from::date AND month < month_from::date)
        + (SELECT count(*) FROM queue_registry_queueentry
           WHERE waiting_list_id = list AND status IN ('OFFERED', 'SUSPENDED', 'WAITING')
             AND registered_at >= month_from AT TIME ZONE 'UTC'
             AND (registered_at, file_number) < (moment, number));
END
$$;
"""

# What stands on the lists when the counters begin; from here on the triggers keep them.
COUNT = """
INSERT INTO queue_registry_listyearcount (waiting_list_id, year, entries)
SELECT waiting_list_id, date_trunc('year', registered_at AT TIME ZONE 'UTC')::date, count(*)
FROM queue_registry_queueentry WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING') GROUP BY 1, 2;
INSERT INTO queue_registry_listmonthcount (waiting_list_id, month, entries)
SELECT waiting_list_id, date_trunc('month', registered_at AT TIME ZONE 'UTC')::date, count(*)
FROM queue_registry_queueentry WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING') GROUP BY 1, 2;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
UNCOUNT = "DELETE FROM queue_registry_listyearcount; DELETE FROM queue_registry_listmonthcount;"


class Migration(migrations.Migration):
    dependencies = [
        ("queue_registry", "0005_events_name_their_list"),
    ]

    operations = [
        migrations.RunSQL(COUNT, UNCOUNT),
        pgtrigger.migrations.AddTrigger(
            model_name="queueentry",
            trigger=pgtrigger.compiler.Trigger(
                name="count_new_entries",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE lists bigint[]; months date[]; changes integer[];",
                    func="\n        SELECT\n            array_agg(waiting_list_id ORDER BY waiting_list_id, month),\n            array_agg(month ORDER BY waiting_list_id, month),\n            array_agg(change ORDER BY waiting_list_id, month)\n        INTO lists, months, changes\n        FROM (\n            SELECT\n                waiting_list_id,\n                date_trunc('month', registered_at AT TIME ZONE 'UTC')::date AS month,\n                sum(change)::integer AS change\n            FROM (SELECT waiting_list_id, registered_at, 1 AS change FROM new_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING')) AS moved\n            GROUP BY 1, 2\n            HAVING sum(change) <> 0\n        ) AS changed;\n        IF lists IS NULL THEN\n            RETURN NULL;\n        END IF;\n        PERFORM 1 FROM queue_registry_trailhead\n        WHERE akimat_kato IN (\n            SELECT kato FROM queue_registry_akimat AS akimat\n            JOIN queue_registry_waitinglist AS list ON list.akimat_id = akimat.id\n            WHERE list.id = ANY(lists)\n        )\n        ORDER BY akimat_kato\n        FOR NO KEY UPDATE;\n        INSERT INTO queue_registry_listyearcount AS counted (waiting_list_id, year, entries)\n        SELECT list, date_trunc('year', month)::date, sum(change)\n        FROM unnest(lists, months, changes) AS changed (list, month, change)\n        GROUP BY 1, 2 HAVING sum(change) > 0 ORDER BY 1, 2\n        ON CONFLICT (waiting_list_id, year) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;\n        UPDATE queue_registry_listyearcount AS counted SET entries = counted.entries + lost.change\n        FROM (\n            SELECT list, date_trunc('year', month)::date AS year, sum(change) AS change\n            FROM unnest(lists, months, changes) AS changed (list, month, change)\n            GROUP BY 1, 2 HAVING sum(change) < 0 ORDER BY 1, 2\n        ) AS lost\n        WHERE counted.waiting_list_id = lost.list AND counted.year = lost.year;\n        INSERT INTO queue_registry_listmonthcount AS counted (waiting_list_id, month, entries)\n        SELECT list, month, change FROM unnest(lists, months, changes) AS changed (list, month, change)\n        WHERE change > 0 ORDER BY 1, 2\n        ON CONFLICT (waiting_list_id, month) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;\n        UPDATE queue_registry_listmonthcount AS counted SET entries = counted.entries + lost.change\n        FROM unnest(lists, months, changes) AS lost (list, month, change)\n        WHERE lost.change < 0 AND counted.waiting_list_id = lost.list AND counted.month = lost.month;\n        RETURN NULL;\n    ",
                    hash="ea6fe3c0daa7c34f68f504bb955fb3c1116123c6",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_count_new_entries_eda8e",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="queue_registry_queueentry",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="queueentry",
            trigger=pgtrigger.compiler.Trigger(
                name="count_moved_entries",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE lists bigint[]; months date[]; changes integer[];",
                    func="\n        SELECT\n            array_agg(waiting_list_id ORDER BY waiting_list_id, month),\n            array_agg(month ORDER BY waiting_list_id, month),\n            array_agg(change ORDER BY waiting_list_id, month)\n        INTO lists, months, changes\n        FROM (\n            SELECT\n                waiting_list_id,\n                date_trunc('month', registered_at AT TIME ZONE 'UTC')::date AS month,\n                sum(change)::integer AS change\n            FROM (SELECT waiting_list_id, registered_at, -1 AS change FROM old_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING') UNION ALL SELECT waiting_list_id, registered_at, 1 AS change FROM new_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING')) AS moved\n            GROUP BY 1, 2\n            HAVING sum(change) <> 0\n        ) AS changed;\n        IF lists IS NULL THEN\n            RETURN NULL;\n        END IF;\n        PERFORM 1 FROM queue_registry_trailhead\n        WHERE akimat_kato IN (\n            SELECT kato FROM queue_registry_akimat AS akimat\n            JOIN queue_registry_waitinglist AS list ON list.akimat_id = akimat.id\n            WHERE list.id = ANY(lists)\n        )\n        ORDER BY akimat_kato\n        FOR NO KEY UPDATE;\n        INSERT INTO queue_registry_listyearcount AS counted (waiting_list_id, year, entries)\n        SELECT list, date_trunc('year', month)::date, sum(change)\n        FROM unnest(lists, months, changes) AS changed (list, month, change)\n        GROUP BY 1, 2 HAVING sum(change) > 0 ORDER BY 1, 2\n        ON CONFLICT (waiting_list_id, year) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;\n        UPDATE queue_registry_listyearcount AS counted SET entries = counted.entries + lost.change\n        FROM (\n            SELECT list, date_trunc('year', month)::date AS year, sum(change) AS change\n            FROM unnest(lists, months, changes) AS changed (list, month, change)\n            GROUP BY 1, 2 HAVING sum(change) < 0 ORDER BY 1, 2\n        ) AS lost\n        WHERE counted.waiting_list_id = lost.list AND counted.year = lost.year;\n        INSERT INTO queue_registry_listmonthcount AS counted (waiting_list_id, month, entries)\n        SELECT list, month, change FROM unnest(lists, months, changes) AS changed (list, month, change)\n        WHERE change > 0 ORDER BY 1, 2\n        ON CONFLICT (waiting_list_id, month) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;\n        UPDATE queue_registry_listmonthcount AS counted SET entries = counted.entries + lost.change\n        FROM unnest(lists, months, changes) AS lost (list, month, change)\n        WHERE lost.change < 0 AND counted.waiting_list_id = lost.list AND counted.month = lost.month;\n        RETURN NULL;\n    ",
                    hash="257dfbc9ca5a8d3e51bfdfd7e8d253848ce6229b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_count_moved_entries_499a4",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="queue_registry_queueentry",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="queueentry",
            trigger=pgtrigger.compiler.Trigger(
                name="count_deleted_entries",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE lists bigint[]; months date[]; changes integer[];",
                    func="\n        SELECT\n            array_agg(waiting_list_id ORDER BY waiting_list_id, month),\n            array_agg(month ORDER BY waiting_list_id, month),\n            array_agg(change ORDER BY waiting_list_id, month)\n        INTO lists, months, changes\n        FROM (\n            SELECT\n                waiting_list_id,\n                date_trunc('month', registered_at AT TIME ZONE 'UTC')::date AS month,\n                sum(change)::integer AS change\n            FROM (SELECT waiting_list_id, registered_at, -1 AS change FROM old_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING')) AS moved\n            GROUP BY 1, 2\n            HAVING sum(change) <> 0\n        ) AS changed;\n        IF lists IS NULL THEN\n            RETURN NULL;\n        END IF;\n        PERFORM 1 FROM queue_registry_trailhead\n        WHERE akimat_kato IN (\n            SELECT kato FROM queue_registry_akimat AS akimat\n            JOIN queue_registry_waitinglist AS list ON list.akimat_id = akimat.id\n            WHERE list.id = ANY(lists)\n        )\n        ORDER BY akimat_kato\n        FOR NO KEY UPDATE;\n        INSERT INTO queue_registry_listyearcount AS counted (waiting_list_id, year, entries)\n        SELECT list, date_trunc('year', month)::date, sum(change)\n        FROM unnest(lists, months, changes) AS changed (list, month, change)\n        GROUP BY 1, 2 HAVING sum(change) > 0 ORDER BY 1, 2\n        ON CONFLICT (waiting_list_id, year) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;\n        UPDATE queue_registry_listyearcount AS counted SET entries = counted.entries + lost.change\n        FROM (\n            SELECT list, date_trunc('year', month)::date AS year, sum(change) AS change\n            FROM unnest(lists, months, changes) AS changed (list, month, change)\n            GROUP BY 1, 2 HAVING sum(change) < 0 ORDER BY 1, 2\n        ) AS lost\n        WHERE counted.waiting_list_id = lost.list AND counted.year = lost.year;\n        INSERT INTO queue_registry_listmonthcount AS counted (waiting_list_id, month, entries)\n        SELECT list, month, change FROM unnest(lists, months, changes) AS changed (list, month, change)\n        WHERE change > 0 ORDER BY 1, 2\n        ON CONFLICT (waiting_list_id, month) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;\n        UPDATE queue_registry_listmonthcount AS counted SET entries = counted.entries + lost.change\n        FROM unnest(lists, months, changes) AS lost (list, month, change)\n        WHERE lost.change < 0 AND counted.waiting_list_id = lost.list AND counted.month = lost.month;\n        RETURN NULL;\n    ",
                    hash="06cb785382b913aa87e60851cd6a57652f7f3abf",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_count_deleted_entries_0b398",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="queue_registry_queueentry",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(AHEAD, "DROP FUNCTION queue_registry_ahead(bigint, timestamptz, varchar)"),
    ]
