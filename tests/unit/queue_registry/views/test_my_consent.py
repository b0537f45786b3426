"""An adult of a family consents for himself: own IIN, telephone and code; nothing is shown."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation
from django.utils.html import escape
from lxml import html

from queue_registry.models import AuditEvent, Consent, ConsentWithdrawal, OneTimeCode
from queue_registry.notices.fake import FakeProvider
from queue_registry.rules.one_time_codes import Purpose
from queue_registry.selectors import clock, consent_work
from queue_registry.services import one_time_codes
from queue_registry.views import look_up, look_up_limits
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db
ADDRESS = "/ru/my-data/consent/"
HIS, HERS = "+77000007777", "+77000008888"


class Numbers:
    """What the Mobile Citizens Database says, by IIN."""

    known = {}

    @classmethod
    def from_settings(cls):
        return cls()

    def number_of(self, iin):
        return self.known.get(iin)


@pytest.fixture
def town(settings, tmp_path, monkeypatch):
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    settings.MOBILE_NUMBERS = f"{__name__}.Numbers"
    settings.LOOK_UPS_PER_ADDRESS = "1000/minute"
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    cache.clear()
    monkeypatch.setattr(clock, "now", lambda: AT)
    return factories.town()


@pytest.fixture
def entry(town, monkeypatch):
    made = factories.waiting(town, number="4", family=(factories.HUSBAND, factories.DAUGHTER))
    husband, _daughter = of_family(made)
    monkeypatch.setattr(Numbers, "known", {made.applicant.iin: HERS, husband.iin: HIS})
    return made


def of_family(entry):
    return [member.person for member in entry.application.members.order_by("pk")]


def post(**fields):
    return Client(enforce_csrf_checks=True).post(ADDRESS, fields)


def field(page, name):
    return html.fromstring(page.content.decode()).xpath(f"string(//input[@name='{name}']/@value)")


def entered(entry, person):
    return post(file_number=entry.file_number, iin=person.iin)


def sent_to(number):
    sent = [one["text"] for one in FakeProvider.from_settings().list_sent() if one["address"] == number]
    return [re.findall(r"(?<![\d-])\d{6}(?![\d-])", text)[0] for text in sent]


def with_code(entry, person, number, choice):
    token = field(entered(entry, person), "token")
    before = set(sent_to(number))
    post(token=token, send="first")
    (code,) = set(sent_to(number)) - before
    return post(token=token, code=code, choice=choice)


def says(page, text, **figures):
    with translation.override("ru"):
        words = translation.gettext(text)
    return escape(words % figures if figures else words) in page.content.decode()


def covered(entry, at=AT):
    """By person, whether some consent covers them."""
    return {one.person.pk: one.covered for one in consent_work.list_members(entry.application, at=at)}


def test_an_adult_takes_back_and_gives_for_himself_alone(entry, monkeypatch):
    husband, daughter = of_family(entry)
    before = covered(entry)
    assert all(before.values())

    taken = with_code(entry, husband, HIS, "TAKE_BACK")

    assert says(taken, "Your consent is taken back. You keep your place.")
    assert covered(entry) == {**before, husband.pk: False}
    withdrawal = ConsentWithdrawal.objects.get()
    assert (withdrawal.person, withdrawal.channel, withdrawal.recorded_by) == (husband, "PAGE", None)
    entry.refresh_from_db()
    assert entry.status == "WAITING"

    later = AT + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    given = with_code(entry, husband, HIS, "GIVE")

    assert says(given, "Your consent is recorded.")
    consent = Consent.objects.get(channel="PAGE")
    code = OneTimeCode.objects.filter(person=husband).latest("used_at", "pk")
    assert (consent.person, consent.for_household) == (husband, False)
    assert consent.evidence == f"one_time_code:{code.pk}"
    assert covered(entry, at=later) == before
    assert before[daughter.pk]
    events = AuditEvent.objects.filter(event__startswith="consent.").order_by("seq")
    assert list(events.values_list("event", "actor")) == [
        ("consent.withdrawn", "citizen"),
        ("consent.recorded", "citizen"),
    ]
    assert husband.iin not in str(list(AuditEvent.objects.values_list("data", flat=True)))


def test_nothing_that_is_known_of_anybody_is_shown(entry):
    husband, _daughter = of_family(entry)

    page = entered(entry, husband)
    shown = page.content.decode()

    assert (page.status_code, page.headers["Cache-Control"], page.cookies) == (200, "no-store", {})
    for person in (entry.applicant, *of_family(entry)):
        assert [one for one in (person.iin, person.last_name, person.first_name) if one in shown] == []
    # The same before and after: whether somebody consented only that person knows.
    with_code(entry, husband, HIS, "TAKE_BACK")
    assert re.sub('value="[^"]*"', "", entered(entry, husband).content.decode()) == re.sub(
        'value="[^"]*"', "", shown
    )


def test_only_an_adult_of_the_household_gets_in(town, entry):
    _husband, daughter = of_family(entry)
    other = factories.waiting(town, day=2)
    wrong = [daughter.iin, other.applicant.iin, factories.invented_iin(9_999)]

    answers = [post(file_number=entry.file_number, iin=iin).content for iin in wrong]

    assert len(set(answers)) == 1
    assert not FakeProvider.from_settings().list_sent()


def test_who_left_the_family_meanwhile_is_asked_for_both_numbers_again(entry):
    husband, _daughter = of_family(entry)
    token = field(entered(entry, husband), "token")
    entry.application.members.filter(person=husband).update(until_on=AT.date())
    husband.answers.filter(facts__kind="KINSHIP").update(superseded_at=AT)
    entry.applicant.answers.filter(facts__kind="KINSHIP").update(superseded_at=AT)

    page = post(token=token, send="first")

    assert says(page, "Too much time has passed. Enter both numbers again.")
    assert not FakeProvider.from_settings().list_sent()


def test_the_code_goes_to_the_own_telephone_and_a_code_of_another_acts_for_nobody(entry):
    husband, _daughter = of_family(entry)
    one_time_codes.send(application_id=entry.application_id, purpose=Purpose.MY_DATA, at=AT)
    (hers,) = sent_to(HERS)
    token = field(entered(entry, husband), "token")
    page = post(token=token, send="first")
    assert says(page, "A code was sent to the telephone that ends with %(phone_end)s.", phone_end=HIS[-4:])
    (his,) = sent_to(HIS)
    if hers == his:
        return

    refused = post(token=token, code=hers, choice="TAKE_BACK")

    assert refused.status_code == 409
    assert says(refused, "The code is wrong. Tries left: %(left)s", left=4)
    assert not ConsentWithdrawal.objects.exists()
    # And his opens nothing of the household's.
    opened = Client().post("/ru/my-data/", {"token": look_up.token_of(entry.application_id), "code": his})
    assert opened.status_code == 409
    assert not field(opened, "pass")


def test_a_code_is_good_once_so_that_a_form_sent_twice_acts_once(entry):
    husband, _daughter = of_family(entry)
    token = field(entered(entry, husband), "token")
    post(token=token, send="first")
    told = {"token": token, "code": sent_to(HIS)[0], "choice": "TAKE_BACK"}

    assert [post(**told).status_code for _ in range(2)] == [200, 409]
    assert ConsentWithdrawal.objects.count() == 1


def test_who_has_no_telephone_of_his_own_is_sent_to_the_akimat(entry, monkeypatch):
    husband, _daughter = of_family(entry)
    monkeypatch.setattr(Numbers, "known", {entry.applicant.iin: HERS})

    page = post(token=field(entered(entry, husband), "token"), send="first")

    assert page.status_code == 409
    assert says(
        page, "No telephone is known to which a code can be sent. Go to the housing department of the akimat."
    )


@pytest.mark.parametrize("wrong", ["forged", "of the household", "another salt", "of nobody"])
def test_a_token_of_another_step_opens_nothing(entry, wrong):
    husband, _daughter = of_family(entry)
    token = {
        "forged": field(entered(entry, husband), "token")[:-1] + "_",
        "of the household": look_up.token_of(entry.application_id),
        "another salt": signing.dumps([entry.application_id, husband.pk]),
        "of nobody": signing.dumps([0, 0], salt="queue_registry.look_up.adult"),
    }[wrong]

    assert says(post(token=token), "Too much time has passed. Enter both numbers again.")


def test_without_a_choice_nothing_is_recorded_and_the_code_stays_good(entry):
    husband, _daughter = of_family(entry)
    token = field(entered(entry, husband), "token")
    post(token=token, send="first")
    (code,) = sent_to(HIS)

    assert says(post(token=token, code=code), "Choose your answer")
    assert says(post(token=token, code=code, choice="FOR_ALL"), "Choose your answer")
    assert not ConsentWithdrawal.objects.exists()

    assert says(post(token=token, code=code, choice="GIVE"), "Your consent is recorded.")


def test_the_applicant_acts_here_for_himself_and_the_minors(entry):
    husband, daughter = of_family(entry)

    with_code(entry, entry.applicant, HERS, "TAKE_BACK")

    # The husband signed the paper himself; the daughter did not.
    assert covered(entry) == {entry.applicant_id: False, husband.pk: True, daughter.pk: False}


@pytest.mark.parametrize(("purpose", "of_a_person"), [("CONSENT", False), ("MY_DATA", True)])
def test_the_database_knows_whose_a_code_is(entry, purpose, of_a_person):
    row = {
        "application": entry.application,
        "purpose": purpose,
        "person": entry.applicant if of_a_person else None,
        "sent_at": AT,
        "expires_at": AT.replace(hour=5),
    }

    with (
        pytest.raises(IntegrityError, match="one_time_code_of_a_consent_names_its_person"),
        transaction.atomic(),
    ):
        OneTimeCode.objects.create(**row)
