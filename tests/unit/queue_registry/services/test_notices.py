"""A notice is on its way until it arrived or a person knows that it did not; nobody gets it twice."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction

from queue_registry import exports, tasks
from queue_registry.models import AuditEvent, NoticeDelivery
from queue_registry.notices.fake import FakeProvider
from queue_registry.notices.providers import NoProvider
from queue_registry.rules.notices import MOST_ATTEMPTS, REPORT_PATIENCE, WAITS, NoticeRefused
from queue_registry.rules.reasons import SuspensionGround
from queue_registry.selectors import work
from queue_registry.services import carrying, contacts, notices, suspensions
from tests import factories
from tests.factories import AT, ON
from tests.unit.queue_registry.services.sending import (
    DEAD,
    GONE,
    GOOD,
    OUT,
    SILENT,
    letters_of,
    ordered,
    reached,
    run,
    run_until_closed,
)

pytestmark = pytest.mark.django_db
STATE = NoticeDelivery.State


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


def refusal(act, **arguments):
    with pytest.raises(NoticeRefused) as refused:
        act(**arguments)
    return refused.value.code.value


def open_tasks(town, entry, *, on=ON):
    found = work.list_work(town.akimat).filter(pk=entry.application_id)
    return [task for row in found for task in work.tasks_of(row, on=on) if task.kind == "NOTICE"]


# By what it goes


def test_an_sms_comes_before_an_email_and_an_email_before_a_letter(town, entry, fake):
    by_letter = ordered(entry.application)
    reached(town, entry, "anna@example.com", channel="EMAIL")
    by_email = ordered(entry.application)
    reached(town, entry)
    by_sms = ordered(entry.application)

    assert [one.channel for one in (by_letter, by_email, by_sms)] == ["LETTER", "EMAIL", "SMS"]
    assert (by_letter.contact_point, by_sms.contact_point.value) == (None, GOOD)
    assert by_letter.next_attempt_at is None


def test_without_a_provider_every_notice_is_a_letter(town, entry, settings):
    settings.NOTICE_PROVIDER = ""
    reached(town, entry)

    assert ordered(entry.application).channel == "LETTER"


def test_an_act_and_its_notice_are_one(town, entry, fake):
    reached(town, entry)

    suspensions.suspend(
        entry_id=entry.pk, ground=SuspensionGround.OWN_REQUEST, document="No 1", by=town.clerk, at=AT
    )

    delivery = NoticeDelivery.objects.get()
    assert (delivery.notice.kind, delivery.channel, delivery.state) == ("SUSPENDED", "SMS", STATE.DUE)


# Delivered


def test_a_notice_is_handed_over_and_later_known_to_have_arrived(town, entry, fake):
    reached(town, entry)
    delivery = ordered(entry.application)

    assert run(fake) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.handed_over_at) == (STATE.HANDED_OVER, 1, AT)
    assert delivery.notice.sent_at is None
    assert run(fake, at=AT + timedelta(seconds=59)) == 0
    assert run(fake, at=AT + timedelta(seconds=60)) == 1

    delivery.refresh_from_db()
    assert (delivery.state, delivery.closed_at) == (STATE.DELIVERED, AT + timedelta(seconds=60))
    assert delivery.notice.sent_at == AT + timedelta(seconds=60)
    assert AuditEvent.objects.filter(event="notice.delivered").get().data["channel"] == "SMS"
    assert open_tasks(town, entry) == []


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_people_are_written_to_in_their_language(town, entry, fake, language):
    reached(town, entry, "anna@example.com", channel="EMAIL", language=language)
    ordered(entry.application)

    run(fake)

    (sent,) = fake.list_sent()
    name = town.akimat.name_kk if language == "kk" else town.akimat.name_ru
    assert name in sent["text"]
    assert entry.file_number in sent["text"]
    assert entry.file_number in sent["subject"]


def test_the_task_carries_everything_that_is_due(town, fake, monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)
    for day in (1, 2, 3):
        entry = factories.waiting(town, day=day)
        reached(town, entry, f"+7700000111{day}")
        ordered(entry.application)

    tasks.deliver_notices()

    assert len(fake.list_sent()) == 3
    assert set(NoticeDelivery.objects.values_list("state", flat=True)) == {STATE.HANDED_OVER}


# Tried again


@pytest.mark.parametrize(
    ("days", "attempts", "reason"),
    [(0, 4, "TERM_OVER"), (1, 5, "TERM_OVER"), (2, MOST_ATTEMPTS, "ATTEMPTS_OVER")],
)
def test_an_outage_is_waited_for_as_often_and_as_long_as_allowed(town, entry, fake, days, attempts, reason):
    """From nine in the morning: after 10 minutes, 1, 4, 12 and 24 hours."""
    reached(town, entry, OUT)
    delivery = ordered(entry.application, due_on=ON + timedelta(days=days))

    moments = run_until_closed(fake, delivery)

    assert (delivery.state, delivery.attempts, delivery.reason) == (STATE.UNDELIVERED, attempts, reason)
    assert [later - sooner for sooner, later in pairwise(moments)] == list(WAITS[: attempts - 1])
    assert letters_of(delivery.notice).get().state == STATE.DUE


def test_nothing_is_tried_before_its_time(town, entry, fake):
    reached(town, entry, OUT)
    ordered(entry.application)

    assert run(fake) == 1
    assert run(fake, at=AT + WAITS[0] - timedelta(seconds=1)) == 0
    assert run(fake, at=AT + WAITS[0]) == 1


def test_a_notice_that_nobody_could_send_in_time_is_tried_once_all_the_same(town, entry, fake):
    reached(town, entry)
    delivery = ordered(entry.application, due_on=ON - timedelta(days=1))

    run(fake)

    delivery.refresh_from_db()
    assert delivery.state == STATE.HANDED_OVER


# Given up


def test_a_dead_number_makes_a_letter_and_a_task(town, entry, fake):
    reached(town, entry, DEAD)
    delivery = ordered(entry.application)

    run(fake)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.attempts) == (STATE.UNDELIVERED, "DEAD_ADDRESS", 1)
    assert letters_of(delivery.notice).get().state == STATE.DUE
    (task,) = open_tasks(town, entry)
    assert (task.until, task.overdue) == (delivery.notice.due_on, False)
    assert open_tasks(town, entry, on=delivery.notice.due_on + timedelta(days=1))[0].overdue
    assert AuditEvent.objects.get(event="notice.undelivered").data["reason"] == "DEAD_ADDRESS"


def test_a_number_that_turns_out_dead_later_does_the_same(town, entry, fake):
    reached(town, entry, GONE)
    delivery = ordered(entry.application)

    run_until_closed(fake, delivery)

    assert (delivery.state, delivery.reason) == (STATE.UNDELIVERED, "DEAD_ADDRESS")
    assert letters_of(delivery.notice).count() == len(open_tasks(town, entry)) == 1


def test_a_provider_that_never_reports_is_not_believed(town, entry, fake):
    reached(town, entry, SILENT)
    delivery = ordered(entry.application)

    moments = run_until_closed(fake, delivery)

    assert (delivery.state, delivery.reason) == (STATE.UNDELIVERED, "NO_REPORT")
    assert moments[-1] - AT >= REPORT_PATIENCE > moments[-2] - AT
    assert len(moments) < 20


def test_nothing_goes_to_a_number_that_was_ended_meanwhile(town, entry, fake):
    reached(town, entry)
    delivery = ordered(entry.application)
    contacts.end(
        akimat=town.akimat,
        person_id=entry.applicant_id,
        channel="SMS",
        target=f"application:{entry.application_id}",
        by=town.clerk,
        at=AT,
    )

    run(fake)

    delivery.refresh_from_db()
    assert (delivery.reason, delivery.attempts, fake.list_sent()) == ("CONTACT_ENDED", 0, [])


def test_what_was_on_its_way_when_the_provider_went_becomes_a_letter(town, entry, fake):
    reached(town, entry)
    delivery = ordered(entry.application)

    run(NoProvider())

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (STATE.UNDELIVERED, "NOT_FOR_THIS_PROVIDER")
    assert letters_of(delivery.notice).exists()


# A worker dies


class Killed(BaseException):
    """What a killed process does to the code that it was in."""


class Deadly:
    """The fake, whose caller dies after the message was taken."""

    for_invented_people = True

    def __init__(self, fake):
        self._fake = fake

    def send(self, message):
        self._fake.send(message)
        raise Killed

    def fate(self, reference):
        return self._fake.fate(reference)


def test_a_worker_that_dies_after_sending_sends_nobody_anything_twice(town, entry, fake):
    reached(town, entry)
    delivery = ordered(entry.application)

    with pytest.raises(Killed):
        run(Deadly(fake))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (STATE.DUE, 1)
    assert run(fake, at=AT + WAITS[0]) == 1

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (STATE.HANDED_OVER, 2)
    assert len(fake.list_sent()) == 1


def test_a_message_that_kills_every_worker_ends_by_its_attempts(town, entry, fake):
    reached(town, entry)
    delivery = ordered(entry.application)

    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            run(Deadly(fake), at=delivery.next_attempt_at)
        delivery.refresh_from_db()
    run(Deadly(fake), at=delivery.next_attempt_at)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (STATE.UNDELIVERED, "ATTEMPTS_OVER")
    assert len(fake.list_sent()) == 1


class Late:
    """A provider that answers when somebody else has already written down what became of the message."""

    for_invented_people = True

    def __init__(self, fake, meanwhile):
        self._fake, self._meanwhile = fake, meanwhile

    def send(self, message):
        self._meanwhile()
        return self._fake.send(message)

    def fate(self, reference):
        return self._fake.fate(reference)


def test_an_answer_that_comes_too_late_changes_nothing(town, entry, fake):
    reached(town, entry)
    delivery = ordered(entry.application)
    later = AT + WAITS[0]

    carrying.deliver_next(provider=Late(fake, lambda: run(fake, at=later)), at=AT)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.handed_over_at) == (STATE.HANDED_OVER, 2, later)
    assert len(fake.list_sent()) == 1


# What a clerk does


def test_a_clerk_settles_what_did_not_arrive_and_only_once(town, entry, fake):
    reached(town, entry, DEAD)
    delivery = ordered(entry.application)
    run(fake)
    about = {"akimat": town.akimat, "delivery_id": delivery.pk, "by": town.clerk, "at": AT}

    assert refusal(notices.settle, how=" ", **about) == "HOW_MISSING"
    notices.settle(how="Told at the desk", **about)

    delivery.refresh_from_db()
    assert (delivery.settled_by, delivery.settled_how) == (town.clerk, "Told at the desk")
    assert open_tasks(town, entry) == []
    assert refusal(notices.settle, how="again", **about) == "CHANGED_MEANWHILE"


def test_a_notice_is_sent_again_by_the_number_that_was_recorded_since(town, entry, fake):
    reached(town, entry, DEAD)
    delivery = ordered(entry.application)
    run(fake)
    reached(town, entry, GOOD)
    about = {"akimat": town.akimat, "notice_id": delivery.notice_id, "by": town.clerk, "at": AT}

    again = notices.send_again(channel="SMS", **about)

    assert again.contact_point.value == GOOD
    assert refusal(notices.send_again, channel="SMS", **about) == "ON_ITS_WAY"
    assert refusal(notices.send_again, channel="LETTER", **about) == "ON_ITS_WAY"
    assert refusal(notices.send_again, channel="EMAIL", **about) == "NO_CONTACT"
    run_until_closed(fake, again)
    assert again.state == STATE.DELIVERED


def test_letters_are_posted_together_and_each_has_its_end(town, fake):
    entries = [factories.waiting(town, day=day) for day in (1, 2, 3)]
    letters = [ordered(entry.application) for entry in entries]
    about = {"akimat": town.akimat, "by": town.clerk, "at": AT}
    keys = [letter.pk for letter in letters]

    assert notices.post(delivery_ids=keys[:2], **about) == 2
    assert notices.post(delivery_ids=keys, **about) == 1
    assert refusal(notices.post, delivery_ids=keys, **about) == "CHANGED_MEANWHILE"
    assert refusal(notices.post, delivery_ids=[], **about) == "NOTHING_CHOSEN"
    notices.report(delivery_id=keys[0], received=True, document="Slip 1", **about)
    notices.report(delivery_id=keys[1], received=False, document="Slip 2", **about)

    found = NoticeDelivery.objects.in_bulk(keys)
    assert [found[key].state for key in keys] == [STATE.DELIVERED, STATE.UNDELIVERED, STATE.HANDED_OVER]
    assert (found[keys[1]].reason, found[keys[0]].provider_reference) == ("RETURNED", "Slip 1")
    assert {found[key].notice.sent_at for key in keys} == {AT}
    assert [len(open_tasks(town, entry)) for entry in entries] == [0, 1, 0]
    # No second letter follows by itself: a person has to find out where they live.
    assert letters_of(found[keys[1]].notice).count() == 1
    late = {"delivery_id": keys[0], "received": False, "document": "x", **about}
    assert refusal(notices.report, **late) == "CHANGED_MEANWHILE"
    assert refusal(notices.report, **{**late, "document": ""}) == "HOW_MISSING"


def test_no_worker_touches_a_letter(town, entry, fake):
    letter = ordered(entry.application)
    notices.post(akimat=town.akimat, delivery_ids=[letter.pk], by=town.clerk, at=AT)

    assert run(fake, at=AT + timedelta(days=400)) == 0


def test_the_trail_has_neither_number_nor_name(town, entry, fake):
    contact = reached(town, entry, DEAD)
    ordered(entry.application)
    run(fake)

    told = str(list(AuditEvent.objects.values_list("data", flat=True)))
    assert contact.value not in told
    assert entry.applicant.last_name not in told
    assert exports.masked(told) == told


# The database refuses


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"channel": "FAX"}, "notice_delivery_channel_is_known"),
        ({"channel": "SMS"}, "notice_delivery_goes_to_a_contact_point"),
        ({"state": "DELIVERED"}, "notice_delivery_closed_at_exactly_when_closed"),
        ({"state": "UNDELIVERED", "closed_at": AT}, "notice_delivery_undelivered_has_a_reason"),
        ({"settled_at": AT}, "notice_delivery_settled_by_somebody"),
    ],
)
def test_the_database_refuses_a_delivery_that_cannot_be(town, entry, changes, name):
    letter = ordered(entry.application)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        NoticeDelivery.objects.filter(pk=letter.pk).update(**changes)
