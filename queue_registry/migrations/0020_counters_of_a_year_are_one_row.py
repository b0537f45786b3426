from importlib import import_module

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The way back.
COUNTED_BEFORE = import_module("queue_registry.migrations.0006_places_are_counted")
MOVED_BEFORE = import_module("queue_registry.migrations.0011_entries_move_with_event_and_record").COUNT_MOVED

MONTHS_INTO_YEARS = """
UPDATE queue_registry_listyearcount AS of_year SET months = ARRAY(
    SELECT coalesce(of_month.entries, 0)
    FROM generate_series(0, 11) AS later
    LEFT JOIN queue_registry_listmonthcount AS of_month
        ON of_month.waiting_list_id = of_year.waiting_list_id
        AND of_month.month = (of_year.year + make_interval(months => later))::date
    ORDER BY later
)
"""
MONTHS_APART = """
INSERT INTO queue_registry_listmonthcount (waiting_list_id, month, entries)
SELECT waiting_list_id, (year + make_interval(months => number::integer - 1))::date, counted
FROM queue_registry_listyearcount, unnest(months) WITH ORDINALITY AS month (counted, number)
WHERE counted <> 0
"""

# How many active entries of a list stand before a registration moment and file number: years before, months of
# the year before, and entries of the month one by one. Planned once a connection, asked in one statement.
AHEAD = """
CREATE OR REPLACE FUNCTION queue_registry_ahead(list bigint, moment timestamptz, number varchar) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    month_from CONSTANT timestamp := date_trunc('month', moment AT TIME ZONE 'UTC');
    year_from CONSTANT date := date_trunc('year', month_from)::date;
BEGIN
    RETURN
        (SELECT coalesce(sum(entries), 0) FROM queue_registry_listyearcount
         WHERE waiting_list_id = list AND year < year_from)
        + (SELECT coalesce(sum(entries), 0)
           FROM unnest((
               SELECT months[: extract(month FROM month_from)::integer - 1] FROM queue_registry_listyearcount
               WHERE waiting_list_id = list AND year = year_from
           )) AS entries)
        + (SELECT count(*) FROM queue_registry_queueentry
           WHERE waiting_list_id = list AND status IN ('OFFERED', 'SUSPENDED', 'WAITING')
             AND registered_at >= month_from AT TIME ZONE 'UTC'
             AND (registered_at, file_number) < (moment, number));
END
$$;
"""

# A change of a list's month and of its year. A year that nobody was registered in gets its row first.
CHANGE = """LOOP
        number := extract(month FROM {month});
        first_day := {month} - make_interval(months => number - 1);
        UPDATE queue_registry_listyearcount AS counted SET
            entries = counted.entries + {change}, months[number] = counted.months[number] + {change}
        WHERE waiting_list_id = {list} AND year = first_day;
        EXIT WHEN FOUND;
        INSERT INTO queue_registry_listyearcount (waiting_list_id, year, entries, months)
        VALUES ({list}, first_day, 0, array_fill(0, ARRAY[12]));
    END LOOP;"""

# Counters of many entries: under the heads of their trails, in key order, each month once.
COUNT = f"""
CREATE FUNCTION queue_registry_count(lists bigint[], in_months date[], changes bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    number integer;
    first_day date;
BEGIN
    PERFORM FROM queue_registry_trailhead
    WHERE akimat_kato = ANY(ARRAY(
        SELECT kato FROM queue_registry_akimat AS akimat
        JOIN queue_registry_waitinglist AS list ON list.akimat_id = akimat.id
        WHERE list.id = ANY(lists)
    ))
    ORDER BY akimat_kato
    FOR NO KEY UPDATE;
    FOR i IN 1 .. cardinality(lists) LOOP
        {CHANGE.format(list="lists[i]", month="in_months[i]", change="changes[i]")}
    END LOOP;
END
$$;
"""  # noqa: S608 - names of ours

