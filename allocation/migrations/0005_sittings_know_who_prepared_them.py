from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("allocation", "0004_run_refused_with_its_changes")]

    operations = [
        migrations.AddField(
            model_name="sitting",
            name="preparers",
            field=models.JSONField(default=list),
        ),
    ]
