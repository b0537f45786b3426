"""The machine's clock jumps: what would stand before its own past is refused, and nothing is half done."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from allocation.models import Offer
from allocation.tasks import expire_offers
from queue_registry.models import AuditEvent, QueueEntryEvent
from queue_registry.selectors import clock, invariants
from queue_registry.services import queue_entries
from tests import factories, situations
from tests.factories import AT

pytestmark = pytest.mark.django_db
BACK = AT - timedelta(hours=1)


@pytest.fixture
def town():
    return factories.town()


def suspend(town, entry, *, at):
    """The act, and what the database asks of it when it commits."""
    with transaction.atomic():
        queue_entries.suspend(entry_id=entry.pk, by=town.clerk, at=at, ground="NO_CONTACT")
        connection.check_constraints()


def test_an_act_before_the_newest_event_of_its_entry_is_refused_whole(town):
    other = factories.waiting(town)
    events, records = QueueEntryEvent.objects.count(), AuditEvent.objects.count()

    with pytest.raises(IntegrityError, match="queue_entry_moves_with_its_event"):
        suspend(town, other, at=BACK)

    assert (QueueEntryEvent.objects.count(), AuditEvent.objects.count()) == (events, records)
    assert invariants.impossible() == []


def test_an_act_on_somebody_else_goes_on_and_the_chain_holds_although_time_went_back(town):
    first, second = factories.waiting(town), factories.waiting(town)
    suspend(town, first, at=AT + timedelta(hours=2))

    suspend(town, second, at=AT + timedelta(hours=1))

    moments = list(AuditEvent.objects.order_by("seq").values_list("at", flat=True))
    assert moments[-1] < moments[-2]
    assert invariants.impossible() == []


def test_a_clock_that_is_ahead_ends_offers_and_everything_stays_whole(town, monkeypatch):
    situations.offer_open(town)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=400))

    expire_offers()

    assert Offer.objects.get().state == Offer.State.EXPIRED
    assert AuditEvent.objects.filter(event="offer.expired").count() == 1
    assert invariants.impossible() == []
