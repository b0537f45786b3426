"""One household from the freeze to the keys: each act does what it says and leaves its record."""

from allocation.models import AllocationLine, Bundle, Decision, Dwelling, Offer
from allocation.selectors.rounds import get_round
from allocation.services import offers
from queue_registry.models import AuditEvent
from tests import factories

# Everything that the trail says of it, in its order: five members vote.
THE_WAY = [
    "queue_entry.registered",
    "allocation_round.opened",
    "allocation_round.frozen",
    "allocation_run.requested",
    "allocation_run.executed",
    "sitting.convened",
    *["sitting.attended"] * 5,
    *["vote.cast"] * 5,
    "decision.confirmed",
    "offer.made",
    "queue_entry.moved",
    "offer.accepted",
    "queue_entry.moved",
]


def test_a_served_household_gets_an_offer_and_with_its_yes_the_home(town):
    entry = factories.waiting(town)
    (dwelling,) = factories.ready(town, rooms=1, area="36.40")

    decision = factories.confirmed(town, [dwelling])
    offer = Offer.objects.get(entry=entry)
    offers.accept(offer_id=offer.pk, by=town.clerk, at=factories.AT)

    entry.refresh_from_db()
    dwelling.refresh_from_db()
    assert decision.outcome == Decision.Outcome.CONFIRMED
    assert entry.status == "HOUSED"
    assert dwelling.state == Dwelling.State.ALLOTTED
    assert AllocationLine.objects.get(entry=entry).dwelling == dwelling
    assert set(Bundle.objects.values_list("form", flat=True)) == {"FULL", "PUBLIC"}
    assert get_round(decision.sitting.run.round_id).state == "DECIDED"
    events = list(AuditEvent.objects.order_by("seq").values_list("event", flat=True))
    assert events[-len(THE_WAY) :] == THE_WAY
