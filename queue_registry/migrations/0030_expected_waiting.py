import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queue_registry", "0029_offices_of_akimats_and_homes_by_list"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExpectedWaiting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "on",
                    models.DateField(help_text="The day before which all whole months are in it."),
                ),
                ("outlook", models.JSONField(null=True)),
                (
                    "waiting_list",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expected_waiting",
                        to="queue_registry.waitinglist",
                    ),
                ),
            ],
        ),
    ]
