from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0003_attempts_name_their_source")]

    operations = [
        migrations.RemoveConstraint(model_name="checkrequest", name="check_request_state_is_known"),
        migrations.AlterField(
            model_name="checkrequest",
            name="state",
            field=models.CharField(
                choices=[
                    ("DUE", "Due"),
                    ("LEASED", "Leased"),
                    ("ANSWERED", "Answered"),
                    ("DEAD", "Dead"),
                    ("WITHDRAWN", "Withdrawn"),
                ],
                default="DUE",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="checkrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["DUE", "LEASED", "ANSWERED", "DEAD", "WITHDRAWN"])),
                name="check_request_state_is_known",
            ),
        ),
    ]
