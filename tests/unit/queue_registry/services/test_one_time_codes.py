"""A code goes to the applicant's telephone, is kept as a digest, and is taken once."""

import re
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import IntegrityError, transaction

from queue_registry.models import AuditEvent, OneTimeCode
from queue_registry.notices import mobile_numbers
from queue_registry.notices.fake import FakeProvider
from queue_registry.rules.one_time_codes import CodeRefusal, CodeRefused, Purpose
from queue_registry.services import one_time_codes
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.sending import DEAD, GOOD, OUT, reached

pytestmark = pytest.mark.django_db
PURPOSE = Purpose.OFFER_ANSWER


@pytest.fixture
def town(settings, tmp_path):
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    return factories.town()


@pytest.fixture
def entry(town):
    made = factories.waiting(town)
    reached(town, made)
    return made


def send(entry, at=AT):
    one_time_codes.send(application_id=entry.application_id, purpose=PURPOSE, at=at)
    texts = [message["text"] for message in FakeProvider.from_settings().list_sent()]
    return [re.findall(r"\b\d{6}\b", text)[0] for text in texts]


def take(entry, code, at=AT):
    with transaction.atomic():
        found = one_time_codes.take(application_id=entry.application_id, purpose=PURPOSE, code=code, at=at)
    return found and found.code


def refusal_of(entry, at=AT):
    with pytest.raises(CodeRefused) as refused:
        one_time_codes.send(application_id=entry.application_id, purpose=PURPOSE, at=at)
    return refused.value.code


def test_a_code_is_sent_in_words_and_kept_as_a_digest_alone(entry):
    (code,) = send(entry)

    (message,) = FakeProvider.from_settings().list_sent()
    kept = OneTimeCode.objects.get()
    assert (message["address"], entry.file_number in message["text"]) == (GOOD, True)
    assert code not in f"{kept.salt} {kept.digest}"
    assert kept.expires_at - kept.sent_at == timedelta(minutes=10)
    record = AuditEvent.objects.get(event="one_time_code.sent")
    assert code not in str(record.data)
    assert entry.applicant.iin not in str(record.data)


def test_a_code_is_taken_once(entry):
    (code,) = send(entry)

    assert take(entry, code) is None
    assert take(entry, code) == CodeRefusal.NONE_SENT


def test_a_code_mistyped_too_often_is_taken_no_more(entry):
    (code,) = send(entry)
    wrong = "000000" if code != "000000" else "000001"

    assert [take(entry, wrong) for _ in range(5)] == [CodeRefusal.WRONG] * 5
    assert take(entry, code) == CodeRefusal.TRIES_OVER
    assert OneTimeCode.objects.get().tries == 5


def test_only_the_newest_code_counts_and_not_of_another_household(town, entry):
    (old,) = send(entry)
    (new,) = set(send(entry, at=AT + timedelta(minutes=1))) - {old}
    stranger = factories.waiting(town, day=2)

    assert take(stranger, new) == CodeRefusal.NONE_SENT
    assert take(entry, old, at=AT + timedelta(minutes=2)) == CodeRefusal.WRONG
    assert take(entry, new, at=AT + timedelta(minutes=2)) is None


def test_three_codes_in_an_hour_and_no_more(entry):
    for minute in range(3):
        send(entry, at=AT + timedelta(minutes=minute))

    assert refusal_of(entry, at=AT + timedelta(minutes=59)) == CodeRefusal.SENT_TOO_OFTEN
    assert len(send(entry, at=AT + timedelta(minutes=61))) == 4


def test_without_a_telephone_or_a_provider_no_code_is_made(town, settings):
    silent = factories.waiting(town, day=3)
    assert refusal_of(silent) == CodeRefusal.NO_TELEPHONE

    reached(town, silent)
    settings.NOTICE_PROVIDER = ""
    assert refusal_of(silent) == CodeRefusal.NO_TELEPHONE
    assert not OneTimeCode.objects.exists()


@pytest.mark.parametrize("number", [DEAD, OUT])
def test_what_the_provider_does_not_take_is_said(town, number):
    entry = factories.waiting(town, day=4)
    reached(town, entry, number)

    assert refusal_of(entry) == CodeRefusal.NOT_SENT


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"expires_at": AT}, "one_time_code_expires_after_it_was_sent"),
        ({"used_at": AT + timedelta(hours=2)}, "one_time_code_used_in_time"),
    ],
)
def test_the_database_refuses_codes_out_of_time(entry, changes, constraint):
    known = {"sent_at": AT, "expires_at": AT + timedelta(hours=1), "salt": "s", "digest": "d"}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OneTimeCode.objects.create(application=entry.application, purpose=PURPOSE, **(known | changes))


class Database:
    """A Mobile Citizens Database of invented people; tests say what it knows."""

    numbers: ClassVar[dict[str, str]] = {}
    is_out: ClassVar[bool] = False

    @classmethod
    def from_settings(cls):
        return cls()

    def number_of(self, iin):
        if self.is_out:
            raise mobile_numbers.Unreachable
        return self.numbers.get(iin)


@pytest.fixture
def database(settings, monkeypatch):
    settings.MOBILE_NUMBERS = f"{__name__}.Database"
    monkeypatch.setattr(Database, "numbers", {})
    monkeypatch.setattr(Database, "is_out", False)
    return Database


def test_where_the_state_knows_whose_a_telephone_is_the_code_goes_there_and_nowhere_else(entry, database):
    database.numbers[entry.applicant.iin] = "+77000009876"

    told = one_time_codes.send(application_id=entry.application_id, purpose=PURPOSE, at=AT)

    (message,) = FakeProvider.from_settings().list_sent()
    assert (message["address"], told.end) == ("+77000009876", "9876")


def test_a_number_that_the_state_does_not_know_gets_no_code_though_staff_wrote_one_down(entry, database):
    assert refusal_of(entry) is CodeRefusal.NO_TELEPHONE
    assert not OneTimeCode.objects.exists()


def test_while_the_state_does_not_answer_no_code_is_made_and_none_is_counted(entry, database, monkeypatch):
    monkeypatch.setattr(Database, "is_out", True)

    assert refusal_of(entry) is CodeRefusal.NOT_SENT
    assert not OneTimeCode.objects.exists()
