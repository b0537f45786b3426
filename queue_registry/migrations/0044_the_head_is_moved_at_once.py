from importlib import import_module

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# The way back.
OF_A_YEAR = import_module("queue_registry.migrations.0020_counters_of_a_year_are_one_row")
COUNTED_BEFORE, MOVED_BEFORE = OF_A_YEAR.COUNT_MOVED, OF_A_YEAR.MOVE
RECORD_BEFORE = import_module("queue_registry.migrations.0035_closed_trails_take_no_record").RECORD
GUARDS = import_module("queue_registry.migrations.0011_entries_move_with_event_and_record").GUARDS
ITS_RECORD = "FUNCTION queue_registry_event_has_its_record() RETURNS trigger"
CHECKED_BEFORE = f"CREATE OR REPLACE {ITS_RECORD}" + GUARDS.partition(ITS_RECORD)[2].partition("CREATE")[0]

# A record as before; the head is locked by its change and not by a look before. Only the first record of a
# chain asks for it a second time.
LINK = """
    LOOP
        UPDATE queue_registry_trailhead SET
            seq = seq + 1,
            previous_sha256 = sha256,
            sha256 = encode(sha256(convert_to(
                before_previous || sha256 || '","seq":' || (seq + 1) || after_seq, 'UTF8'
            )), 'hex')
        WHERE akimat_kato = kato
        RETURNING seq, previous_sha256, sha256, closed_from INTO head;
        EXIT WHEN FOUND;
        INSERT INTO queue_registry_trailhead (akimat_kato, seq, sha256) VALUES (kato, 0, repeat('0', 64))
        ON CONFLICT DO NOTHING;
    END LOOP;
    IF head.closed_from <= moment AND what <> 'register.exported' THEN
        RAISE EXCEPTION 'queue_is_kept_elsewhere'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'queue_is_kept_elsewhere';
    END IF;
    INSERT INTO queue_registry_auditevent (
        akimat_kato, seq, at, actor, event, target, data, previous_sha256, sha256
    ) VALUES (kato, head.seq, moment, who, what, of_what, details, head.previous_sha256, head.sha256);
"""
RECORD = f"""
CREATE OR REPLACE FUNCTION queue_registry_record(
    kato varchar, moment timestamptz, who varchar, what varchar, of_what varchar, details jsonb,
    before_previous text, after_seq text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    head record;
BEGIN
{LINK}
    RETURN head.seq;
END
$$;
"""

# A move as before, its record without a call of its own.
MOVE = f"""
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
    head record;
BEGIN
{LINK}
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
    RETURN head.seq;
END
$$;
"""  # noqa: S608 - names of ours

BEFORE = COUNTED_BEFORE.partition("CREATE TRIGGER")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)

# A change of a list's month and of its year. A year that nobody was registered in gets its row first.
CHANGE = """LOOP
        UPDATE queue_registry_listyearcount AS counted SET
            entries = counted.entries + {change},
            months[moved.{side}_month] = counted.months[moved.{side}_month] + {change}
        WHERE waiting_list_id = moved.list AND year = moved.{side}_year;
        EXIT WHEN FOUND;
        INSERT INTO queue_registry_listyearcount (waiting_list_id, year, entries, months)
        VALUES (moved.list, moved.{side}_year, 0, array_fill(0, ARRAY[12]));
    END LOOP;"""
YEAR_AND_MONTH = """
        CASE WHEN {row}.status IN ('OFFERED', 'SUSPENDED', 'WAITING')
            THEN date_trunc('year', {row}.registered_at AT TIME ZONE 'UTC')::date END AS {side}_year,
        extract(month FROM {row}.registered_at AT TIME ZONE 'UTC')::integer AS {side}_month"""

# The counters of a single changed entry: under the head of its trail, which whoever records before he changes
# has by then. Of entries that change together the heads are taken as before.
_, _, TOGETHER = BEFORE.partition("    SELECT\n        array_agg")
COUNT_MOVED = f"""
CREATE OR REPLACE FUNCTION queue_registry_count_moved_entries() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    moved record;
    lists bigint[];
    in_months date[];
    changes bigint[];
BEGIN
    SELECT
        was.waiting_list_id AS list,
        was.waiting_list_id = became.waiting_list_id AND NOT EXISTS (SELECT FROM new_rows OFFSET 1) AS alone,
        {YEAR_AND_MONTH.format(row="was", side="left")},
        {YEAR_AND_MONTH.format(row="became", side="came")}
    INTO moved FROM old_rows AS was, new_rows AS became LIMIT 1;
    IF NOT FOUND OR moved.alone AND moved.left_year IS NOT DISTINCT FROM moved.came_year
        AND moved.left_month = moved.came_month
    THEN
        RETURN NULL;
    END IF;
    IF moved.alone THEN
        IF moved.left_year IS NOT NULL THEN
            {CHANGE.format(side="left", change=-1)}
        END IF;
        IF moved.came_year IS NOT NULL THEN
            {CHANGE.format(side="came", change=1)}
        END IF;
        RETURN NULL;
    END IF;
    SELECT
        array_agg{TOGETHER}"""  # noqa: S608 - names of ours

# Whose the newest record of an entry is: while a transaction holds the head, nobody's can be newer than its own.
CHECK = f"""
CREATE OR REPLACE {ITS_RECORD}
LANGUAGE plpgsql AS $$
BEGIN
    IF pg_current_xact_id()::text::bigint IS DISTINCT FROM (
        SELECT written_by FROM queue_registry_auditevent
        WHERE target = 'queue_entry:' || NEW.entry_id
            AND akimat_kato = (
                SELECT kato FROM queue_registry_akimat WHERE id = (
                    SELECT akimat_id FROM queue_registry_waitinglist WHERE id = NEW.waiting_list_id
                )
            )
        ORDER BY seq DESC LIMIT 1
    ) THEN
        RAISE EXCEPTION 'queue_entry_event_has_its_record'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'queue_entry_event_has_its_record';
    END IF;
    RETURN NULL;
END
$$;
"""  # noqa: S608 - names of ours


class Migration(migrations.Migration):
    """What every move of an entry does, in fewer looks."""

    dependencies = [("queue_registry", "0043_what_is_let_go_leaves_a_row")]

    operations = [
        migrations.AddField(
            model_name="trailhead",
            name="previous_sha256",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        # From 0 on, each is one more than the one before: that it is not below 0 is asked nowhere.
        migrations.AlterField(model_name="trailhead", name="seq", field=models.BigIntegerField(default=0)),
        migrations.AlterField(model_name="auditevent", name="seq", field=models.BigIntegerField()),
        migrations.AlterField(
            model_name="queueentryevent",
            name="by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="cd680ba827abbd5d51ae8e105142f6c9bda225b2",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_78090",
                    table="queue_registry_user",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(RECORD, RECORD_BEFORE),
        migrations.RunSQL(MOVE, MOVED_BEFORE),
        migrations.RunSQL(COUNT_MOVED, BEFORE),
        migrations.RunSQL(CHECK, CHECKED_BEFORE),
    ]
