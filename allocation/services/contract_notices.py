"""Notices about contracts, ordered in the transaction of the act that they tell of."""

from datetime import datetime
from typing import Any

from allocation.models import Offer, Tenancy
from allocation.services.offer_notices import about, complaint_until, due_on, home_facts
from queue_registry.models import Notice
from queue_registry.rules.calendar import civil_day
from queue_registry.services import notices


def invite(offer: Offer, *, at: datetime) -> None:
    """Invite a household to sign the contract; it is sent on the day from which the term runs."""
    if offer.sign_by is None:
        raise ValueError("Nobody is invited without a last day.")
    facts = {"sign_by": offer.sign_by.isoformat(), "home": home_facts(offer.dwelling)}
    order = _order(offer, **facts)
    notices.order_many(orders=[order], kind=Notice.Kind.CONTRACT_DUE, due_on=civil_day(at), at=at)


def tell_not_signed(offer: Offer, *, at: datetime) -> None:
    """Tell a household that the home which it accepted went on, and how to contest it."""
    round_ = offer.run.round
    order = _order(offer, complaint_until=complaint_until(round_, at))
    kind = Notice.Kind.CONTRACT_NOT_SIGNED
    notices.order_many(orders=[order], kind=kind, due_on=due_on(round_, at), at=at)


def tell_annulled(tenancy: Tenancy, *, at: datetime) -> None:
    """Tell a household that its contract was annulled, on what ground, and how to contest it."""
    offer, round_ = tenancy.offer, tenancy.offer.run.round
    order = _order(
        offer,
        contract=tenancy.number,
        ground=str(tenancy.annulled_ground),
        complaint_until=complaint_until(round_, at),
    )
    kind = Notice.Kind.TENANCY_ANNULLED
    notices.order_many(orders=[order], kind=kind, due_on=due_on(round_, at), at=at)


def _order(offer: Offer, **facts: Any) -> notices.Order:
    told = {**about(offer.run.round), "list": offer.entry.waiting_list.number, **facts}
    return notices.Order(application_id=offer.application_id, facts=told)
