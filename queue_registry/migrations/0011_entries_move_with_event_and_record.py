import django.db.models.deletion
import django.db.models.functions.comparison
import pgtrigger.migrations
from django.db import migrations, models

# Year and month of a change in one statement. A month that has its row has that of its year; a month that has
# none gets it, and the year if the statement found none of it either.
COUNT = """
    WITH of_year AS (
        UPDATE queue_registry_listyearcount SET entries = entries + {change}
        WHERE waiting_list_id = {list} AND year = date_trunc('year', {month})::date
    )
    UPDATE queue_registry_listmonthcount SET entries = entries + {change}
    WHERE waiting_list_id = {list} AND month = {month};
    IF NOT FOUND THEN
        INSERT INTO queue_registry_listyearcount (waiting_list_id, year, entries)
        VALUES ({list}, date_trunc('year', {month})::date, {change})
        ON CONFLICT (waiting_list_id, year) DO NOTHING;
        INSERT INTO queue_registry_listmonthcount (waiting_list_id, month, entries)
        VALUES ({list}, {month}, {change});
    END IF;
"""

# Counters of changed entries, however many, under the heads of their trails. A single entry that stays on its
# list, as most acts leave it, is told without aggregates; of many each month changes once, in key order.
COUNT_MOVED = f"""
CREATE FUNCTION queue_registry_count_moved_entries() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    moved record;
    lists bigint[];
    months date[];
    changes integer[];
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
            {COUNT.format(list="moved.list", month="moved.left_month", change=-1)}
        END IF;
        IF moved.came_month IS NOT NULL THEN
            {COUNT.format(list="moved.list", month="moved.came_month", change=1)}
        END IF;
        RETURN NULL;
    END IF;
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
    IF lists IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM FROM queue_registry_trailhead
    WHERE akimat_kato = ANY(ARRAY(
        SELECT kato FROM queue_registry_akimat AS akimat
        JOIN queue_registry_waitinglist AS list ON list.akimat_id = akimat.id
        WHERE list.id = ANY(lists)
    ))
    ORDER BY akimat_kato
    FOR NO KEY UPDATE;
    FOR i IN 1 .. cardinality(lists) LOOP
        {COUNT.format(list="lists[i]", month="months[i]", change="changes[i]")}
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_moved_entries AFTER UPDATE ON queue_registry_queueentry
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION queue_registry_count_moved_entries();
"""  # noqa: S608 - names of ours

# Nobody is removed without a case that was decided so, and after a reinstatement not by the old one.
DEREGISTERED_BY_A_CASE = """
CREATE FUNCTION queue_registry_deregistered_by_a_case() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'DEREGISTERED' AND NOT EXISTS (
        SELECT FROM queue_registry_removalcase AS decided
        WHERE decided.entry_id = NEW.id AND decided.outcome = 'REMOVED' AND NOT EXISTS (
            SELECT FROM queue_registry_queueentryevent AS event
            WHERE event.entry_id = NEW.id AND event.moved_from = 'DEREGISTERED'
                AND event.recorded_at >= decided.decided_at
        )
    ) THEN
        RAISE EXCEPTION 'queue_entry_deregistered_only_by_a_decided_case'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'queue_entry_deregistered_only_by_a_decided_case';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER entered_deregistered_by_a_case BEFORE INSERT ON queue_registry_queueentry
FOR EACH ROW WHEN (NEW.status = 'DEREGISTERED') EXECUTE FUNCTION queue_registry_deregistered_by_a_case();
CREATE TRIGGER deregistered_by_a_case AFTER UPDATE OF status ON queue_registry_queueentry
FOR EACH ROW EXECUTE FUNCTION queue_registry_deregistered_by_a_case();
"""

# When a transaction commits, an entry that it made or moved stands as its newest event says, and an event has
# a record about its entry that the same transaction wrote.
GUARDS = """
CREATE FUNCTION queue_registry_moves_with_its_event() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    newest record;
BEGIN
    SELECT moved_to, registered_at, waiting_list_id INTO newest FROM queue_registry_queueentryevent
    WHERE entry_id = NEW.id ORDER BY recorded_at DESC, id DESC LIMIT 1;
    IF newest.moved_to = NEW.status AND newest.registered_at = NEW.registered_at
        AND newest.waiting_list_id = NEW.waiting_list_id
    THEN
        RETURN NULL;
    END IF;
    -- The transaction may have changed the entry again: what counts is how it stands in the end.
    IF EXISTS (
        SELECT FROM queue_registry_queueentry AS entry
        WHERE id = NEW.id AND (entry.status, entry.registered_at, entry.waiting_list_id)
            IS DISTINCT FROM (newest.moved_to, newest.registered_at, newest.waiting_list_id)
    ) THEN
        RAISE EXCEPTION 'queue_entry_moves_with_its_event'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'queue_entry_moves_with_its_event';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER queue_entry_enters_with_its_event AFTER INSERT ON queue_registry_queueentry
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION queue_registry_moves_with_its_event();
CREATE CONSTRAINT TRIGGER queue_entry_moves_with_its_event
AFTER UPDATE OF status, registered_at, waiting_list_id ON queue_registry_queueentry
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION queue_registry_moves_with_its_event();

CREATE FUNCTION queue_registry_event_has_its_record() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM queue_registry_auditevent
        WHERE target = 'queue_entry:' || NEW.entry_id
            AND akimat_kato = (
                SELECT kato FROM queue_registry_akimat WHERE id = (
                    SELECT akimat_id FROM queue_registry_waitinglist WHERE id = NEW.waiting_list_id
                )
            )
            AND written_by = pg_current_xact_id()::text::bigint
    ) THEN
        RAISE EXCEPTION 'queue_entry_event_has_its_record'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'queue_entry_event_has_its_record';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER queue_entry_event_has_its_record AFTER INSERT ON queue_registry_queueentryevent
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION queue_registry_event_has_its_record();
"""