# Counters of changed entries, however many. A single entry that stays on its list, as most acts leave it, is
# counted without aggregates.
COUNT_MOVED = f"""
CREATE FUNCTION queue_registry_count_moved_entries() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    moved record;
    lists bigint[];
    in_months date[];
    changes bigint[];
    number integer;
    first_day date;
BEGIN
    SELECT
        was.akimat_id AS akimat,
        was.waiting_list_id AS list,
        was.waiting_list_id = became.waiting_list_id AND NOT EXISTS (SELECT FROM new_rows OFFSET 1) AS alone,
        CASE WHEN was.status IN ('OFFERED', 'SUSPENDED', 'WAITING')
            THEN date_trunc('month', was.registered_at AT TIME ZONE 'UTC')::date END AS left_month,
        CASE WHEN became.status IN ('OFFERED', 'SUSPENDED', 'WAITING')
            THEN date_trunc('month', became.registered_at AT TIME ZONE 'UTC')::date END AS came_month
    INTO moved FROM old_rows AS was, new_rows AS became LIMIT 1;
    IF NOT FOUND OR moved.alone AND moved.left_month IS NOT DISTINCT FROM moved.came_month THEN
        RETURN NULL;
    END IF;
    IF moved.alone THEN
        PERFORM FROM queue_registry_trailhead
        WHERE akimat_kato = (SELECT kato FROM queue_registry_akimat WHERE id = moved.akimat)
        FOR NO KEY UPDATE;
        IF moved.left_month IS NOT NULL THEN
            {CHANGE.format(list="moved.list", month="moved.left_month", change=-1)}
        END IF;
        IF moved.came_month IS NOT NULL THEN
            {CHANGE.format(list="moved.list", month="moved.came_month", change=1)}
        END IF;
        RETURN NULL;
    END IF;
    SELECT
        array_agg(waiting_list_id ORDER BY waiting_list_id, month),
        array_agg(month ORDER BY waiting_list_id, month),
        array_agg(change ORDER BY waiting_list_id, month)
    INTO lists, in_months, changes
    FROM (
        SELECT
            waiting_list_id,
            date_trunc('month', registered_at AT TIME ZONE 'UTC')::date AS month,
            sum(change) AS change
        FROM (
            SELECT waiting_list_id, registered_at, -1 AS change
            FROM old_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING')
            UNION ALL
            SELECT waiting_list_id, registered_at, 1 AS change
            FROM new_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING')
        ) AS moved
        GROUP BY 1, 2
        HAVING sum(change) <> 0
    ) AS changed;
    IF lists IS NOT NULL THEN
        PERFORM queue_registry_count(lists, in_months, changes);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_moved_entries AFTER UPDATE ON queue_registry_queueentry
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION queue_registry_count_moved_entries();
"""  # noqa: S608 - names of ours
UNCOUNT_MOVED = "DROP FUNCTION queue_registry_count_moved_entries() CASCADE"

# A record as before: the head is looked at once, and each statement of it is as small as it can be.
RECORD = """
CREATE OR REPLACE FUNCTION queue_registry_record(
    kato varchar, moment timestamptz, who varchar, what varchar, of_what varchar, details jsonb,
    before_previous text, after_seq text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
    previous varchar;
    digest varchar;
BEGIN
    LOOP
        SELECT seq + 1, sha256 INTO number, previous FROM queue_registry_trailhead
        WHERE akimat_kato = kato FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO queue_registry_trailhead (akimat_kato, seq, sha256) VALUES (kato, 0, repeat('0', 64))
        ON CONFLICT DO NOTHING;
    END LOOP;
    digest := encode(
        sha256(convert_to(before_previous || previous || '","seq":' || number || after_seq, 'UTF8')), 'hex'
    );
    UPDATE queue_registry_trailhead SET seq = number, sha256 = digest WHERE akimat_kato = kato;
    INSERT INTO queue_registry_auditevent (
        akimat_kato, seq, at, actor, event, target, data, previous_sha256, sha256
    ) VALUES (kato, number, moment, who, what, of_what, details, previous, digest);
    RETURN number;
END
$$;
"""

# A move as before; the record comes first, so that the head is locked by its change and not by a look before.
# Whoever moves an entry has locked it already.
MOVE = """
CREATE OR REPLACE FUNCTION queue_registry_move(
    of_entry bigint, to_status varchar, to_moment timestamptz, to_time_known boolean, to_provisional boolean,
    to_list bigint, to_number varchar, to_applicant bigint,
    what_kind varchar, from_status varchar, from_list bigint, since timestamptz, by_user bigint,
    why varchar, paper varchar,
    kato varchar, moment timestamptz, who varchar, what varchar, of_what varchar, details jsonb,
    before_previous text, after_seq text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
BEGIN
    number := queue_registry_record(kato, moment, who, what, of_what, details, before_previous, after_seq);
    UPDATE queue_registry_queueentry SET
        status = to_status, registered_at = to_moment, time_known = to_time_known,
        provisional = to_provisional, waiting_list_id = to_list, applicant_id = to_applicant
    WHERE id = of_entry;
    INSERT INTO queue_registry_queueentryevent (
        entry_id, kind, moved_from, moved_to, registered_at, list_number, waiting_list_id, left_list_id,
        holds_from, recorded_at, by_id, ground, document
    ) VALUES (
        of_entry, what_kind, from_status, to_status, to_moment, to_number, to_list, from_list,
        since, moment, by_user, why, paper
    );
    RETURN number;
END
$$;
"""

