"""
The household's own answer to an offer, on its page: file number and IIN are right, and the telephone is at
hand.
"""

from datetime import datetime

from django.db import transaction

from allocation.models import Offer
from allocation.rules.refusals import Refusal, Refused
from allocation.services import offers
from queue_registry.rules.one_time_codes import CodeRefused, Purpose
from queue_registry.services import one_time_codes


def accept(*, offer_id: int, application_id: int, code: str, at: datetime) -> None:
    """
    The household accepts by a code; a wrong code is counted, and nothing else happens.

    :raises queue_registry.rules.one_time_codes.CodeRefused: NONE_SENT, OVER, TRIES_OVER, WRONG.
    :raises Refused: OFFER_ANSWERED, OFFER_TERM_OVER.
    """
    with transaction.atomic():
        problem = _take(offer_id, application_id, code, at)
        if problem is None:
            offers.accept(offer_id=offer_id, by=one_time_codes.CITIZEN, at=at)
    if problem is not None:
        raise problem


def refuse(*, offer_id: int, application_id: int, code: str, reason: str, unfit: bool, at: datetime) -> None:
    """
    The household refuses by a code, as `accept`.

    :param unfit: it says that the home does not fit the family.
    :raises queue_registry.rules.one_time_codes.CodeRefused: NONE_SENT, OVER, TRIES_OVER, WRONG.
    :raises Refused: OFFER_ANSWERED, OFFER_TERM_OVER, REASON_MISSING.
    """
    with transaction.atomic():
        problem = _take(offer_id, application_id, code, at)
        if problem is None:
            offers.refuse(offer_id=offer_id, reason=reason, unfit=unfit, by=one_time_codes.CITIZEN, at=at)
    if problem is not None:
        raise problem


def _take(offer_id: int, application_id: int, code: str, at: datetime) -> CodeRefused | None:
    """Use the code up, if the offer is the household's own."""
    if not Offer.objects.filter(pk=offer_id, application=application_id).exists():
        raise Refused(Refusal.OFFER_ANSWERED)
    return one_time_codes.take(application_id=application_id, purpose=Purpose.OFFER_ANSWER, code=code, at=at)
