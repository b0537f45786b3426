"""A contest opens with a deadline, changes nothing while it runs, and puts back what it overturns."""

from datetime import UTC, date, datetime, timedelta

import pytest

from queue_registry.models import AssessmentRequest, AuditEvent, Notice, WaitingList
from queue_registry.rules.reasons import RefusalGround, ReviewSource
from queue_registry.selectors import invariants, moves, queue
from queue_registry.services import application_decisions, registrations, reviews
from tests import factories
from tests.unit.queue_registry.services.intaking import filed
from tests.unit.queue_registry.services.moving import (
    AT,
    FIRST_DECISION,
    notified,
    refusal,
    removed,
    second_supervisor,
    status_of,
)

pytestmark = pytest.mark.django_db
CITIZEN, COURT = ReviewSource.CITIZEN, ReviewSource.COURT
LATER = FIRST_DECISION + timedelta(days=10)


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entries(town):
    return [factories.waiting(town, day=day) for day in (1, 2, 3)]


def contested(town, case, *, source=CITIZEN, at=LATER):
    return reviews.open_on_removal(
        case_id=case.pk,
        source=source,
        claim="The flat is my brother's",
        document="Complaint No 4",
        by=town.clerk,
        at=at,
    )


def test_a_court_puts_an_entry_back_at_its_former_moment_and_place(town, entries):
    first, second, third = entries
    case = removed(town, second)
    assert [queue.place_of(one) for one in (first, third)] == [1, 2]

    review = contested(town, case, source=COURT)
    second.refresh_from_db()
    effect = moves.effect_of_return(second)
    reviews.overturn(review_id=review.pk, decision="Ruling No 8", by=town.supervisor, at=LATER)

    second.refresh_from_db()
    assert [queue.place_of(one) for one in (first, second, third)] == [1, 2, 3]
    assert (effect.place_to, effect.others_back) == (2, 1)
    event = second.events.order_by("-pk").first()
    assert (event.moved_from, event.ground, event.document) == (
        "DEREGISTERED",
        "REINSTATEMENT",
        "Complaint No 4",
    )
    assert event.registered_at == second.registered_at == datetime(2015, 3, 3, 5, tzinfo=UTC)
    assert AssessmentRequest.objects.filter(entry=second).exists()
    assert invariants.impossible() == []


def test_a_review_has_a_deadline_and_changes_nothing_while_it_runs(town, entries):
    case = removed(town, entries[1])

    review = contested(town, case)

    assert review.decide_by == date(2026, 10, 15)
    assert status_of(entries[1]) == "DEREGISTERED"
    assert refusal(contested, town=town, case=case) == "REVIEW_OPEN"


def test_an_upheld_removal_stands(town, entries):
    case = removed(town, entries[1])
    review = contested(town, case)

    reviews.uphold(review_id=review.pk, decision="No 3", by=second_supervisor(town), at=LATER)

    review.refresh_from_db()
    assert (review.outcome, status_of(entries[1])) == ("UPHELD", "DEREGISTERED")
    kinds = (
        Notice.objects.filter(application=entries[1].application)
        .order_by("pk")
        .values_list("kind", flat=True)
    )
    assert list(kinds) == ["REMOVAL_PROPOSED", "DEREGISTERED", "REVIEW_DECIDED"]
    acts = AuditEvent.objects.filter(target=f"review:{review.pk}").order_by("seq")
    assert [act.event for act in acts] == ["review.opened", "review.decided"]
    again = {"review_id": review.pk, "decision": "x", "by": town.supervisor, "at": LATER}
    assert refusal(reviews.overturn, **again) == "REVIEW_DECIDED"


@pytest.mark.parametrize("judge", ["clerk", "supervisor"])
def test_a_complaint_is_judged_by_somebody_who_took_no_part(town, entries, judge):
    review = contested(town, removed(town, entries[1]))

    arguments = {"review_id": review.pk, "decision": "x", "by": town.staff[judge], "at": LATER}
    assert refusal(reviews.overturn, **arguments) == "SECOND_PERSON_NEEDED"
    assert refusal(reviews.uphold, **arguments) == "SECOND_PERSON_NEEDED"


