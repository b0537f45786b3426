"""The second look at a home that was refused as unfit, by somebody else than took the answer in."""

from datetime import datetime

from django.db import transaction

from allocation.models import Offer
from allocation.rules.refusals import Refusal, Refused
from allocation.services import dwellings as stock
from allocation.services import refusal_holds
from allocation.services.offers import get_offer
from queue_registry.models import User
from queue_registry.services import audit, queue_entries


@transaction.atomic
def look(*, offer_id: int, fits: bool, document: str, by: User, at: datetime) -> Offer:
    """
    Say whether the home fits the family: if it does not, the refusal is none; if it does, it counts, and
    holds the entry at its second within a year.

    :param document: what was looked at, or who was there.
    :raises Refused: UNFIT_NOT_CLAIMED, LOOKED_ALREADY, SECOND_LOOK (who took the answer in does not look),
        REASON_MISSING (no document).
    """
    stock.lock([Offer.objects.only("dwelling_id").get(pk=offer_id).dwelling_id])
    offer = get_offer(offer_id)
    entry = queue_entries.lock_entries([offer.entry_id])[offer.entry_id]
    _check(offer, document, by)
    offer.is_unfit, offer.unfit_looked_at, offer.unfit_looked_by = not fits, at, by
    offer.save(update_fields=["is_unfit", "unfit_looked_at", "unfit_looked_by"])
    audit.record(
        akimat=offer.dwelling.akimat,
        by=by,
        at=at,
        event="offer.unfit_looked_at",
        target=f"offer:{offer.pk}",
        file_number=offer.entry.file_number,
        dwelling=offer.dwelling.number,
        fits=fits,
        document=document.strip(),
    )
    if fits:
        refusal_holds.hold_if_due(offer, entry, by=by, at=at)
    return offer


def _check(offer: Offer, document: str, by: User) -> None:
    if not offer.unfit_claimed:
        raise Refused(Refusal.UNFIT_NOT_CLAIMED)
    if offer.unfit_looked_at is not None:
        raise Refused(Refusal.LOOKED_ALREADY)
    if offer.answered_by_id == by.pk:
        raise Refused(Refusal.SECOND_LOOK)
    if not document.strip():
        raise Refused(Refusal.REASON_MISSING)
