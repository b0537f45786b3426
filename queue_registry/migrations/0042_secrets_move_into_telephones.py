"""
The secrets that lay open in django-otp's own table move, sealed, into telephones; that table is empty then.

They are sealed by the code of the day, not by a copy of it: that code has to open them. Taken back, they lie
open again. Sessions that vouched by the old rows take a code once more, either way.
"""

from django.db import migrations

from integrations import sealing

_AS_IT_IS = (
    "user_id",
    "name",
    "confirmed",
    "throttling_failure_timestamp",
    "throttling_failure_count",
    "last_used_at",
    "last_t",
)


def _of(row):
    return {name: getattr(row, name) for name in _AS_IT_IS}


def seal(apps, schema_editor):
    open_ones = apps.get_model("otp_totp", "TOTPDevice").objects
    telephone = apps.get_model("queue_registry", "Telephone")
    telephone.objects.bulk_create(
        telephone(sealed_secret=sealing.seal(bytes.fromhex(row.key)), **_of(row)) for row in open_ones.all()
    )
    open_ones.all().delete()


def open_again(apps, schema_editor):
    telephones = apps.get_model("queue_registry", "Telephone").objects
    device = apps.get_model("otp_totp", "TOTPDevice")
    device.objects.bulk_create(
        device(key=sealing.unseal(bytes(row.sealed_secret)).hex(), **_of(row)) for row in telephones.all()
    )
    telephones.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("otp_totp", "0003_add_timestamps"),
        ("queue_registry", "0041_telephones_with_sealed_secrets"),
    ]

    operations = [migrations.RunPython(seal, open_again)]
