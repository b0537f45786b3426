"""Whom a list serves: counted while nobody took the home back, remembered for some seconds and no longer."""

from datetime import timedelta

import pytest

from queue_registry.selectors import served
from queue_registry.services import queue_entries
from tests import factories

pytestmark = pytest.mark.django_db
BEGIN = factories.AT


@pytest.fixture(autouse=True)
def _nothing_remembered():
    served._remembered.clear()
    yield
    served._remembered.clear()


@pytest.fixture
def town():
    return factories.town()


def house(town, entry, at):
    queue_entries.mark_offered(entry_id=entry.pk, by=town.supervisor, at=at, document="protocol 1")
    queue_entries.mark_housed(
        entry_id=entry.pk, by=town.supervisor, at=at + timedelta(minutes=1), document="contract 1"
    )


def housed(town, day, at):
    entry = factories.waiting(town, day=day)
    house(town, entry, at)
    return entry


def test_who_was_served_last_and_how_many_within_a_year(town):
    first = housed(town, 1, BEGIN)
    second = housed(town, 2, BEGIN + timedelta(days=1))
    key = first.waiting_list_id

    now = served.served_lately(key, at=BEGIN + timedelta(days=2))
    assert (now.housed, now.registered_at) == (2, second.registered_at)
    assert served.served_lately(key, at=BEGIN + timedelta(days=365, minutes=1)).housed == 1
    assert served.served_lately(key, at=BEGIN + timedelta(days=366, minutes=1)) is None


def test_a_home_that_was_taken_back_is_not_counted(town):
    entry = housed(town, 1, BEGIN)
    at = BEGIN + timedelta(days=1)
    queue_entries.undo_housed(entry_id=entry.pk, by=town.supervisor, at=at, document="decision 1")
    assert served.served_lately(entry.waiting_list_id, at=at) is None

    again = at + timedelta(days=1)
    house(town, entry, again)
    assert served.served_lately(entry.waiting_list_id, at=again).housed == 1


def test_a_home_that_came_through_another_list_is_not_counted(town):
    entry = factories.waiting(town, day=1)
    queue_entries.close_as_housed(entry_id=entry.pk, by=town.supervisor, at=BEGIN, document="contract 1")

    assert served.served_lately(entry.waiting_list_id, at=BEGIN) is None


def test_it_is_remembered_for_some_seconds_and_no_longer(town, settings):
    settings.PUBLIC_PAGES_REMEMBERED_SECONDS = 5
    entry = housed(town, 1, BEGIN)
    at, key = BEGIN + timedelta(days=1), entry.waiting_list_id
    assert served.served_lately(key, at=at).housed == 1
    housed(town, 2, BEGIN + timedelta(hours=1))

    assert served.served_lately(key, at=at + timedelta(seconds=4)).housed == 1
    assert served.served_lately(key, at=at - timedelta(seconds=1)).housed == 2
    assert served.served_lately(key, at=at + timedelta(seconds=5)).housed == 2
