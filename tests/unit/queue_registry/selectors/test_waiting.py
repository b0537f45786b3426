"""What happened on a list, counted from its events, is what the list was; hints cost one query."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from queue_registry.models import ExpectedWaiting, QueueEntry, WaitingList
from queue_registry.rules import waiting as rule
from queue_registry.selectors import waiting
from queue_registry.services import expected_waiting
from queue_registry.tasks import renew_expected_waiting
from tests import factories
from tests.unit.queue_registry.selectors.histories import ACTS, LISTS, History, undone

pytestmark = pytest.mark.django_db
NEXT_MONTH = date(2026, 10, 1)


@pytest.fixture
def town():
    return factories.town()


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(acts=ACTS)
def test_what_is_left_of_all_counts_is_who_waits_or_has_an_offer(town, acts):
    with undone():
        History(town).play(acts)
        for number in LISTS:
            waiting_list = WaitingList.objects.get(akimat=town.akimat, number=number)
            past = waiting.get_past(waiting_list, on=NEXT_MONTH)
            of_list = QueueEntry.objects.filter(waiting_list=waiting_list)
            assert past.ahead[-1][past.months] == of_list.filter(status__in=("WAITING", "OFFERED")).count()
            assert sum(part.held for part in past.parts) == of_list.filter(status="SUSPENDED").count()


def test_only_whole_months_are_counted(town):
    entry = factories.waiting(town, day=1)
    at = entry.events.get().recorded_at

    assert waiting.get_past(entry.waiting_list, on=at.date()).months == 0
    counted = waiting.get_past(entry.waiting_list, on=NEXT_MONTH)
    assert (counted.months, counted.ahead[-1][1]) == (1, 1)


def test_a_late_registration_is_told_from_one_of_these_weeks(town):
    history = History(town)
    history.at = datetime(2026, 3, 2, 4, tzinfo=UTC)
    history.register(datetime(2026, 3, 1, tzinfo=UTC), "4")
    history.at = datetime(2026, 5, 4, 4, tzinfo=UTC)
    history.register(datetime(2026, 5, 2, tzinfo=UTC), "4")
    history.register(datetime(2011, 5, 2, tzinfo=UTC), "4")

    past = waiting.get_past(history.waiting_list("4"), on=NEXT_MONTH)

    assert sum(sum(part.came) for part in past.parts) == 3
    assert sum(sum(part.late) for part in past.parts) == 1


def test_every_list_with_entries_is_renewed_once_a_day(town):
    entry = factories.waiting(town, day=1)

    assert waiting.list_due(on=factories.ON) == [entry.waiting_list_id]
    expected_waiting.renew(waiting_list_id=entry.waiting_list_id, on=factories.ON)
    assert waiting.list_due(on=factories.ON) == []
    assert waiting.list_due(on=NEXT_MONTH) == [entry.waiting_list_id]
    expected_waiting.renew(waiting_list_id=entry.waiting_list_id, on=NEXT_MONTH)
    # Two months of one list without a home: it is known that nothing can be foreseen.
    (row,) = ExpectedWaiting.objects.all()
    assert (row.on, row.outlook) == (NEXT_MONTH, None)


def test_the_task_renews_what_is_due_and_one_failure_stops_no_other(town, monkeypatch):
    first, second = factories.waiting(town, day=1, number="4"), factories.waiting(town, day=2, number="5")
    renew = expected_waiting.renew

    def failing(*, waiting_list_id, on):
        if waiting_list_id == min(first.waiting_list_id, second.waiting_list_id):
            raise RuntimeError
        return renew(waiting_list_id=waiting_list_id, on=on)

    monkeypatch.setattr(expected_waiting, "renew", failing)
    renew_expected_waiting()

    assert ExpectedWaiting.objects.count() == 1


def test_a_hint_costs_no_query_and_is_there_only_where_something_is_foreseen(town):
    first, second = factories.waiting(town, day=1, number="4"), factories.waiting(town, day=2, number="5")
    row = ExpectedWaiting.objects.create(
        waiting_list=first.waiting_list, on=factories.ON, outlook=OUTLOOK.as_document()
    )
    ExpectedWaiting.objects.create(waiting_list=second.waiting_list, on=factories.ON, outlook=None)
    known, unknown = ExpectedWaiting.objects.order_by("waiting_list__number").values_list(
        Cast("outlook", TextField()), flat=True
    )

    with CaptureQueriesContext(connection) as queries:
        hint = waiting.hint_of(known, on=factories.ON, place=120)
        assert waiting.hint_of(known, on=factories.ON, place=2_000) is None
        assert waiting.hint_of(unknown, on=factories.ON, place=1) is None
        assert waiting.hint_of(None, on=None, place=1) is None

    assert len(queries) == 0
    assert hint.range.low < 12 < hint.range.high
    assert (hint.tested.percent, hint.on) == (81, row.on)


OUTLOOK = rule.Outlook(
    speed=10.0,
    longest=40.0,
    stretches=(rule.Stretch(active=3000, in_way=3000, leaving=0.0),),
    errors=((1.0, 0.4), (40.0, 0.3)),
    tested=rule.Tested(hits=81, people=100),
)
