"""Who looks after which open question of the old lists."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from queue_registry.models import Akimat, Application, ImportCase, ImportCaseAssignment, User
from queue_registry.services import audit


@transaction.atomic
def assign(*, akimat: Akimat, application_ids: Collection[int], to: User, by: User, at: datetime) -> int:
    """Give cases to somebody, from whomever they are taken; return how many changed hands."""
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    asked = ImportCase.objects.filter(application__in=application_ids, closed_at__isnull=True)
    wanted = Application.objects.filter(akimat=locked, pk__in=asked.values("application"))
    current = ImportCaseAssignment.objects.filter(application__in=wanted, ended_at__isnull=True)
    held = set(current.filter(to=to).values_list("application_id", flat=True))
    new = [application for application in wanted.order_by("pk") if application.pk not in held]
    current.filter(application__in=new).update(ended_at=at)
    ImportCaseAssignment.objects.bulk_create(
        [ImportCaseAssignment(application=application, to=to, by=by, at=at) for application in new]
    )
    audit.record_many(
        akimat=locked,
        by=by,
        at=at,
        acts=[
            audit.Act(
                event="import_case.assigned",
                target=f"application:{application.pk}",
                data={"file_number": application.file_number, "to": to.username},
            )
            for application in new
        ],
    )
    return len(new)
