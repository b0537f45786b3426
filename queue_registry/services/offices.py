"""Where the housing department of an akimat is found: recorded by the day from which it holds."""

from datetime import date, datetime

from django.db import transaction

from queue_registry.models import Akimat, AkimatOffice, User
from queue_registry.services import audit


@transaction.atomic
def record(
    *,
    akimat: Akimat,
    from_on: date,
    address_kk: str,
    address_ru: str,
    telephone: str,
    by: User,
    at: datetime,
) -> AkimatOffice:
    """
    Record address and telephone from a day on; what held before ends by it. Sent twice it acts once.

    :raises django.db.IntegrityError: if another address was recorded for the day, or one is empty.
    """
    told = {
        "address_kk": address_kk.strip(),
        "address_ru": address_ru.strip(),
        "telephone": telephone.strip(),
    }
    same = AkimatOffice.objects.filter(akimat=akimat, from_on=from_on, **told).first()
    if same is not None:
        return same
    office = AkimatOffice.objects.create(
        akimat=akimat, from_on=from_on, recorded_by=by, recorded_at=at, **told
    )
    audit.record(
        akimat=akimat,
        by=by,
        at=at,
        event="akimat_office.recorded",
        target=f"akimat_office:{office.pk}",
        from_on=from_on.isoformat(),
        **told,
    )
    return office