@pytest.mark.parametrize(
    ("day", "source", "code"),
    [
        (datetime(2026, 12, 7, 18, 59, tzinfo=UTC), CITIZEN, None),
        (datetime(2026, 12, 7, 19, 0, tzinfo=UTC), CITIZEN, "COMPLAINT_TERM_OVER"),
        (datetime(2027, 6, 1, tzinfo=UTC), COURT, None),
    ],
)
def test_a_citizen_has_three_months_and_a_court_no_term(town, entries, day, source, code):
    case = removed(town, entries[1])

    if code is None:
        assert contested(town, case, source=source, at=day).pk is not None
    else:
        assert refusal(contested, town=town, case=case, source=source, at=day) == code


def test_only_a_removal_is_contested_as_one(town, entries):
    case = notified(town, entries[1])

    assert refusal(contested, town=town, case=case) == "NOTHING_TO_CONTEST"


def test_a_contest_needs_its_claim_and_its_paper(town, entries):
    case = removed(town, entries[1])
    arguments = {"case_id": case.pk, "source": COURT, "by": town.clerk, "at": LATER}

    assert refusal(reviews.open_on_removal, **arguments, claim=" ", document="x") == "REASON_MISSING"
    assert refusal(reviews.open_on_removal, **arguments, claim="x", document=" ") == "DOCUMENT_MISSING"


def test_who_was_registered_anew_meanwhile_is_not_put_back_beside_himself(town, entries):
    entry = entries[1]
    case = removed(town, entry)
    again = factories.waiting(town, number="4", day=20)
    again.application.applicant = entry.applicant
    again.application.save()
    registrations.register_many(
        akimat=town.akimat,
        registrations=[
            registrations.Registration(
                application=again.application,
                waiting_list=WaitingList.objects.get(akimat=town.akimat, number="5"),
                registered_at=LATER,
            )
        ],
        by=town.clerk,
        at=LATER,
        ground="APPLICATION",
    )

    review = contested(town, case, source=COURT)
    arguments = {"review_id": review.pk, "decision": "x", "by": town.supervisor, "at": LATER}
    assert refusal(reviews.overturn, **arguments) == "ANOTHER_LIVE_ENTRY"
    review.refresh_from_db()
    assert review.outcome == ""


def test_a_registration_moment_is_contested_and_the_entry_keeps_its_place_meanwhile(town, entries):
    entry = entries[1]
    arguments = {"entry_id": entry.pk, "claim": "Filed in 2010", "document": "No 5", "by": town.clerk}

    review = reviews.open_on_moment(**arguments, source=CITIZEN, at=AT)

    assert refusal(reviews.open_on_moment, **arguments, source=CITIZEN, at=AT) == "REVIEW_OPEN"
    reviews.overturn(review_id=review.pk, decision="To be corrected", by=town.supervisor, at=AT)
    entry.refresh_from_db()
    assert (entry.status, queue.place_of(entry)) == ("WAITING", 2)


@pytest.fixture
def refused(town, settings, tmp_path):
    """An application that the supervisor refused."""
    settings.MEDIA_ROOT = tmp_path
    return application_decisions.refuse(
        application_id=filed(town).pk,
        ground=RefusalGround.CATEGORY_NOT_CONFIRMED,
        decision="No certificate",
        by=town.supervisor,
        at=AT,
    )


def contested_refusal(town, application):
    return reviews.open_on_refusal(
        application_id=application.pk,
        source=CITIZEN,
        claim="Here is the certificate",
        document="Complaint No 9",
        by=town.clerk,
        at=LATER,
    )


def test_a_refusal_that_falls_registers_with_the_moment_of_the_application(town, refused):
    review = contested_refusal(town, refused)
    assert refusal(contested_refusal, town=town, application=refused) == "REVIEW_OPEN"
    arguments = {"review_id": review.pk, "decision": "The certificate is right", "at": LATER}
    assert refusal(reviews.overturn, **arguments, by=town.supervisor) == "SECOND_PERSON_NEEDED"

    reviews.overturn(**arguments, by=second_supervisor(town))

    refused.refresh_from_db()
    (entry,) = refused.entries.all()
    assert (refused.status, refused.refusal_ground) == ("ACCEPTED", "")
    assert (entry.registered_at, entry.status) == (refused.complete_at, "WAITING")
    assert invariants.impossible() == []


def test_what_was_not_refused_is_not_contested_as_a_refusal(town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    assert refusal(contested_refusal, town=town, application=filed(town)) == "NOTHING_TO_CONTEST"
