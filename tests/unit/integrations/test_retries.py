"""What follows from an outcome: an answer, a later attempt, or a question given up with its reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations.contract import Answer, Outcome
from integrations.retries import LONGEST_WAIT, LOOKS_AT_DAMAGE, DeadReason, Verdict, after, wait
from integrations.sources import ADAPTERS

AT = datetime(2026, 9, 1, tzinfo=UTC)
DEFINITION = replace(ADAPTERS["egkn"].definition, max_attempts=4)


def verdict(outcome, *, failures=0, attempt=1, deadline=timedelta(days=14), retry_after=None):
    answer = Answer(key="k", outcome=outcome, raw_code="", retry_after=retry_after)
    return after(
        answer, definition=DEFINITION, failures=failures, attempt=attempt, deadline_at=AT + deadline, at=AT
    )


@pytest.mark.parametrize(
    "outcome",
    [Outcome.FOUND, Outcome.NOT_FOUND_CONFIRMED, Outcome.NO_CONSENT, Outcome.CONSENT_EXPIRED],
)
def test_an_answer_closes_the_question(outcome):
    assert verdict(outcome, failures=3) == Verdict()


@pytest.mark.parametrize("outcome", [Outcome.ACCESS_DENIED, Outcome.PERMANENT])
def test_a_refusal_is_given_up_at_once(outcome):
    assert verdict(outcome) == Verdict(dead_reason=DeadReason.REFUSED, is_failure=True)


@pytest.mark.parametrize(
    ("failures", "is_dead"),
    [(0, False), (DEFINITION.max_attempts - 2, False), (DEFINITION.max_attempts - 1, True)],
)
def test_a_temporary_failure_is_asked_again_up_to_the_limit_of_the_source(failures, is_dead):
    result = verdict(Outcome.TEMPORARY, failures=failures)

    assert result.is_failure
    assert result.dead_reason == (DeadReason.TOO_MANY_FAILURES if is_dead else None)
    assert (result.retry_at is None) == is_dead


@pytest.mark.parametrize("outcome", [Outcome.CONTRACT_VIOLATION, Outcome.IDENTITY_MISMATCH])
@pytest.mark.parametrize(("failures", "is_dead"), [(LOOKS_AT_DAMAGE - 2, False), (LOOKS_AT_DAMAGE - 1, True)])
def test_a_bad_answer_gets_a_few_more_looks(outcome, failures, is_dead):
    result = verdict(outcome, failures=failures)

    assert result.dead_reason == (DeadReason.BAD_ANSWER if is_dead else None)


@pytest.mark.parametrize("outcome", [Outcome.RATE_LIMITED, Outcome.CIRCUIT_OPEN])
def test_not_now_is_no_failure_however_often_it_is_said(outcome):
    result = verdict(outcome, failures=100, attempt=100)

    assert not result.is_failure
    assert result.retry_at > AT


def test_a_question_is_not_asked_again_after_its_deadline():
    result = verdict(Outcome.RATE_LIMITED, deadline=timedelta(hours=1), retry_after=timedelta(hours=1))

    assert result == Verdict(dead_reason=DeadReason.TOO_OLD)


def test_the_wait_is_never_shorter_than_what_the_other_side_asks_for():
    result = verdict(Outcome.RATE_LIMITED, retry_after=timedelta(minutes=3))

    assert result.retry_at > AT + timedelta(minutes=3)


@pytest.mark.parametrize(
    ("attempt", "longest"),
    [(1, timedelta(seconds=6)), (2, timedelta(seconds=11)), (30, LONGEST_WAIT + timedelta(seconds=1))],
)
def test_waits_grow_to_a_limit_and_do_not_come_back_together(attempt, longest):
    waits = {wait(key=str(number), attempt=attempt, asked_for=None) for number in range(200)}

    assert len(waits) == 200
    assert timedelta(seconds=1) <= min(waits) < max(waits) <= longest
    assert max(waits) > longest / 2


def test_the_same_attempt_always_waits_the_same():
    assert wait(key="k", attempt=3, asked_for=None) == wait(key="k", attempt=3, asked_for=None)
