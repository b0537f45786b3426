"""A moment that is given back is put into later rounds: exactly those that would differ are named."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allocation.services import appeals
from allocation.services.appeals import Restored
from queue_registry.models import AuditEvent
from queue_registry.services import queue_entries
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services import moving

MONTH = timedelta(days=30)


@pytest.fixture
def entries(town):
    """Six households, all single, in the order of their list."""
    return [factories.waiting(town, day=day) for day in range(1, 7)]


def rounds(town, count=3, *, start=AT):
    """One home a month: whoever waits first is served."""
    return [
        factories.confirmed(
            town, factories.ready(town, rooms=1, area="36.40"), at=start + number * MONTH
        ).sitting.run.round
        for number in range(count)
    ]


def differences(entry, registered_at):
    restored = Restored(entry=entry, registered_at=registered_at)
    return appeals.recompute(restored, appeals.concerned(restored))


def test_a_date_given_back_changes_exactly_the_two_rounds_after_it(town, entries):
    first, second, third, *_, last = entries
    _one, two, three = rounds(town)

    found = differences(last, first.registered_at + timedelta(hours=1))

    assert [(one.round_number, one.newly, one.no_longer) for one in found] == [
        (two.number, (last.file_number,), (second.file_number,)),
        (three.number, (last.file_number,), (third.file_number,)),
    ]
    assert all(one.own_dwelling for one in found)


def test_the_moment_that_the_entry_has_changes_nothing(town, entries):
    rounds(town)

    assert differences(entries[-1], entries[-1].registered_at) == []


def test_rounds_frozen_before_the_moment_are_not_looked_at(town, entries):
    _one, two, three = rounds(town)

    concerned = appeals.concerned(Restored(entry=entries[-1], registered_at=AT + timedelta(days=1)))

    assert [run.round for run in concerned] == [two, three]


def test_who_was_suspended_is_judged_as_if_he_had_waited(town, entries):
    first, second, *_ = entries
    queue_entries.suspend(entry_id=first.pk, by=town.clerk, at=AT, ground="TESTED")
    (one,) = rounds(town, 1)

    found = differences(first, first.registered_at)

    assert [(row.round_number, row.newly, row.no_longer) for row in found] == [
        (one.number, (first.file_number,), (second.file_number,))
    ]


def test_who_stood_on_no_list_any_more_is_put_into_the_rounds_since(town, entries):
    first, second, *_ = entries
    moment = first.registered_at
    moving.removed(town, first)
    (one,) = rounds(town, 1, start=AT + MONTH)
    first.refresh_from_db()

    found = differences(first, moment)

    assert [(row.round_number, row.newly, row.no_longer) for row in found] == [
        (one.number, (first.file_number,), (second.file_number,))
    ]


def test_nothing_is_written(town, entries):
    rounds(town)
    before = AuditEvent.objects.count()

    with CaptureQueriesContext(connection) as queries:
        differences(entries[-1], entries[0].registered_at)

    assert {query["sql"].split()[0] for query in queries} <= {"SELECT", "SAVEPOINT", "RELEASE", "SET"}
    assert AuditEvent.objects.count() == before
