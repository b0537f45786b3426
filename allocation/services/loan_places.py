"""Places of a loan programme: counted, each like the other, given by rounds as homes are."""

from datetime import datetime

from django.db import transaction

from allocation.models import Dwelling
from allocation.rules import programmes
from allocation.rules.refusals import Refusal, Refused
from allocation.rules.stock import MOST_PLACES
from allocation.services import dwellings as stock
from queue_registry.models import Akimat, User
from queue_registry.rules.calendar import civil_day
from queue_registry.services import audit


@transaction.atomic
def add(
    *, akimat: Akimat, programme: str, count: int, document: str, by: User, at: datetime
) -> list[Dwelling]:
    """
    Take places of a programme that lends today into the stock, numbered on; ready to be given.

    :param document: by which the places came to the akimat.
    :raises Refused: PROGRAMME_UNKNOWN, COUNT_IMPOSSIBLE, REASON_MISSING (no document).
    """
    if programmes.find(programme, on=civil_day(at)) is None:
        raise Refused(Refusal.PROGRAMME_UNKNOWN, programme=programme)
    if not 1 <= count <= MOST_PLACES:
        raise Refused(Refusal.COUNT_IMPOSSIBLE, least=1, most=MOST_PLACES)
    if not document.strip():
        raise Refused(Refusal.REASON_MISSING)
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    year = civil_day(at).year
    start = f"L-{programme}-{year}-"
    # None is given back, since no place is deleted; five digits, since the engine orders numbers as text.
    last = Dwelling.objects.filter(akimat=locked, number__startswith=start).count()
    rows = Dwelling.objects.bulk_create(
        Dwelling(
            akimat=locked,
            kind=Dwelling.Kind.LOAN,
            number=f"{start}{last + index:05d}",
            programme=programme,
            state=Dwelling.State.READY,
            state_since=at,
            idle_since=at,
        )
        for index in range(1, count + 1)
    )
    stock.begin(rows, by=by, at=at, document=document.strip())
    audit.record(
        akimat=locked,
        by=by,
        at=at,
        event="dwelling.places_added",
        target=f"dwelling:{rows[0].pk}",
        programme=programme,
        count=count,
        first=rows[0].number,
        last=rows[-1].number,
        document=document.strip(),
    )
    return rows
