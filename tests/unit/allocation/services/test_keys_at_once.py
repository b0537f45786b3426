"""Two people act on one contract at the same moment: one acts, the other is told, nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from allocation.models import Dwelling, Tenancy
from allocation.rules.refusals import Refused
from queue_registry.models import AuditEvent, QueueEntry, QueueEntryEvent
from queue_registry.selectors import invariants
from tests import contracts, factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(transactional_db):
    return factories.town()


@pytest.fixture
def offer(town, settings, tmp_path):
    authority = contracts.set_up_signing(settings, tmp_path)
    entry = factories.waiting(town, number="4")
    factories.waiting(town, number="5", application=entry.application)
    decision = factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"))
    contracts.resting_on(town, authority, decision)
    return contracts.accepted(town)


def at_once(*acts):
    """Do acts at the same time, each on a connection of its own; return the codes of what was refused."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait(10)
            act()
        except Refused as refused:
            return refused.code.value
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        answers = [one.result(60) for one in [pool.submit(run, act) for act in acts]]
    return sorted(code for code in answers if code is not None)


def test_a_contract_sent_twice_at_once_is_concluded_once(town, offer):
    refused = at_once(*[lambda: contracts.concluded(town, offer)] * 2)

    assert refused == ["TENANCY_EXISTS"]
    assert Tenancy.objects.get().papers.count() == 2


def test_keys_sent_twice_at_once_are_handed_over_once(town, offer):
    tenancy = contracts.concluded(town, offer)

    refused = at_once(*[lambda: contracts.with_keys(town, tenancy)] * 2)

    assert refused == ["KEYS_HANDED"]
    assert set(QueueEntry.objects.values_list("status", flat=True)) == {"HOUSED"}
    assert QueueEntryEvent.objects.filter(moved_to="HOUSED").count() == 2
    assert Dwelling.objects.get().events.filter(moved_to="ALLOTTED").count() == 1
    assert AuditEvent.objects.filter(event="tenancy.keys_handed").count() == 1
    assert invariants.impossible() == []
