from importlib import import_module

from django.db import migrations

# The way back.
RECORD_BEFORE = import_module("queue_registry.migrations.0020_counters_of_a_year_are_one_row").RECORD

# A record as before, refused once another installation goes on with the chain. Only that the queue was written
# out once more may still be recorded.
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
    closed timestamptz;
BEGIN
    LOOP
        SELECT seq + 1, sha256, closed_from INTO number, previous, closed FROM queue_registry_trailhead
        WHERE akimat_kato = kato FOR NO KEY UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO queue_registry_trailhead (akimat_kato, seq, sha256) VALUES (kato, 0, repeat('0', 64))
        ON CONFLICT DO NOTHING;
    END LOOP;
    IF closed <= moment AND what <> 'register.exported' THEN
        RAISE EXCEPTION 'queue_is_kept_elsewhere'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'queue_is_kept_elsewhere';
    END IF;
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


class Migration(migrations.Migration):
    dependencies = [("queue_registry", "0034_queues_have_keepers")]

    operations = [migrations.RunSQL(RECORD, RECORD_BEFORE)]
