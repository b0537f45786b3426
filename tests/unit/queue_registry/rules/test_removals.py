"""Terms of a removal at their limits, and who is protected from which ground."""

from datetime import date

import pytest

from queue_registry.rules import removals
from queue_registry.rules.calendar import YearUnknown, kazakhstan
from queue_registry.rules.move_refusals import MoveRefusal, MoveRefused
from queue_registry.rules.reasons import AGAINST_THE_PROTECTED, PROTECTED_CATEGORIES, RemovalGround
from tests.unit.queue_registry.rules.invented import policy

ON = date(2026, 9, 1)


@pytest.mark.parametrize("code", ["akimat-2022", "ladder-2022", "operator-2025"])
def test_every_policy_has_the_terms_of_a_removal(code):
    figures = policy(code)

    names = ("removal_notice", "objections", "notice_days", "complaint_months", "complaint_decided")
    assert [figures.term(name) for name in names] == [3, 2, 10, 3, 20]


@pytest.mark.parametrize(
    ("notified", "objections_until", "decision_from"),
    [
        # Tuesday: Wednesday and Thursday to object, Friday is the third day, Monday the first of a decision.
        (date(2026, 9, 1), date(2026, 9, 3), date(2026, 9, 7)),
        # Friday before a week-end.
        (date(2026, 9, 4), date(2026, 9, 8), date(2026, 9, 10)),
        # Told on a Saturday: the term begins with Monday.
        (date(2026, 9, 5), date(2026, 9, 8), date(2026, 9, 10)),
    ],
)
def test_all_working_days_of_the_notice_belong_to_the_household(notified, objections_until, decision_from):
    term = removals.response_term(notified_on=notified, policy=policy(), working_days=kazakhstan())

    assert (term.objections_until, term.decision_from) == (objections_until, decision_from)


def test_a_term_that_runs_into_a_year_without_holidays_is_refused():
    with pytest.raises(YearUnknown):
        removals.response_term(notified_on=date(2027, 12, 30), policy=policy(), working_days=kazakhstan())


def test_the_written_notice_counts_days_and_not_working_days():
    assert removals.written_notice_by(date(2026, 9, 7), policy()) == date(2026, 9, 17)


@pytest.mark.parametrize(
    ("decided", "until"),
    [
        (date(2026, 9, 7), date(2026, 12, 7)),
        (date(2026, 11, 30), date(2027, 2, 28)),
        (date(2026, 12, 31), date(2027, 3, 31)),
        (date(2027, 11, 30), date(2028, 2, 29)),
    ],
)
def test_a_complaint_may_be_filed_for_three_calendar_months(decided, until):
    assert removals.complaint_until(decided, policy()) == until


def test_a_complaint_is_decided_on_the_twentieth_working_day():
    decide_by = removals.decide_complaint_by(date(2026, 9, 1), policy=policy(), working_days=kazakhstan())

    assert decide_by == date(2026, 9, 29)


@pytest.mark.parametrize("category", sorted(PROTECTED_CATEGORIES))
@pytest.mark.parametrize("ground", sorted(RemovalGround))
def test_the_protected_are_removed_on_the_grounds_that_hold_against_them_alone(category, ground):
    if ground in AGAINST_THE_PROTECTED:
        assert removals.check_protection(ground, {category}, on=ON) is None
        return
    with pytest.raises(MoveRefused) as refused:
        removals.check_protection(ground, {category, "pensioner"}, on=ON)

    assert refused.value.code is MoveRefusal.PROTECTED
    assert refused.value.detail["category"] == category
    assert refused.value.detail["article"] == "art 73: protected until housed"


def test_those_who_are_not_protected_are_removed_on_any_ground():
    assert [
        removals.check_protection(ground, {"pensioner", "disability"}, on=ON) for ground in RemovalGround
    ] == [None] * len(RemovalGround)
