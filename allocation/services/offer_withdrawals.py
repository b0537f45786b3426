"""
An open offer that the akimat takes back before the household has answered.

The household did nothing: it waits on at its place, nothing counts as a refusal, and it is told. What was
wrong decides where the home goes: one in which a fault was found goes to nobody and is put right first; one
that should not have been offered to this household goes to the next of the reserve. Order of locks:
`allocation.services.offers`.
"""

from datetime import datetime

from django.db import transaction

from allocation.models import Offer
from allocation.services import offers
from queue_registry.models import User


@transaction.atomic
def withdraw(
    *, offer_id: int, reason: str, document: str, by: User, at: datetime, faulty: bool = False
) -> Offer | None:
    """
    Take an open offer back (the reason is printed). Return the next offer, if any.

    :param document: what says that it has to be taken back.
    :param faulty: a fault was found in the home: the reserve is not called, and it has to become ready anew.
    :raises Refused: OFFER_ANSWERED, REASON_MISSING (also without a document).
    """
    offers.check_reason(reason)
    offer = offers.lock_open(offer_id)
    offers.check_reason(document)
    return offers.end(
        offer,
        Offer.State.WITHDRAWN,
        reason=reason,
        by=by,
        at=at,
        document=document.strip(),
        faulty=faulty,
    )
