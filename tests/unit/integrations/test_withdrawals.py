"""Questions without a consent: closed unasked, opened again by the next consent, never twice for the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from integrations import services, withdrawals
from integrations.contract import Outcome, Query
from integrations.models import CheckRequest
from tests import asking

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
IIN, OTHER = "851231100002", "920330200109"


def question(iin=IIN, source="gbd_fl", consent_ref="7"):
    return Query(source=source, iin=iin, purpose="need", bucket="2026-09", consent_ref=consent_ref)


def state_of(iin=IIN):
    return CheckRequest.objects.get(subject_iin=iin).state


def test_open_questions_of_the_named_people_are_closed_whoever_has_taken_them():
    services.enqueue([question(), question(source="zags"), question(OTHER)], at=AT)
    asking.take_due(limit=1, at=AT)

    assert withdrawals.close_about(iins=[IIN], at=LATER) == 2

    closed = CheckRequest.objects.filter(subject_iin=IIN)
    assert {(row.state, row.leased_by, row.closed_at) for row in closed} == {("WITHDRAWN", None, LATER)}
    assert state_of(OTHER) in {"DUE", "LEASED"}
    assert asking.take_due(limit=9, at=LATER + timedelta(days=1)) == [
        CheckRequest.objects.get(subject_iin=OTHER)
    ]


def test_only_the_named_sources_are_closed():
    services.enqueue([question(), question(source="zags")], at=AT)

    assert withdrawals.close_about(iins=[IIN], sources=["zags"], at=AT) == 1

    assert CheckRequest.objects.get(state="WITHDRAWN").source == "zags"


def test_an_answered_question_is_not_closed():
    services.enqueue([question()], at=AT)
    CheckRequest.objects.update(state="ANSWERED", outcome="FOUND", closed_at=AT)

    assert withdrawals.close(rows=[CheckRequest.objects.get().pk], at=LATER) == 0
    assert state_of() == "ANSWERED"


def test_a_closed_question_is_opened_by_the_next_consent_and_names_it():
    services.enqueue([question()], at=AT)
    withdrawals.close_about(iins=[IIN], at=AT)

    assert services.enqueue([question(consent_ref="8")], at=LATER) == 0

    row = CheckRequest.objects.get()
    assert (row.state, row.consent_ref, row.next_attempt_at, row.closed_at) == ("DUE", "8", LATER, None)
    assert row.deadline_at > LATER


@pytest.mark.parametrize(
    ("outcome", "consent_ref", "state"),
    [
        (Outcome.NO_CONSENT, "8", "DUE"),
        (Outcome.CONSENT_EXPIRED, "8", "DUE"),
        (Outcome.NO_CONSENT, "7", "ANSWERED"),
        (Outcome.FOUND, "8", "ANSWERED"),
        (Outcome.NOT_FOUND_CONFIRMED, "8", "ANSWERED"),
    ],
)
def test_a_refused_question_is_asked_again_under_another_consent_only(outcome, consent_ref, state):
    services.enqueue([question()], at=AT)
    CheckRequest.objects.update(state="ANSWERED", outcome=outcome, closed_at=AT)

    services.enqueue([replace(question(), consent_ref=consent_ref)], at=LATER)

    assert state_of() == state
