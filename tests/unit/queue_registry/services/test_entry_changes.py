"""Digitization sets an entry's list and moment by the source document, and nothing that was decided on."""

from datetime import UTC, datetime

import pytest

from queue_registry.models import WaitingList
from queue_registry.services import entry_changes, queue_entries
from tests.unit.queue_registry.conftest import AT

ONE = "851231100002"


def settled_elsewhere(founded):
    """Another list and an earlier day than the entry has."""
    return {
        "settled": entry_changes.Settled(
            waiting_list=WaitingList.objects.get(akimat=founded.akimat, number="4"),
            registered_at=datetime(2012, 5, 6, 18, 59, 59, tzinfo=UTC),
            time_known=False,
            provisional=False,
        ),
        "by": founded.staff["supervisor"],
        "at": AT,
        "document": "register book, page 12",
    }


def test_digitization_settles_list_and_moment_with_an_event_each(register, founded):
    (entry,) = register(ONE)

    entry_changes.settle(entry_id=entry.pk, **settled_elsewhere(founded))

    events = entry.events.order_by("pk").values_list("kind", "list_number", "registered_at__year", "document")
    assert list(events)[1:] == [
        ("LIST_CHANGED", "4", 2012, "register book, page 12"),
        ("REGISTERED_AT_CHANGED", "4", 2012, "register book, page 12"),
    ]


def test_digitization_does_not_touch_an_entry_with_a_live_offer(register, founded):
    (entry,) = register(ONE)
    queue_entries.mark_offered(entry_id=entry.pk, by=None, at=AT, document="protocol 1")

    with pytest.raises(entry_changes.NotByDigitization, match="OFFERED"):
        entry_changes.settle(entry_id=entry.pk, **settled_elsewhere(founded))

    assert entry.events.count() == 2
