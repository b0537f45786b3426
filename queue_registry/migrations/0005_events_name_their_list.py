import django.db.models.deletion
from django.db import migrations, models

# The append-only trigger stands aside for this one statement; the rows say no more than they said before.
FILL = """
SELECT set_config('pgtrigger.ignore', '{pgtrigger_append_only_99469}', true);
UPDATE queue_registry_queueentryevent AS event
SET waiting_list_id = list.id
FROM queue_registry_queueentry AS entry, queue_registry_waitinglist AS list
WHERE entry.id = event.entry_id AND list.akimat_id = entry.akimat_id AND list.number = event.list_number;
UPDATE queue_registry_queueentryevent AS event
SET left_list_id = (
    SELECT before.waiting_list_id FROM queue_registry_queueentryevent AS before
    WHERE before.entry_id = event.entry_id AND (before.recorded_at, before.id) < (event.recorded_at, event.id)
    ORDER BY before.recorded_at DESC, before.id DESC LIMIT 1
)
WHERE event.kind = 'LIST_CHANGED';
SELECT set_config('pgtrigger.ignore', '{}', true);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("queue_registry", "0004_intake_removals_reviews_places_seals"),
    ]

    operations = [
        migrations.AddField(
            model_name="queueentryevent",
            name="left_list",
            field=models.ForeignKey(
                db_index=False,
                help_text="Where it stood before.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="queue_registry.waitinglist",
            ),
        ),
        migrations.AddField(
            model_name="queueentryevent",
            name="waiting_list",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                help_text="The same list, with its akimat.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="queue_registry.waitinglist",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="queueentryevent",
            name="waiting_list",
            field=models.ForeignKey(
                db_index=False,
                help_text="The same list, with its akimat.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="queue_registry.waitinglist",
            ),
        ),
        migrations.AddIndex(
            model_name="queueentryevent",
            index=models.Index(fields=["waiting_list", "recorded_at"], name="queue_entry_event_on_list"),
        ),
        migrations.AddIndex(
            model_name="queueentryevent",
            index=models.Index(
                condition=models.Q(("left_list__isnull", False)),
                fields=["left_list", "recorded_at"],
                name="queue_entry_event_off_list",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueentryevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "LIST_CHANGED"), ("left_list__isnull", False)),
                    models.Q(models.Q(("kind", "LIST_CHANGED"), _negated=True), ("left_list__isnull", True)),
                    _connector="OR",
                ),
                name="queue_entry_event_left_a_list_if_it_changed",
            ),
        ),
    ]
