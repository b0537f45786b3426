"""A suspension has a ground, a document and a notice; the place is kept."""

import pytest

from queue_registry.models import Notice
from queue_registry.rules.reasons import SuspensionGround
from queue_registry.selectors import moves, queue
from queue_registry.services import queue_entries, suspensions
from tests import factories
from tests.unit.queue_registry.services.moving import AT, refusal, removed, status_of

pytestmark = pytest.mark.django_db
OWN = SuspensionGround.OWN_REQUEST


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town)


def arguments(town, entry, **changes):
    given = {"entry_id": entry.pk, "ground": OWN, "document": "Request No 1", "by": town.clerk, "at": AT}
    return {**given, **changes}


def test_a_suspended_entry_keeps_its_place_and_is_told(town, entry):
    suspensions.suspend(**arguments(town, entry))

    assert (status_of(entry), queue.place_of(entry)) == ("SUSPENDED", 1)
    notice = Notice.objects.get(application=entry.application)
    assert (notice.kind, notice.facts["ground"]) == ("SUSPENDED", "OWN_REQUEST")
    suspensions.resume(**arguments(town, entry))
    assert status_of(entry) == "WAITING"
    grounds = entry.events.order_by("pk").values_list("ground", "document")
    assert list(grounds)[1:] == [("OWN_REQUEST", "Request No 1")] * 2


def test_a_suspension_without_its_right_is_refused(town, entry):
    seen = moves.version_of(entry)
    assert refusal(suspensions.suspend, **arguments(town, entry, document=" ")) == "DOCUMENT_MISSING"
    assert refusal(suspensions.resume, **arguments(town, entry)) == "ENTRY_NOT_SUSPENDED"

    suspensions.suspend(**arguments(town, entry, seen=seen))

    assert refusal(suspensions.suspend, **arguments(town, entry, seen=seen)) == "CHANGED_MEANWHILE"
    assert refusal(suspensions.suspend, **arguments(town, entry)) == "ENTRY_SUSPENDED_ALREADY"


def test_offered_and_removed_entries_are_not_suspended(town, entry):
    gone = factories.waiting(town, day=2)
    removed(town, gone)
    queue_entries.mark_offered(entry_id=entry.pk, by=town.clerk, at=AT, document="R-1")

    assert refusal(suspensions.suspend, **arguments(town, entry)) == "ENTRY_OFFERED"
    assert refusal(suspensions.suspend, **arguments(town, gone)) == "ENTRY_NOT_ACTIVE"
    assert refusal(suspensions.resume, **arguments(town, entry)) == "ENTRY_NOT_SUSPENDED"
