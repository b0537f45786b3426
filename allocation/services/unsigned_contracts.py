"""
An accepted home whose household does not come to sign the contract.

Ours, since no act says it: the household is invited in writing, and has from that day as many working days as
the policy says (`terms.sign_contract`). If it has not come by then, another person ends it: the entry waits
again at its moment, the home goes to the next of the reserve, or is free. Having been away counts as no
refusal. Order of locks: `allocation.services.offers`.
"""

from datetime import datetime
from typing import Final

from django.db import transaction

from allocation.models import AkimatDecision, AllocationLine, Offer, Tenancy
from allocation.rules.refusals import Refusal, Refused
from allocation.services import contract_notices, offers
from allocation.services import dwellings as stock
from allocation.services.terms import term
from queue_registry.models import User
from queue_registry.rules.calendar import civil_day, kazakhstan
from queue_registry.rules.reasons import EntryGround
from queue_registry.services import audit, queue_entries

TERM: Final = "sign_contract"


@transaction.atomic
def invite(*, offer_id: int, by: User, at: datetime) -> Offer:
    """
    Invite the household of an accepted home to sign its contract, once, until a last working day.

    :raises Refused: OFFER_NOT_ACCEPTED, TENANCY_EXISTS, DECISION_MISSING, INVITED_ALREADY, POLICY_LACKS_TERM.
    """
    offer = _lock(offer_id)
    if not AkimatDecision.objects.filter(sitting__run=offer.run_id).exists():
        raise Refused(Refusal.DECISION_MISSING)
    if offer.sign_by is not None:
        raise Refused(Refusal.INVITED_ALREADY, sign_by=offer.sign_by)
    days = term(offer.dwelling.akimat, TERM, on=civil_day(at))
    offer.sign_by = kazakhstan().working_day_after(civil_day(at), count=days)
    offer.invited_at, offer.invited_by = at, by
    offer.save(update_fields=["sign_by", "invited_at", "invited_by"])
    _record(offer, "offer.invited_to_sign", by=by, at=at, sign_by=offer.sign_by.isoformat())
    contract_notices.invite(offer, at=at)
    return offer


@transaction.atomic
def end(*, offer_id: int, document: str, by: User, at: datetime) -> Offer | None:
    """
    The household did not come in its term: it waits on at its place, and the reserve is called. Return the
    next offer, if any.

    :param document: what says that it did not come.
    :raises Refused: OFFER_NOT_ACCEPTED, TENANCY_EXISTS, NOT_INVITED, SIGNING_TERM_RUNS (its last day belongs
        to the household), OTHER_HAND, REASON_MISSING (no document).
    """
    offer = _lock(offer_id)
    document = document.strip()
    _check_may_end(offer, document, by, at)
    line = AllocationLine.objects.select_related("run").get(run=offer.run_id, dwelling=offer.dwelling_id)
    locked = queue_entries.lock_entries([offer.entry_id, *line.reserve])
    ground = EntryGround.CONTRACT_NOT_SIGNED
    # When it was accepted, and by whom, the row still tells.
    offer.state, offer.reason = Offer.State.WITHDRAWN, ground
    offer.save(update_fields=["state", "reason"])
    _record(offer, "offer.contract_not_signed", by=by, at=at, document=document)
    queue_entries.return_to_waiting(entry_id=offer.entry_id, by=by, at=at, ground=ground, document=document)
    contract_notices.tell_not_signed(offer, at=at)
    return offers.call_reserve(offer, line, locked, by=by, at=at)


def _lock(offer_id: int) -> Offer:
    """Lock an accepted offer without a contract through its dwelling."""
    stock.lock([Offer.objects.only("dwelling_id").get(pk=offer_id).dwelling_id])
    offer = offers.get_offer(offer_id)
    held = Tenancy.objects.filter(offer=offer).first()
    if held is not None:
        raise Refused(Refusal.TENANCY_EXISTS, number=held.number)
    if offer.state != Offer.State.ACCEPTED:
        raise Refused(Refusal.OFFER_NOT_ACCEPTED)
    return offer


def _check_may_end(offer: Offer, document: str, by: User, at: datetime) -> None:
    if offer.sign_by is None:
        raise Refused(Refusal.NOT_INVITED)
    if civil_day(at) <= offer.sign_by:
        raise Refused(Refusal.SIGNING_TERM_RUNS, sign_by=offer.sign_by)
    if by.pk in (offer.invited_by_id, offer.answered_by_id):
        raise Refused(Refusal.OTHER_HAND)
    if not document:
        raise Refused(Refusal.REASON_MISSING)


def _record(offer: Offer, event: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record(
        akimat=offer.dwelling.akimat,
        by=by,
        at=at,
        event=event,
        target=f"offer:{offer.pk}",
        file_number=offer.entry.file_number,
        dwelling=offer.dwelling.number,
        **data,
    )
