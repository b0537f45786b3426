"""Categories are dated periods; one of another list takes the entry there with its moment."""

from datetime import UTC, date, datetime, timedelta

import pytest

from queue_registry.models import AssessmentRequest, AuditEvent, CategoryPeriod
from queue_registry.selectors import invariants, judgments, moves, queue
from queue_registry.services import categories, queue_entries
from tests import factories
from tests.unit.queue_registry.services.moving import AT, refusal, removed

pytestmark = pytest.mark.django_db
DAY = date(2020, 5, 6)
TODAY = date(2026, 9, 1)


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town, number="4", family=[factories.HUSBAND], day=2)


def arguments(town, entry, **changes):
    given = {"entry_id": entry.pk, "category": "disabled_child", "document": "Certificate No 2"}
    return {**given, "by": town.clerk, "at": AT, **changes}


def test_a_period_is_begun_and_ended_and_goes_on_counting_if_it_is_sticky(town, entry):
    categories.begin(**arguments(town, entry, from_on=DAY))
    categories.end(**arguments(town, entry, until_on=TODAY, sticky=True))

    period = CategoryPeriod.objects.get()
    assert (period.from_on, period.until_on, period.sticky) == (DAY, TODAY, True)
    (kept,) = judgments.get_case(entry).kept
    assert (kept.code, kept.from_on) == ("disabled_child", DAY)
    assert AssessmentRequest.objects.filter(entry=entry).exists()


def test_the_trail_tells_the_act_and_nobody_s_health(town, entry):
    categories.begin(**arguments(town, entry, from_on=DAY))

    record = AuditEvent.objects.get(event="category_period.begun")
    assert record.target == f"queue_entry:{entry.pk}"
    assert "disab" not in str(record.data)


def test_what_ended_and_is_not_sticky_counts_no_more(town, entry):
    categories.begin(**arguments(town, entry, from_on=DAY))
    categories.end(**arguments(town, entry, until_on=TODAY))

    assert judgments.get_case(entry).kept == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document": " "}, "DOCUMENT_MISSING"),
        ({"category": "best_friend"}, "CATEGORY_NOT_LAWFUL"),
        ({"category": "orphan"}, "CATEGORY_OF_ANOTHER_LIST"),
        ({"category": "pensioner", "sticky": True}, "CATEGORY_DOES_NOT_STAY"),
        ({"from_on": TODAY + timedelta(days=1)}, "DAY_IN_FUTURE"),
        ({"seen": 0}, "CHANGED_MEANWHILE"),
    ],
)
def test_a_period_without_its_right_is_refused(town, entry, changes, code):
    assert refusal(categories.begin, **arguments(town, entry, **{"from_on": DAY, **changes})) == code


def test_a_period_is_not_begun_twice_nor_ended_before_it_began(town, entry):
    seen = moves.version_of(entry)
    categories.begin(**arguments(town, entry, from_on=DAY, seen=seen))

    assert refusal(categories.begin, **arguments(town, entry, from_on=DAY, seen=seen)) == "CHANGED_MEANWHILE"
    assert refusal(categories.begin, **arguments(town, entry, from_on=DAY)) == "CATEGORY_HELD"
    assert refusal(categories.end, **arguments(town, entry, until_on=DAY)) == "DAY_BEFORE_PERIOD"
    other = arguments(town, entry, category="kandas", until_on=TODAY)
    assert refusal(categories.end, **other) == "CATEGORY_NOT_HELD"


def test_a_category_of_another_list_takes_the_entry_there_with_its_moment(town, entry):
    before = factories.waiting(town, number="3", day=1)
    behind = factories.waiting(town, number="3", day=9)
    left = factories.waiting(town, number="4", day=8)
    effect = moves.effect_of_list(entry, "3")
    categories.begin(**arguments(town, entry, from_on=DAY))

    categories.change(**arguments(town, entry, to="large_family", from_on=TODAY, sticky=True))

    entry.refresh_from_db()
    assert entry.waiting_list.number == "3"
    assert entry.registered_at == datetime(2015, 3, 3, 5, tzinfo=UTC)
    assert [queue.place_of(one) for one in (before, entry, behind, left)] == [1, 2, 3, 1]
    assert (effect.list_from, effect.place_from, effect.list_to, effect.place_to) == ("4", 1, "3", 2)
    assert (effect.others_forward, effect.others_back) == (1, 1)
    event = entry.events.order_by("-pk").first()
    assert (event.kind, event.list_number, event.left_list.number) == ("LIST_CHANGED", "3", "4")
    assert invariants.impossible() == []


def test_a_category_of_the_same_list_moves_nobody(town, entry):
    effect = moves.effect_of_list(entry, "4")
    categories.change(**arguments(town, entry, category="", to="kandas", from_on=DAY))

    assert (effect.place_from, effect.place_to, effect.others_back, effect.others_forward) == (1, 1, 0, 0)
    assert entry.events.count() == 1


def test_one_entry_of_an_application_stands_on_a_list(town, entry):
    factories.waiting(town, number="3", application=entry.application, day=3)

    changed = arguments(town, entry, category="", to="large_family", from_on=DAY)
    assert refusal(categories.change, **changed) == "ALREADY_ON_LIST"


def test_offered_and_removed_entries_keep_their_categories(town, entry):
    gone = factories.waiting(town, number="4", family=[factories.HUSBAND], day=5)
    removed(town, gone)
    queue_entries.mark_offered(entry_id=entry.pk, by=town.clerk, at=AT, document="R-1")

    assert refusal(categories.begin, **arguments(town, entry, from_on=DAY)) == "ENTRY_OFFERED"
    assert refusal(categories.begin, **arguments(town, gone, from_on=DAY)) == "ENTRY_NOT_ACTIVE"
