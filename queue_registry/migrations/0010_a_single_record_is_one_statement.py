from django.db import migrations

# Chains one record to its akimat's trail under the lock of the trail's head. The caller gives the text of the
# link in two parts; between them come the previous digest and the number (`rules/trail.py`, `unlinked`).
RECORD = """
CREATE FUNCTION queue_registry_record(
    kato varchar, moment timestamptz, who varchar, what varchar, of_what varchar, details jsonb,
    before_previous text, after_seq text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    head queue_registry_trailhead;
    digest text;
BEGIN
    SELECT * INTO head FROM queue_registry_trailhead WHERE akimat_kato = kato FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        INSERT INTO queue_registry_trailhead (akimat_kato, seq, sha256) VALUES (kato, 0, repeat('0', 64))
        ON CONFLICT DO NOTHING;
        SELECT * INTO head FROM queue_registry_trailhead WHERE akimat_kato = kato FOR NO KEY UPDATE;
    END IF;
    digest := encode(sha256(convert_to(
        before_previous || head.sha256 || '","seq":' || head.seq + 1 || after_seq, 'UTF8'
    )), 'hex');
    INSERT INTO queue_registry_auditevent (
        akimat_kato, seq, at, actor, event, target, data, previous_sha256, sha256
    ) VALUES (kato, head.seq + 1, moment, who, what, of_what, details, head.sha256, digest);
    UPDATE queue_registry_trailhead SET seq = head.seq + 1, sha256 = digest WHERE akimat_kato = kato;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("queue_registry", "0009_one_moved_entry_is_counted_without_aggregates")]

    operations = [
        migrations.RunSQL(
            RECORD,
            "DROP FUNCTION queue_registry_record("
            "varchar, timestamptz, varchar, varchar, varchar, jsonb, text, text)",
        ),
    ]
