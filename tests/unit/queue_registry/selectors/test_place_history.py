"""Any random history: events, state, counters, row numbers, explanations and time travel agree."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queue_registry.models import QueueEntry
from queue_registry.rules.place import count_ahead, explain
from queue_registry.selectors import as_of, invariants, list_pasts, place_history, queue
from queue_registry.services import list_pasts as pasts
from tests import factories
from tests.unit.queue_registry.selectors.histories import ACTS, BEGIN, LISTS, MOMENTS, History, undone
from tests.unit.queue_registry.selectors.test_counted_places import ranked

pytestmark = pytest.mark.django_db
AS_MANY = settings(max_examples=30, suppress_health_check=list(HealthCheck))


@pytest.fixture
def town():
    return factories.town()


@AS_MANY
@given(acts=ACTS)
def test_events_state_counters_row_numbers_and_explanations_agree(town, acts):
    with undone():
        played = History(town).play(acts)
        entries = list(QueueEntry.objects.all())

        assert invariants.impossible() == []
        places = queue.places_of(entries)
        assert places == ranked()
        now, _ = played.states_and_events(played.at)
        assert {entry.pk: count_ahead(now, entry.pk) + 1 for entry in entries if entry.is_active} == places
        for entry, history in place_history.list_histories(entries).items():
            check_history(played, entry, history, place_now=places.get(entry))


def check_history(played, entry, history, *, place_now):
    """The history begins at the registration, has no gap, ends at today's place, and its reasons add up."""
    began = played.entries[[one.pk for one in played.entries].index(entry)].events.earliest("pk").recorded_at
    states, events = played.states_and_events(began)
    told = explain(states=states, events=events, subject=entry)

    assert history.place == told.ahead_from + 1
    assert sum(told.effects.values()) == told.ahead_to - told.ahead_from
    place, ahead = history.place, history.place - 1
    for change in history.changes:
        assert (change.place_from, change.ahead_from) == (place, ahead)
        assert sum(change.effects.values()) == change.ahead_to - change.ahead_from
        if change.place_from and change.place_to:
            assert sum(change.effects.values()) == change.place_to - change.place_from
        place, ahead = change.place_to, change.ahead_to
    assert (place, ahead) == (place_now, told.ahead_to)
    summed = {}
    for change in history.changes:
        for reason, effect in change.effects.items():
            summed[reason] = summed.get(reason, 0) + effect
    assert {reason: effect for reason, effect in sorted(summed.items()) if effect} == told.effects


@AS_MANY
@given(acts=ACTS, part=st.integers(0, 4), at_once=st.sampled_from((1, 50)))
def test_a_past_that_is_summed_up_tells_the_same(town, acts, part, at_once):
    with undone(), patch.object(pasts, "AT_ONCE", at_once):
        played = History(town).play(acts)
        entries = list(QueueEntry.objects.all())
        read = place_history.list_histories(entries)

        until = BEGIN + (played.at - BEGIN) * part / 4 + timedelta(hours=1)
        for number in LISTS:
            pasts.sum_up(waiting_list_id=played.waiting_list(number).pk, until=until)

        assert place_history.list_histories(entries) == read
        assert list_pasts.unlike_events() == ()
        assert invariants.impossible() == []


@AS_MANY
@given(acts=ACTS)
def test_time_travel_equals_the_list_stored_that_day(town, acts):
    with undone():
        played = History(town).play(acts)
        for at, lists in played.stored:
            for number in LISTS:
                past = as_of.get_list(played.waiting_list(number), before=at + timedelta(microseconds=1))
                shown = [(one.file_number, one.registered_at, one.status) for one in past.entries]
                assert shown == lists[number]
                assert [one.place for one in past.entries] == list(range(1, len(shown) + 1))
                assert past.length == len(shown)


@AS_MANY
@given(acts=ACTS)
def test_an_entry_of_the_past_has_the_place_that_the_list_of_then_gives_it(town, acts):
    with undone():
        played = History(town).play(acts)
        at, _lists = played.stored[len(played.stored) // 2]
        before = at + timedelta(microseconds=1)
        places = {
            one.entry: one.place
            for number in LISTS
            for one in as_of.get_list(played.waiting_list(number), before=before).entries
        }
        for entry in played.entries:
            past = as_of.get_entry(entry, before=before)
            assert (past.place if past else None) == places.get(entry.pk)


def test_a_history_takes_as_many_queries_for_a_long_list_as_for_a_short_one(town):
    played = History(town)
    mine = played.register(MOMENTS[0], "5")
    with CaptureQueriesContext(connection) as alone:
        place_history.list_histories([mine])
    for index in range(8):
        played.at += timedelta(days=1)
        played.register(MOMENTS[index % 3], "5")
    with CaptureQueriesContext(connection) as among_others:
        place_history.list_histories([mine])

    assert len(alone) == len(among_others) == 2
