"""One household from the freeze to the keys: each act does what it says and leaves its record."""

import pytest

from allocation.models import AllocationLine, Bundle, Decision, Dwelling, Offer
from allocation.selectors.rounds import get_round
from queue_registry.models import AuditEvent
from tests import contracts, factories

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
    *["protocol.made"] * 2,
    "manifest.made",
    *["protocol.signed"] * 5,
    "akimat_decision.entered",
    "offer.accepted",
    "tenancy.concluded",
    "tenancy.keys_handed",
    "queue_entry.moved",
]


@pytest.fixture
def authority(settings, tmp_path):
    return contracts.set_up_signing(settings, tmp_path)


def test_a_served_household_gets_an_offer_and_on_its_contract_the_keys(town, authority):
    entry = factories.waiting(town)
    (dwelling,) = factories.ready(town, rooms=1, area="36.40")

    decision = factories.confirmed(town, [dwelling])
    contracts.resting_on(town, authority, decision)
    offer = contracts.accepted(town, entry=entry)
    entry.refresh_from_db()
    dwelling.refresh_from_db()
    assert (entry.status, dwelling.state) == ("OFFERED", Dwelling.State.OFFERED)
    contracts.with_keys(town, contracts.concluded(town, offer))

    entry.refresh_from_db()
    dwelling.refresh_from_db()
    assert decision.outcome == Decision.Outcome.CONFIRMED
    assert (entry.status, dwelling.state) == ("HOUSED", Dwelling.State.ALLOTTED)
    assert Offer.objects.get().state == Offer.State.ACCEPTED
    assert AllocationLine.objects.get(entry=entry).dwelling == dwelling
    assert set(Bundle.objects.values_list("form", flat=True)) == {"FULL", "PUBLIC"}
    assert get_round(decision.sitting.run.round_id).state == "DECIDED"
    events = list(AuditEvent.objects.order_by("seq").values_list("event", flat=True))
    assert events[-len(THE_WAY) :] == THE_WAY
