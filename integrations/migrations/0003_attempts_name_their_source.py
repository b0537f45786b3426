from django.db import migrations, models

FILL = """
    UPDATE integrations_checkattempt AS attempt SET source = asked.source
    FROM integrations_checkrequest AS asked WHERE asked.id = attempt.request_id
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0002_sealed_envelopes_tokens_and_owners")]

    operations = [
        migrations.AddField(
            model_name="checkattempt",
            name="source",
            field=models.CharField(default="", max_length=30),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="checkattempt",
            index=models.Index(
                fields=["source", "outcome", "answered_at"],
                include=("asked_at",),
                name="check_attempt_of_source",
            ),
        ),
        migrations.AddIndex(
            model_name="checkrequest",
            index=models.Index(
                condition=models.Q(("state", "DEAD")),
                fields=["source", "dead_reason", "owner"],
                name="check_request_given_up",
            ),
        ),
    ]
