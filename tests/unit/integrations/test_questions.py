"""Questions go into the outbox once: what is asked already or answered lately is not asked again."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations import services
from integrations.contract import Lane, Outcome, Query
from integrations.models import CheckRequest, CheckState
from integrations.services import Freshness, Holds
from integrations.sources import ADAPTERS

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
IIN, OTHER_IIN = "990101200002", "990101200010"
pytestmark = pytest.mark.django_db


def question(**fields):
    return Query(**{"source": "egkn", "iin": IIN, "purpose": "need", "bucket": "2026-09", **fields})


def close(pk, *, outcome=Outcome.FOUND, ago=timedelta(0)):
    state = CheckState.ANSWERED
    CheckRequest.objects.filter(pk=pk).update(state=state, outcome=outcome, closed_at=AT - ago)


def put(asked, **options):
    return services.enqueue_once([asked], at=AT, **options)[asked]


def test_a_question_of_another_purpose_that_is_open_answers_both():
    first = put(question())

    assert put(question(purpose="inventory", bucket="2026-Q3")) == first
    assert CheckRequest.objects.count() == 1


def test_each_question_gets_its_row_and_the_same_one_gets_the_same():
    mine, his, again = question(), question(iin=OTHER_IIN), question(requested_by="clerk")

    rows = services.enqueue_once([mine, his, again], at=AT)

    assert rows[mine] == rows[again] != rows[his]
    assert dict(CheckRequest.objects.values_list("pk", "subject_iin")) == {
        rows[mine]: IIN,
        rows[his]: OTHER_IIN,
    }


@pytest.mark.parametrize(
    "different",
    [{"iin": OTHER_IIN}, {"source": "zags"}, {"operation": "another"}, {"reference": "R"}],
    ids=["person", "source", "operation", "reference"],
)
def test_what_differs_in_sense_is_asked(different):
    first = put(question())

    assert put(question(purpose="inventory", **different)) != first


@pytest.mark.parametrize("freshness", [Freshness.USUAL, Freshness.BEFORE_ALLOCATION])
def test_an_answer_is_found_until_it_is_stale(freshness):
    definition = ADAPTERS["egkn"].definition
    term = definition.ttl if freshness is Freshness.USUAL else definition.ttl_before_allocation
    first = put(question())

    close(first, ago=term - timedelta(seconds=1))
    assert put(question(purpose="inventory"), freshness=freshness) == first

    close(first, ago=term)
    assert put(question(purpose="inventory"), freshness=freshness) != first


@pytest.mark.parametrize(
    ("age", "holds", "is_asked"),
    [
        (timedelta(hours=12), {"until": AT + timedelta(days=30, hours=-12)}, False),
        (timedelta(hours=12, microseconds=1), {"until": AT + timedelta(days=30, hours=-12)}, True),
        (timedelta(hours=6), {"until": AT, "since": AT - timedelta(hours=6)}, False),
        (timedelta(hours=6, microseconds=1), {"until": AT, "since": AT - timedelta(hours=6)}, True),
        (timedelta(days=1), {"until": AT}, True),
    ],
    ids=["holds as long", "ends before", "came since", "came before", "fresh no more"],
)
def test_an_answer_that_does_not_hold_long_enough_is_asked_for_anew(age, holds, is_asked):
    """The cadastre answers for 30 days, and is asked before an allocation after one."""
    first = put(question())
    close(first, ago=age)

    again = put(question(purpose="inventory"), freshness=Freshness.BEFORE_ALLOCATION, holds=Holds(**holds))

    assert (again != first) == is_asked


@pytest.mark.parametrize("outcome", [Outcome.NO_CONSENT, Outcome.IDENTITY_MISMATCH])
def test_a_word_that_says_nothing_of_the_person_makes_nothing_fresh(outcome):
    first = put(question())
    close(first, outcome=outcome)

    assert put(question(purpose="inventory")) != first


def test_a_question_of_the_same_key_is_never_asked_again():
    first = put(question())
    close(first, outcome=Outcome.NO_CONSENT, ago=timedelta(days=300))

    assert put(question()) == first
    assert put(question(), freshness=Freshness.ASK_ANYWAY) == first


def test_a_second_look_is_a_question_of_its_own():
    first = put(question())
    close(first)

    assert put(question(purpose="second-look"), freshness=Freshness.ASK_ANYWAY) != first


def test_an_open_question_of_another_purpose_changes_its_lane_when_somebody_waits():
    first = put(question())

    assert put(question(purpose="intake", lane=Lane.INTERACTIVE)) == first
    assert CheckRequest.objects.get().lane == Lane.INTERACTIVE


def test_an_open_question_may_be_shared_without_asking_which():
    first = put(question(purpose="inventory"))
    waiting = question(lane=Lane.INTERACTIVE)

    assert services.enqueue([waiting], at=AT, shared=True) == 0
    assert CheckRequest.objects.get(pk=first).lane == Lane.INTERACTIVE
    assert services.enqueue([waiting], at=AT) == 1


def test_an_unknown_source_is_refused_and_nothing_is_written():
    with pytest.raises(services.UnknownSource, match="oracle"):
        services.enqueue_once([question(), question(source="oracle")], at=AT)
    assert not CheckRequest.objects.exists()
