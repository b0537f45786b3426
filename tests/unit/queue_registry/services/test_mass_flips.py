"""A system that turns against too many people at once is held, and everybody keeps the verdict of before."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from integrations.contract import Outcome
from queue_registry.models import (
    Assessment,
    AssessmentRequest,
    AuditEvent,
    QueueEntry,
    SourceAnswer,
    SourceHold,
)
from queue_registry.rules.facts import Said
from queue_registry.services import (
    assessment_requests,
    assessments,
    mass_flips,
    policies,
    source_holds,
)
from queue_registry.services.source_holds import HoldRefused
from tests import factories
from tests.unit.queue_registry.services.answering import owns, told

AT = factories.AT
FLIP = AT + timedelta(hours=3)
AFTER = FLIP + timedelta(minutes=10)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


def judge(*, at):
    """The worker judges whatever waits, until nothing does."""
    while assessment_requests.assess_due(limit=500, at=at):
        pass


def eligible(town, number):
    """So many households that were judged eligible before."""
    entries = [factories.waiting(town, day=day) for day in range(number)]
    assessment_requests.request_assessments(entries=entries, at=AT)
    judge(at=AT)
    assert set(Assessment.objects.values_list("eligibility", flat=True)) == {"ELIGIBLE"}
    return entries


def others_answered(number, *, source="egkn", at=FLIP, outcome=Said.NOT_FOUND_CONFIRMED):
    """So many other people of whom the source said something in the same hour."""
    people = [factories.PersonFactory() for _ in range(number)]
    SourceAnswer.objects.bulk_create(
        SourceAnswer(person=person, source=source, outcome=outcome, answered_at=at, source_as_of=at)
        for person in people
    )


def turn(entries, *, answers, at=FLIP):
    """The cadastre finds a home for each of these, among so many answers of the hour."""
    others_answered(answers - len(entries), at=at)
    for entry in entries:
        owns(entry.applicant, at=at)
    judge(at=at)


def verdicts(entries):
    rows = Assessment.objects.filter(entry__in=entries).order_by("entry_id")
    return [(row.eligibility, row.code) for row in rows]


def frozen(town, entries, *, at):
    """What a round would be told of the entries at a moment."""
    version = policies.policy_in_force(akimat=town.akimat, on=factories.ON)
    rows = QueueEntry.objects.filter(pk__in=[one.pk for one in entries])
    assessed = assessments.assess(
        entries=list(rows.select_related("akimat", "waiting_list")), policy_version=version, at=at
    )
    return {one.eligibility for one in assessed.values()}


def test_three_of_a_hundred_hold_the_source_and_take_nothing_from_anybody(town):
    entries = eligible(town, 3)
    turn(entries, answers=100)

    hold = SourceHold.objects.get()
    assert (hold.source, hold.flips, hold.answers, hold.held_at, hold.held_by) == ("egkn", 3, 100, FLIP, None)
    assert verdicts(entries) == [("ELIGIBLE", "")] * 3
    assert frozen(town, entries, at=AFTER) == {"ELIGIBLE"}
    record = AuditEvent.objects.get(event="source.held")
    assert (record.akimat_kato, record.data["entries"], record.data["source"]) == (factories.KATO, 3, "egkn")


@pytest.mark.parametrize(
    ("flips", "answers"),
    [(19, 1000), (2, 100), (3, 49)],
    ids=["1.9 of a hundred", "two of a hundred exactly", "fewer answers than the least number"],
)
def test_what_is_not_over_the_share_of_enough_answers_is_believed(town, flips, answers):
    entries = eligible(town, flips)
    turn(entries, answers=answers)

    assert not SourceHold.objects.exists()
    assert verdicts(entries) == [("INELIGIBLE", "OWNS_DWELLING")] * flips
    assert frozen(town, entries, at=AFTER) == {"INELIGIBLE"}


def test_answers_of_an_earlier_hour_and_of_other_sources_do_not_dilute(town):
    entries = eligible(town, 3)
    others_answered(900, at=FLIP - timedelta(hours=1))
    others_answered(900, source="zags")
    others_answered(900, outcome=Said.NO_CONSENT)
    turn(entries, answers=100)
    assert SourceHold.objects.get().answers == 100


def test_flips_of_one_hour_add_up_over_many_portions(town):
    entries = eligible(town, 3)
    others_answered(98)
    for minute, entry in enumerate(entries):
        owns(entry.applicant, at=FLIP + timedelta(minutes=minute))
        judge(at=FLIP + timedelta(minutes=minute))
    assert SourceHold.objects.get().flips == 3
    assert verdicts(entries) == [("ELIGIBLE", "")] * 3


def test_who_was_never_judged_eligible_is_no_flip_and_is_unknown_while_the_source_is_held(town):
    entries = eligible(town, 3)
    newcomer = factories.waiting(town, day=40, facts=[factories.dwelling_owned()])
    turn(entries, answers=100)
    assessment_requests.request_assessments(entries=[newcomer], at=AFTER)
    judge(at=AFTER)
    assert verdicts([newcomer]) == [("UNKNOWN", "SOURCE_UNANSWERED")]


def test_who_turned_long_before_does_not_become_eligible_by_the_hold(town):
    long_ago, *entries = eligible(town, 4)
    turn([long_ago], answers=60, at=AT + timedelta(hours=1))
    assert verdicts([long_ago]) == [("INELIGIBLE", "OWNS_DWELLING")]
    turn(entries, answers=100)
    assert SourceHold.objects.exists()
    assessment_requests.request_assessments(entries=[long_ago], at=AFTER)
    judge(at=AFTER)
    assert verdicts([long_ago]) == [("UNKNOWN", "SOURCE_UNANSWERED")]
    assert frozen(town, [long_ago], at=AFTER) == {"UNKNOWN"}


def test_what_comes_while_the_source_is_held_changes_nobody_either(town):
    late, *entries = eligible(town, 4)
    turn(entries, answers=100)
    owns(late.applicant, at=AFTER)
    judge(at=AFTER)
    assert verdicts([late]) == [("ELIGIBLE", "")]
    assert frozen(town, [late], at=AFTER) == {"ELIGIBLE"}


def test_another_source_s_failure_counts_while_one_is_held(town):
    one, *entries = eligible(town, 4)
    turn(entries, answers=100)
    told(one.applicant, "esutd", Outcome.NOT_FOUND_CONFIRMED, at=AFTER)
    judge(at=AFTER)
    assert verdicts([one]) == [("INELIGIBLE", "CATEGORY_NOT_CONFIRMED")]


def test_a_released_source_is_believed_and_not_held_again_for_what_was_looked_at(town):
    entries = eligible(town, 3)
    turn(entries, answers=100)
    source_holds.release(source="egkn", why="The cadastre confirmed it", by=town.admin, at=AFTER)
    judge(at=AFTER)

    assert verdicts(entries) == [("INELIGIBLE", "OWNS_DWELLING")] * 3
    assert SourceHold.objects.get().released_by == town.admin
    record = AuditEvent.objects.get(event="source.released")
    assert (record.actor, record.data["entries"]) == ("admin", 3)
    assert record.data["why"] == "The cadastre confirmed it"
    assert not AssessmentRequest.objects.exists()


def test_a_source_is_held_by_hand_once_and_released_once_with_a_reason(town):
    entries = eligible(town, 1)
    turn(entries, answers=1)
    source_holds.hold(source="egkn", why="Doubts", by=town.admin, at=AFTER)
    judge(at=AFTER)
    assert verdicts(entries) == [("ELIGIBLE", "")]

    for code, act in (
        ("HELD_ALREADY", lambda: source_holds.hold(source="egkn", why="Doubts", by=town.admin, at=AFTER)),
        ("SOURCE_UNKNOWN", lambda: source_holds.hold(source="stars", why="Doubts", by=town.admin, at=AFTER)),
        ("REASON_MISSING", lambda: source_holds.hold(source="zags", why=" ", by=town.admin, at=AFTER)),
        ("NOT_HELD", lambda: source_holds.release(source="zags", why="So", by=town.admin, at=AFTER)),
        ("REASON_MISSING", lambda: source_holds.release(source="egkn", why=" ", by=town.admin, at=AFTER)),
    ):
        with pytest.raises(HoldRefused) as refused:
            act()
        assert refused.value.code == code
    assert SourceHold.objects.get().released_at is None


def test_the_database_keeps_one_hold_of_a_source(town):
    source_holds.hold(source="egkn", why="Doubts", by=town.admin, at=AFTER)
    with pytest.raises(IntegrityError, match="one_current_hold_per_source"), transaction.atomic():
        SourceHold.objects.create(source="egkn", held_at=AFTER)


def test_a_guard_that_comes_second_judges_again_all_the_same(town):
    entries = eligible(town, 3)
    others_answered(97)
    for entry in entries:
        owns(entry.applicant, at=FLIP)
    SourceHold.objects.create(source="egkn", held_at=FLIP)
    Assessment.objects.update(
        eligibility="INELIGIBLE", code="OWNS_DWELLING", turned_by="egkn", turned_at=FLIP
    )
    (tripped,) = mass_flips.guard(sources={"egkn"}, at=FLIP)
    assert (tripped.hold, [one.pk for one in tripped.entries]) == (None, [one.pk for one in entries])
    mass_flips.record([tripped], at=FLIP)
    assert not AuditEvent.objects.filter(event="source.held").exists()