# A record as before, in one statement instead of three, and it says its number.
RECORD = """
DROP FUNCTION queue_registry_record(varchar, timestamptz, varchar, varchar, varchar, jsonb, text, text);
CREATE FUNCTION queue_registry_record(
    kato varchar, moment timestamptz, who varchar, what varchar, of_what varchar, details jsonb,
    before_previous text, after_seq text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
BEGIN
    LOOP
        WITH link AS (
            UPDATE queue_registry_trailhead AS head SET seq = was.seq + 1, sha256 = encode(sha256(convert_to(
                before_previous || was.sha256 || '","seq":' || was.seq + 1 || after_seq, 'UTF8'
            )), 'hex')
            FROM (
                SELECT * FROM queue_registry_trailhead WHERE akimat_kato = kato FOR NO KEY UPDATE
            ) AS was
            WHERE head.akimat_kato = was.akimat_kato
            RETURNING head.seq, was.sha256 AS previous, head.sha256
        )
        INSERT INTO queue_registry_auditevent (
            akimat_kato, seq, at, actor, event, target, data, previous_sha256, sha256
        )
        SELECT kato, seq, moment, who, what, of_what, details, previous, sha256 FROM link
        RETURNING seq INTO number;
        EXIT WHEN FOUND;
        INSERT INTO queue_registry_trailhead (akimat_kato, seq, sha256) VALUES (kato, 0, repeat('0', 64))
        ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN number;
END
$$;
"""

# A move as the services write it, in one statement: the entry, its event, the record of the trail.
MOVE = """
CREATE FUNCTION queue_registry_move(
    of_entry bigint, to_status varchar, to_moment timestamptz, to_time_known boolean, to_provisional boolean,
    to_list bigint, to_number varchar, to_applicant bigint,
    what_kind varchar, from_status varchar, from_list bigint, since timestamptz, by_user bigint,
    why varchar, paper varchar,
    kato varchar, moment timestamptz, who varchar, what varchar, of_what varchar, details jsonb,
    before_previous text, after_seq text
) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
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
    RETURN queue_registry_record(kato, moment, who, what, of_what, details, before_previous, after_seq);
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("queue_registry", "0010_a_single_record_is_one_statement")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="queueentry", name="count_moved_entries"),
        pgtrigger.migrations.RemoveTrigger(model_name="queueentry", name="deregistered_by_a_case"),
        # Records from before have none: nobody knows any more by which transaction they were written.
        migrations.AddField(
            model_name="auditevent",
            name="written_by",
            field=models.BigIntegerField(null=True, editable=False),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="written_by",
            field=models.BigIntegerField(
                db_default=django.db.models.functions.comparison.Cast(
                    django.db.models.functions.comparison.Cast(
                        models.Func(function="pg_current_xact_id"), models.TextField()
                    ),
                    models.BigIntegerField(),
                ),
                editable=False,
                help_text="The number of the transaction; not part of the chain.",
                null=True,
            ),
        ),
        # The list of what happened to an entry is asked for in this order, and its newest by every move.
        migrations.RemoveIndex(model_name="queueentryevent", name="queue_entry_event_of_entry"),
        migrations.AddIndex(
            model_name="queueentryevent",
            index=models.Index(fields=["entry", "recorded_at", "id"], name="queue_entry_event_of_entry"),
        ),
        migrations.AlterField(
            model_name="queueentryevent",
            name="entry",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="queue_registry.queueentry",
            ),
        ),
        migrations.RunSQL(COUNT_MOVED, "DROP FUNCTION queue_registry_count_moved_entries() CASCADE"),
        migrations.RunSQL(
            DEREGISTERED_BY_A_CASE, "DROP FUNCTION queue_registry_deregistered_by_a_case() CASCADE"
        ),
        migrations.RunSQL(
            GUARDS,
            "DROP FUNCTION queue_registry_moves_with_its_event() CASCADE;"
            "DROP FUNCTION queue_registry_event_has_its_record() CASCADE",
        ),
        # It does what the one before did, so there is nothing to bring back.
        migrations.RunSQL(RECORD, migrations.RunSQL.noop),
        migrations.RunSQL(
            MOVE,
            "DROP FUNCTION queue_registry_move(bigint, varchar, timestamptz, boolean, boolean, bigint, varchar,"
            " bigint, varchar, varchar, bigint, timestamptz, bigint, varchar, varchar, varchar, timestamptz,"
            " varchar, varchar, varchar, jsonb, text, text)",
        ),
    ]