# A row that is changed with every move finds room for its next version on its page.
ROOM = """
ALTER TABLE queue_registry_listyearcount SET (fillfactor = 50);
ALTER TABLE queue_registry_trailhead SET (fillfactor = 50);
"""
NO_ROOM = """
ALTER TABLE queue_registry_listyearcount RESET (fillfactor);
ALTER TABLE queue_registry_trailhead RESET (fillfactor);
"""


class Migration(migrations.Migration):
    """
    The counters of a year and of its months become one row.

    Nothing is lost: `ListMonthCount` goes on as `ListYearCount.months`, and the way back parts them again.
    """

    dependencies = [("queue_registry", "0019_changed_iins")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="queueentry", name="count_new_entries"),
        pgtrigger.migrations.RemoveTrigger(model_name="queueentry", name="count_deleted_entries"),
        migrations.RunSQL(UNCOUNT_MOVED, MOVED_BEFORE),
        migrations.AddField(
            model_name="listyearcount",
            name="months",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(), default=[0] * 12, help_text="January to December.", size=12
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(MONTHS_INTO_YEARS, MONTHS_APART),
        migrations.RunSQL(
            AHEAD, COUNTED_BEFORE.AHEAD.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
        ),
        migrations.DeleteModel(name="ListMonthCount"),
        migrations.AddConstraint(
            model_name="listyearcount",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    models.F("months"),
                    output_field=models.BooleanField(),
                    template="cardinality(%(expressions)s) = 12 AND 0 <= ALL(%(expressions)s)",
                ),
                name="list_month_counts_not_negative",
            ),
        ),
        migrations.RunSQL(COUNT, "DROP FUNCTION queue_registry_count(bigint[], date[], bigint[])"),
        migrations.RunSQL(COUNT_MOVED, UNCOUNT_MOVED),
        pgtrigger.migrations.AddTrigger(
            model_name="queueentry",
            trigger=pgtrigger.compiler.Trigger(
                name="count_new_entries",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE lists bigint[]; months date[]; changes bigint[];",
                    func="\n        SELECT\n            array_agg(waiting_list_id ORDER BY waiting_list_id, month),\n            array_agg(month ORDER BY waiting_list_id, month),\n            array_agg(change ORDER BY waiting_list_id, month)\n        INTO lists, months, changes\n        FROM (\n            SELECT\n                waiting_list_id,\n                date_trunc('month', registered_at AT TIME ZONE 'UTC')::date AS month,\n                 count(*) AS change\n            FROM new_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING')\n            GROUP BY 1, 2\n        ) AS changed;\n        IF lists IS NOT NULL THEN\n            PERFORM queue_registry_count(lists, months, changes);\n        END IF;\n        RETURN NULL;\n",
                    hash="b44a28166236fe307fca472aa71f6d4b9787614b",
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
                name="count_deleted_entries",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE lists bigint[]; months date[]; changes bigint[];",
                    func="\n        SELECT\n            array_agg(waiting_list_id ORDER BY waiting_list_id, month),\n            array_agg(month ORDER BY waiting_list_id, month),\n            array_agg(change ORDER BY waiting_list_id, month)\n        INTO lists, months, changes\n        FROM (\n            SELECT\n                waiting_list_id,\n                date_trunc('month', registered_at AT TIME ZONE 'UTC')::date AS month,\n                - count(*) AS change\n            FROM old_rows WHERE status IN ('OFFERED', 'SUSPENDED', 'WAITING')\n            GROUP BY 1, 2\n        ) AS changed;\n        IF lists IS NOT NULL THEN\n            PERFORM queue_registry_count(lists, months, changes);\n        END IF;\n        RETURN NULL;\n",
                    hash="802de8939f8009594f00b5efa312f1bf72453910",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_count_deleted_entries_0b398",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="queue_registry_queueentry",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(ROOM, NO_ROOM),
        # It does what the one before did, so there is nothing to bring back.
        migrations.RunSQL(RECORD + MOVE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="queueentryevent",
            name="waiting_list",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                help_text="The same list, with its akimat.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="queue_registry.waitinglist",
            ),
        ),
        migrations.AddIndex(
            model_name="queueentryevent",
            index=models.Index(
                condition=models.Q(("moved_from", "DEREGISTERED")),
                fields=["entry", "recorded_at"],
                name="queue_entry_event_reinstated",
            ),
        ),
    ]
