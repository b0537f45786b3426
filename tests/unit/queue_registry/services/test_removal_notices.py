"""The term of a household runs from a notice that reached it, and from no other."""

from datetime import date, timedelta

import pytest

from queue_registry.models import AuditEvent, Notice, NoticeDelivery
from queue_registry.notices.fake import FakeProvider
from queue_registry.services import notices, removals
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.moving import FIRST_DECISION, proposed, refusal
from tests.unit.queue_registry.services.sending import DEAD, GOOD, letters_of, reached, run, run_until_closed

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town)


@pytest.fixture
def fake(settings, tmp_path):
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    return FakeProvider.from_settings()


def sent(town, entry, value=GOOD):
    """A case of removal whose notice is on its way, and the delivery."""
    reached(town, entry, value)
    case = proposed(town, entry)
    notice = removals.send_notice(case_id=case.pk, by=town.clerk, at=AT)
    return case, notice.deliveries.get()


def test_a_delivered_notice_begins_the_term(town, entry, fake):
    case, delivery = sent(town, entry)
    run_until_closed(fake, delivery)

    removals.notify(case_id=case.pk, delivery_id=delivery.pk, by=town.clerk, at=AT + timedelta(hours=1))

    case.refresh_from_db()
    assert (case.objections_until, case.decision_from) == (date(2026, 9, 3), date(2026, 9, 7))
    assert Notice.objects.filter(kind="REMOVAL_PROPOSED").count() == 1
    told = AuditEvent.objects.get(event="removal_case.notified").data
    assert told["document"] == f"notice_delivery:{delivery.pk}"


def test_the_notice_tells_how_many_days_there_are_and_names_none_that_nobody_knows(town, entry, fake):
    sent(town, entry)

    facts = Notice.objects.get().facts
    assert (facts["objections_days"], facts["removal_notice_days"]) == (2, 3)
    assert "objections_until" not in facts


@pytest.mark.parametrize("value", [DEAD, GOOD])
def test_no_term_runs_from_a_notice_that_did_not_arrive_or_is_on_its_way(town, entry, fake, value):
    case, delivery = sent(town, entry, value)
    run(fake)

    begin = {"case_id": case.pk, "delivery_id": delivery.pk, "by": town.clerk, "at": AT}
    assert refusal(removals.notify, **begin) == "NOTICE_NOT_DELIVERED"

    case.refresh_from_db()
    assert case.notified_at is None
    decide = {"case_id": case.pk, "outcome": "REMOVED", "decision": "No 12", "by": town.supervisor}
    assert refusal(removals.decide, **decide, at=FIRST_DECISION) == "NOTICE_MISSING"


def test_the_letter_after_a_dead_number_begins_the_term_once_it_is_received(town, entry, fake):
    case, delivery = sent(town, entry, DEAD)
    run(fake)
    letter = letters_of(delivery.notice).get()
    about = {"akimat": town.akimat, "by": town.clerk, "at": AT}
    begin = {"case_id": case.pk, "delivery_id": letter.pk, "by": town.clerk, "at": AT}

    notices.post(delivery_ids=[letter.pk], **about)
    assert refusal(removals.notify, **begin) == "NOTICE_NOT_DELIVERED"
    notices.report(delivery_id=letter.pk, received=True, document="Slip 7", **about)
    removals.notify(**begin)

    case.refresh_from_db()
    assert case.notified_at == AT


def test_a_delivery_of_another_case_is_no_document(town, entry, fake):
    other = factories.waiting(town, day=5)
    _, delivery = sent(town, other)
    run_until_closed(fake, delivery)
    reached(town, entry, "+77000002222")
    case = proposed(town, entry)

    assert NoticeDelivery.objects.get(pk=delivery.pk).state == "DELIVERED"
    begin = {"case_id": case.pk, "delivery_id": delivery.pk, "by": town.clerk, "at": AT}
    assert refusal(removals.notify, **begin) == "NOTICE_NOT_DELIVERED"


def test_the_notice_of_a_case_is_sent_once_and_not_after_it_was_handed_over(town, entry, fake):
    case, _ = sent(town, entry)

    send = {"case_id": case.pk, "by": town.clerk, "at": AT}
    assert refusal(removals.send_notice, **send) == "NOTICE_ON_ITS_WAY"
    removals.notify(case_id=case.pk, document="handed over, signature", by=town.clerk, at=AT)
    assert refusal(removals.send_notice, **send) == "NOTICE_GIVEN"


def test_what_is_handed_over_is_not_sent(town, entry, fake):
    reached(town, entry)
    case = proposed(town, entry)

    removals.notify(case_id=case.pk, document="handed over, signature", by=town.clerk, at=AT)

    notice = Notice.objects.get()
    assert (notice.sent_at, notice.deliveries.count()) == (AT, 0)
    assert refusal(removals.notify, case_id=case.pk, by=town.clerk, at=AT) == "DOCUMENT_MISSING"
