"""A household disputes what is known of it; a clerk answers by a working day, with a reason."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from queue_registry.models import AuditEvent, DataDispute, Notice, SourceAnswer
from queue_registry.rules.data_disputes import DisputeRefused
from queue_registry.rules.facts import Source
from queue_registry.selectors import work
from queue_registry.services import data_disputes
from tests import factories
from tests.factories import AT, ON
from tests.unit.queue_registry.services.sending import reached
from tests.unit.queue_registry.services.test_moves_at_once import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings):
    settings.NOTICE_PROVIDER = "queue_registry.notices.fake.FakeProvider"
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town, facts=[factories.dwelling_owned(share="1/2")])


def thing(entry, *, source=Source.EGKN, with_fact=True):
    answer = SourceAnswer.objects.get(person=entry.applicant, source=source)
    fact = answer.facts.first() if with_fact else None
    return {
        "application_id": entry.application_id,
        "person_id": entry.applicant_id,
        "answer_id": answer.pk,
        "fact_id": fact.pk if fact else None,
    }


def opened(entry, *, claim="It is my brother's", at=AT, **changes):
    return data_disputes.open_dispute(**(thing(entry) | changes), claim=claim, at=at)


def refusal(act, **arguments):
    with pytest.raises(DisputeRefused) as refused:
        act(**arguments)
    return refused.value.code.value


def test_a_dispute_is_answered_within_five_working_days_and_stands_in_the_working_list(town, entry):
    dispute = opened(entry)

    # From Tuesday 1 September: the fifth working day is Tuesday the eighth.
    assert dispute.settle_by == date(2026, 9, 8)
    (row,) = work.list_work(town.akimat)
    (task,) = work.tasks_of(row, on=date(2026, 9, 8))
    assert (task.kind, task.key, task.until, task.overdue) == ("DISPUTE", dispute.pk, date(2026, 9, 8), False)
    assert work.count_overdue(town.akimat, on=date(2026, 9, 8)) == 0
    assert work.count_overdue(town.akimat, on=date(2026, 9, 9)) == 1
    record = AuditEvent.objects.get(event="data_dispute.opened")
    assert (record.actor, "brother" in str(record.data)) == ("citizen", False)


def test_a_clerk_settles_it_once_with_a_reason_and_it_leaves_the_list(town, entry):
    dispute = opened(entry)
    told = {"dispute_id": dispute.pk, "outcome": DataDispute.Outcome.CORRECTED, "by": town.clerk, "at": AT}
    assert refusal(data_disputes.settle, **told, decision="  ") == "DECISION_MISSING"

    data_disputes.settle(**told, decision="Extract of 1.09: the share was sold in 2024")

    dispute.refresh_from_db()
    assert (dispute.outcome, dispute.settled_by) == ("CORRECTED", town.clerk)
    assert not work.list_work(town.akimat)
    assert refusal(data_disputes.settle, **told, decision="Again") == "SETTLED_ALREADY"
    assert AuditEvent.objects.filter(event="data_dispute.settled").count() == 1


@pytest.mark.parametrize("outcome", DataDispute.Outcome)
def test_the_household_is_told_in_writing_that_it_was_answered_and_not_by_whom_or_why(town, entry, outcome):
    reached(town, entry)
    dispute = opened(entry)
    assert not Notice.objects.exists()

    data_disputes.settle(
        dispute_id=dispute.pk, outcome=outcome, decision="Extract of 1.09", by=town.clerk, at=AT
    )

    notice = Notice.objects.get()
    assert (notice.application, notice.kind) == (entry.application, "DATA_DISPUTE_SETTLED")
    # Written notice of a decision within ten days, a complaint within three months.
    assert notice.due_on == date(2026, 9, 11)
    assert notice.facts == {
        "outcome": outcome,
        "said_on": "2026-09-01",
        "complaint_until": "2026-12-01",
    }
    assert notice.deliveries.get().channel == "SMS"


def test_said_twice_while_it_is_open_it_is_one_and_afterwards_another(town, entry):
    first = opened(entry)
    assert opened(entry, claim="Again") == first
    data_disputes.settle(
        dispute_id=first.pk, outcome=DataDispute.Outcome.STANDS, decision="Looked at", by=town.clerk, at=AT
    )

    assert opened(entry, at=AT + timedelta(days=1)) != first


@pytest.mark.parametrize("claim", ["", " \n\t"])
def test_a_dispute_says_what_is_wrong(entry, claim):
    assert refusal(opened, entry=entry, claim=claim) == "CLAIM_MISSING"


def test_nobody_disputes_what_is_not_of_his_household_or_no_longer_stands(town, entry):
    other = factories.waiting(town, day=2, facts=[factories.dwelling_owned()])
    foreign = thing(other)

    assert refusal(opened, entry=entry, person_id=foreign["person_id"]) == "NOT_OF_THE_HOUSEHOLD"
    assert refusal(opened, entry=entry, answer_id=foreign["answer_id"]) == "NOT_OF_THE_HOUSEHOLD"
    assert refusal(opened, entry=entry, fact_id=foreign["fact_id"]) == "NOT_OF_THE_HOUSEHOLD"
    assert refusal(opened, entry=entry, answer_id=None) == "NOT_OF_THE_HOUSEHOLD"
    SourceAnswer.objects.filter(pk=thing(entry)["answer_id"]).update(superseded_at=AT)
    gone = thing(entry)
    assert refusal(opened, entry=entry, **gone) == "NOT_OF_THE_HOUSEHOLD"
    assert not DataDispute.objects.exists()


def test_being_of_the_family_is_disputed_without_an_answer(entry):
    dispute = opened(entry, answer_id=None, fact_id=None)

    assert (dispute.answer, dispute.fact) == (None, None)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"claim": ""}, "data_dispute_has_a_claim"),
        ({"outcome": "STANDS"}, "data_dispute_settled_at_by_outcome_and_decision_together"),
        ({"settled_at": AT, "decision": "x"}, "data_dispute_settled_at_by_outcome_and_decision_together"),
        ({"answer": None}, "data_dispute_names_the_answer_of_its_fact"),
    ],
)
def test_the_database_knows_what_a_dispute_is(entry, changes, constraint):
    answer = SourceAnswer.objects.get(pk=thing(entry)["answer_id"])
    row = {
        "application": entry.application,
        "person": entry.applicant,
        "answer": answer,
        "fact": answer.facts.first(),
        "claim": "It is not mine",
        "opened_at": AT,
        "settle_by": ON,
    }

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        DataDispute.objects.create(**row | changes)


@pytest.mark.parametrize("with_fact", [True, False])
def test_the_database_holds_one_open_dispute_about_a_thing(entry, with_fact):
    named = thing(entry, with_fact=with_fact)
    row = {**named, "claim": "x", "opened_at": AT, "settle_by": ON}
    DataDispute.objects.create(**row)

    with pytest.raises(IntegrityError, match="one_open_data_dispute_about_a_thing"), transaction.atomic():
        DataDispute.objects.create(**row)


def test_the_database_lets_nobody_delete_or_bend_a_dispute(town, entry):
    dispute = opened(entry)
    rows = DataDispute.objects.filter(pk=dispute.pk)
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        rows.delete()
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        rows.update(claim="Something else")
    data_disputes.settle(
        dispute_id=dispute.pk, outcome=DataDispute.Outcome.STANDS, decision="So", by=town.clerk, at=AT
    )
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        rows.update(decision="Otherwise")


@pytest.mark.django_db(transaction=True)
def test_the_same_dispute_sent_from_two_tabs_is_one(entry):
    problems = at_once(*[lambda: opened(entry)] * 2)

    assert problems == []
    assert DataDispute.objects.count() == 1
