from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queue_registry", "0017_match_groups_say_how_they_ended"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="matchgroup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("gone_at__isnull", True), ("superseded_by__isnull", True)),
                fields=("akimat", "members"),
                name="one_current_match_group_per_members",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("gone_at__isnull", True), ("superseded_by__isnull", True), _connector="OR"
                ),
                name="match_group_gone_or_superseded",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("superseded_by", models.F("pk")), _negated=True),
                name="match_group_superseded_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scan__isnull", True), models.Q(("outcome", ""), _negated=True), _connector="OR"
                ),
                name="match_group_scan_is_of_a_decision",
            ),
        ),
    ]
