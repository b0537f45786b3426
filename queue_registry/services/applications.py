"""Applications get their permanent file numbers here, and nowhere else."""

from collections.abc import Sequence

from django.db import transaction

from queue_registry.models import Akimat, Application
from queue_registry.rules.file_number import file_number


@transaction.atomic
def number_many(*, akimat: Akimat, applications: Sequence[Application]) -> list[Application]:
    """
    Store new applications under the next running numbers, in the given order: the order of registration.

    The akimat's row is locked, so that a number is never given twice and never given back.
    """
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    for application in applications:
        locked.last_running_number += 1
        application.akimat = locked
        application.running_number = locked.last_running_number
        application.file_number = file_number(kato=locked.kato, running_number=locked.last_running_number)
    locked.save(update_fields=["last_running_number"])
    return Application.objects.bulk_create(applications, batch_size=2_000)
