import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("allocation", "0001_distribution"),
    ]

    operations = [
        migrations.AddField(
            model_name="allocationround",
            name="mode",
            field=models.CharField(
                choices=[("COMMISSION", "Commission"), ("AUTOMATIC", "Automatic")],
                default="COMMISSION",
                max_length=10,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allocationround",
            trigger=pgtrigger.compiler.Trigger(
                name="mode_as_opened",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."mode" IS DISTINCT FROM (NEW."mode"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="12c5e47a7c3955afce776e92def7e9be2aa02335",
                    operation="UPDATE",
                    pgid="pgtrigger_mode_as_opened_4a017",
                    table="allocation_allocationround",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="allocationround",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["COMMISSION", "AUTOMATIC"])),
                name="allocation_round_mode_is_known",
            ),
        ),
    ]
