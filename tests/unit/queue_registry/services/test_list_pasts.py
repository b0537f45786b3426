"""The past of a list summed up: when it is due, what is in it, and what shows that it is wrong."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from queue_registry import tasks
from queue_registry.models import ListPast, ListPastSum, QueueEntryEvent
from queue_registry.selectors import invariants, list_pasts
from queue_registry.selectors.place_history import list_histories
from queue_registry.services import list_pasts as pasts
from queue_registry.services import queue_entries
from tests import factories

pytestmark = pytest.mark.django_db
RULE = "the sums of a list's past are those of its events"


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entries(town):
    return [factories.waiting(town, day=day) for day in (1, 2, 3)]


def later(entry):
    return QueueEntryEvent.objects.filter(waiting_list=entry.waiting_list).latest("recorded_at").recorded_at


def test_a_list_is_due_once_enough_of_its_past_is_in_no_sum(entries, monkeypatch):
    until = later(entries[0]) + timedelta(days=1)
    key = entries[0].waiting_list_id
    assert list_pasts.list_due(until=until) == []

    monkeypatch.setattr(list_pasts, "WORTH_SUMMING", 3)
    assert list_pasts.list_due(until=until) == [key]
    pasts.sum_up(waiting_list_id=key, until=until)

    assert list_pasts.list_due(until=until) == []
    assert list_pasts.list_due(until=until + timedelta(days=30)) == []


def test_summed_up_twice_it_is_the_same(entries):
    key, until = entries[0].waiting_list_id, later(entries[0]) + timedelta(days=1)
    kept = [
        list(
            pasts.sum_up(waiting_list_id=key, until=until).sums.values_list("kind", "moments", "file_numbers")
        )
        for _ in range(2)
    ]

    assert kept[0] == kept[1]
    assert ListPast.objects.count() == 1
    assert sum(len(moments) for _, moments, _ in kept[0]) == len(entries)


def test_the_task_leaves_yesterday_out_and_goes_on_after_a_failure(entries, monkeypatch):
    monkeypatch.setattr(list_pasts, "WORTH_SUMMING", 1)
    recorded = later(entries[0])
    monkeypatch.setattr(tasks.clock, "now", lambda: recorded + timedelta(hours=20))
    tasks.sum_up_pasts()
    assert not ListPast.objects.filter(until__gt=recorded).exists()

    monkeypatch.setattr(tasks.clock, "now", lambda: recorded + timedelta(days=3))
    sum_up, failed = pasts.sum_up, []

    def failing(**given):
        failed.append(given)
        raise RuntimeError("no")

    monkeypatch.setattr(pasts, "sum_up", failing)
    tasks.sum_up_pasts()
    assert failed
    monkeypatch.setattr(pasts, "sum_up", sum_up)
    tasks.sum_up_pasts()
    assert ListPast.objects.get(waiting_list=entries[0].waiting_list).until > recorded


def test_what_comes_after_the_sums_is_counted_with_them(town, entries):
    first, _second, last = entries
    at = later(first) + timedelta(days=40)
    pasts.sum_up(waiting_list_id=first.waiting_list_id, until=at - timedelta(days=1))
    queue_entries.close_as_housed(entry_id=first.pk, by=town.supervisor, at=at, document="contract 1")

    history = list_histories([last])[last.pk]
    assert [sum(change.effects.values()) for change in history.changes] == [-1]
    assert (history.place, history.changes[-1].place_to) == (3, 2)


def test_sums_that_lack_an_event_are_found(entries):
    key = entries[0].waiting_list_id
    past = pasts.sum_up(waiting_list_id=key, until=later(entries[0]) + timedelta(days=1))
    assert RULE not in [found.rule for found in invariants.impossible()]

    past.sums.all().delete()

    (found,) = [found for found in invariants.impossible() if found.rule == RULE]
    assert found.whose == (f"{entries[0].akimat.kato} list {entries[0].waiting_list.number}",)


def test_the_database_refuses_a_sum_of_several_moments_without_them(entries):
    past = pasts.sum_up(waiting_list_id=entries[0].waiting_list_id, until=later(entries[0]))
    one = {"kind": "MOVED", "moved_to": "HOUSED", "effect": -1, "moments": [], "file_numbers": []}
    first = later(entries[0])

    with pytest.raises(IntegrityError, match="list_past_sum_knows_its_moments"), transaction.atomic():
        ListPastSum.objects.create(
            past=past, first_at=first, last_at=first + timedelta(seconds=1), recorded=[], **one
        )
    ListPastSum.objects.create(past=past, first_at=first, last_at=first, recorded=[], **one)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM queue_registry_listpastsum WHERE kind = 'MOVED'")
        assert cursor.fetchone() == (1,)
