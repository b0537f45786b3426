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
                    declare="DECLARE lists bigint[];",
                    func="\n        lists := ARRAY(SELECT DISTINCT waiting_list_id FROM new_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING'));\n        \n        PERFORM 1 FROM queue_registry_trailhead\n        WHERE akimat_kato = ANY(ARRAY(\n            SELECT kato FROM queue_registry_akimat AS akimat\n            JOIN queue_registry_waitinglist AS list ON list.akimat_id = akimat.id\n            WHERE list.id = ANY(lists)\n        ))\n        ORDER BY akimat_kato\n        FOR NO KEY UPDATE;\n\n        \n        INSERT INTO queue_registry_listyearcount AS counted (waiting_list_id, year, entries)\n        SELECT waiting_list_id, date_trunc('year', registered_at AT TIME ZONE 'UTC')::date, count(*)\n        FROM new_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING') GROUP BY 1, 2 ORDER BY 1, 2\n        ON CONFLICT (waiting_list_id, year) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;\n\n        \n        INSERT INTO queue_registry_listmonthcount AS counted (waiting_list_id, month, entries)\n        SELECT waiting_list_id, date_trunc('month', registered_at AT TIME ZONE 'UTC')::date, count(*)\n        FROM new_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING') GROUP BY 1, 2 ORDER BY 1, 2\n        ON CONFLICT (waiting_list_id, month) DO UPDATE SET entries = counted.entries + EXCLUDED.entries;\n\n        RETURN NULL;\n",
                    hash="3d4c46433096f62b4ea3ca821c1e3fd144336c6f",
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
                    func="\n        SELECT\n            array_agg(waiting_list_id ORDER BY waiting_list_id, month),\n            array_agg(month ORDER BY waiting_list_id, month),\n            array_agg(change ORDER BY waiting_list_id, month)\n        INTO lists, months, changes\n        FROM (\n            SELECT\n                waiting_list_id,\n                date_trunc('month', registered_at AT TIME ZONE 'UTC')::date AS month,\n                sum(change)::integer AS change\n            FROM (SELECT waiting_list_id, registered_at, -1 AS change FROM old_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING') UNION ALL SELECT waiting_list_id, registered_at, 1 AS change FROM new_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING')) AS moved\n            GROUP BY 1, 2\n            HAVING sum(change) <> 0\n        ) AS changed;\n        IF lists IS NULL THEN\n            RETURN NULL;\n        END IF;\n        \n        PERFORM 1 FROM queue_registry_trailhead\n        WHERE akimat_kato = ANY(ARRAY(\n            SELECT kato FROM queue_registry_akimat AS akimat\n            JOIN queue_registry_waitinglist AS list ON list.akimat_id = akimat.id\n            WHERE list.id = ANY(lists)\n        ))\n        ORDER BY akimat_kato\n        FOR NO KEY UPDATE;\n\n        FOR i IN 1 .. cardinality(lists) LOOP\n            \n            UPDATE queue_registry_listyearcount SET entries = entries + changes[i]\n            WHERE waiting_list_id = lists[i] AND year = date_trunc('year', months[i])::date;\n            IF NOT FOUND THEN\n                INSERT INTO queue_registry_listyearcount (waiting_list_id, year, entries)\n                VALUES (lists[i], date_trunc('year', months[i])::date, changes[i]);\n            END IF;\n\n            \n            UPDATE queue_registry_listmonthcount SET entries = entries + changes[i]\n            WHERE waiting_list_id = lists[i] AND month = date_trunc('month', months[i])::date;\n            IF NOT FOUND THEN\n                INSERT INTO queue_registry_listmonthcount (waiting_list_id, month, entries)\n                VALUES (lists[i], date_trunc('month', months[i])::date, changes[i]);\n            END IF;\n\n        END LOOP;\n        RETURN NULL;\n    ",
                    hash="d9a763707e0f7fa4267c8b1e67e5aadb3ca74b55",
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
                    func="\n        SELECT\n            array_agg(waiting_list_id ORDER BY waiting_list_id, month),\n            array_agg(month ORDER BY waiting_list_id, month),\n            array_agg(change ORDER BY waiting_list_id, month)\n        INTO lists, months, changes\n        FROM (\n            SELECT\n                waiting_list_id,\n                date_trunc('month', registered_at AT TIME ZONE 'UTC')::date AS month,\n                sum(change)::integer AS change\n            FROM (SELECT waiting_list_id, registered_at, -1 AS change FROM old_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING')) AS moved\n            GROUP BY 1, 2\n            HAVING sum(change) <> 0\n        ) AS changed;\n        IF lists IS NULL THEN\n            RETURN NULL;\n        END IF;\n        \n        PERFORM 1 FROM queue_registry_trailhead\n        WHERE akimat_kato = ANY(ARRAY(\n            SELECT kato FROM queue_registry_akimat AS akimat\n            JOIN queue_registry_waitinglist AS list ON list.akimat_id = akimat.id\n            WHERE list.id = ANY(lists)\n        ))\n        ORDER BY akimat_kato\n        FOR NO KEY UPDATE;\n\n        FOR i IN 1 .. cardinality(lists) LOOP\n            \n            UPDATE queue_registry_listyearcount SET entries = entries + changes[i]\n            WHERE waiting_list_id = lists[i] AND year = date_trunc('year', months[i])::date;\n            IF NOT FOUND THEN\n                INSERT INTO queue_registry_listyearcount (waiting_list_id, year, entries)\n                VALUES (lists[i], date_trunc('year', months[i])::date, changes[i]);\n            END IF;\n\n            \n            UPDATE queue_registry_listmonthcount SET entries = entries + changes[i]\n            WHERE waiting_list_id = lists[i] AND month = date_trunc('month', months[i])::date;\n            IF NOT FOUND THEN\n                INSERT INTO queue_registry_listmonthcount (waiting_list_id, month, entries)\n                VALUES (lists[i], date_trunc('month', months[i])::date, changes[i]);\n            END IF;\n\n        END LOOP;\n        RETURN NULL;\n    ",
                    hash="9014ed76cecb9b0e02af7952cccb78dfe922e992",
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
