"""Pages of consents: the list of people to contact, a case's consents, acts with their confirmation."""

from datetime import timedelta

import pytest
from lxml import html

from queue_registry.models import (
    Akimat,
    Consent,
    ConsentContact,
    ConsentWithdrawal,
    PersonalDataView,
    QueueEntry,
)
from queue_registry.services import assessment_requests, imports
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.test_imports import ANNA, spp

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)


@pytest.fixture
def clerk(client, town):
    client.force_login(town.clerk)
    return client


@pytest.fixture
def entry(town):
    made = factories.waiting(town, known=False, consented=False)
    assessment_requests.request_assessments(entries=[made], at=AT)
    assessment_requests.assess_due(limit=9, at=AT)
    return made


def address(entry, act=""):
    return f"/desk/applications/{entry.application_id}/consents/{act}"


def parsed(answer):
    return html.fromstring(answer.content.decode())


def text_of(answer):
    return " ".join(parsed(answer).text_content().split())


def form(entry, name, **changes):
    given = {"person": entry.applicant_id, "channel": "PAPER", "evidence": "Form 3"} | changes
    return {f"{name}-{field}": value for field, value in given.items()}


def test_the_list_names_whom_to_contact_and_the_look_is_recorded(clerk, entry):
    answer = clerk.get("/desk/no-consent/")

    assert entry.applicant.full_name in text_of(answer)
    assert entry.applicant.iin not in answer.content.decode()
    assert parsed(answer).xpath(f"//a[@href='{address(entry)}']")
    assert PersonalDataView.objects.get().target.startswith("no_consent:")
    counted = parsed(clerk.get("/desk/work/")).xpath("string(//a[@href='/desk/no-consent/']/strong)")
    assert counted == "1"


def test_the_list_is_read_with_as_many_queries_however_long_it_is(clerk, town, django_assert_max_num_queries):
    entries = [factories.waiting(town, known=False, consented=False, day=day) for day in range(1, 13)]
    assessment_requests.request_assessments(entries=entries, at=AT)
    assessment_requests.assess_due(limit=99, at=AT)

    with django_assert_max_num_queries(20):
        answer = clerk.get("/desk/no-consent/")

    assert len(parsed(answer).xpath("//tbody/tr")) == 12


def test_an_empty_list_says_so(clerk, town):
    assert clerk.get("/desk/no-consent/").status_code == 200
    assert not parsed(clerk.get("/desk/no-consent/")).xpath("//tbody/tr/th")


def test_a_consent_by_form(clerk, entry):
    given = form(entry, "consent", for_household="on", until="2027-09-01")

    answer = clerk.post(address(entry, "record/"), given)

    assert (answer.status_code, answer.url) == (302, address(entry))
    consent = Consent.objects.get()
    assert (consent.person, consent.for_household, consent.evidence) == (entry.applicant, True, "Form 3")
    assert consent.until.isoformat() == "2027-08-31T19:00:00+00:00"
    assert "Form 3" in text_of(clerk.get(address(entry)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"evidence": ""},
        {"person": 0},
        {"channel": "RUMOR"},
        {"until": "2026-09-01"},
        {"until": "tomorrow"},
        {"channel": "EDS", "for_household": "on"},
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_records_nothing(clerk, entry, wrong):
    answer = clerk.post(address(entry, "record/"), form(entry, "consent", **wrong))

    assert answer.status_code == 200
    assert parsed(answer).xpath("//div[@role='alert']//li")
    assert not Consent.objects.exists()


def test_a_withdrawal_is_recorded_only_after_its_consequences_were_shown(clerk, entry):
    factories.consent(entry.applicant)
    taken_back = form(entry, "withdrawal", evidence="Statement 5")

    shown = clerk.post(address(entry, "withdraw/"), taken_back)

    assert not ConsentWithdrawal.objects.exists()
    button = parsed(shown).xpath("//button[@name='step' and @value='withdraw']")
    assert len(button) == 1
    hidden = {one.get("name"): one.get("value") for one in button[0].xpath("ancestor::form//input")}
    confirmed = {name: value for name, value in hidden.items() if name in taken_back}
    clerk.post(address(entry, "withdraw/"), {**confirmed, "step": "withdraw"})

    withdrawal = ConsentWithdrawal.objects.get()
    assert (withdrawal.person, withdrawal.evidence, withdrawal.recorded_by.username) == (
        entry.applicant,
        "Statement 5",
        "clerk",
    )
    assert QueueEntry.objects.active().get() == entry


def test_a_contact_by_form_is_shown_with_who_made_it(clerk, entry):
    data = form(entry, "contact", channel="PHONE", result="PROMISED", note="Will come on Friday", seen=0)

    for _ in range(2):
        clerk.post(address(entry, "contact/"), data)

    contact = ConsentContact.objects.get()
    assert (contact.person, contact.at, contact.by.username) == (entry.applicant, AT, "clerk")
    assert "Will come on Friday" in text_of(clerk.get(address(entry)))
    assert "Will come on Friday" in text_of(clerk.get("/desk/no-consent/"))


def test_a_second_contact_of_the_same_kind_counts_when_the_page_knew_the_first(clerk, entry):
    data = form(entry, "contact", channel="PHONE", result="NOT_REACHED", note="")

    clerk.post(address(entry, "contact/"), {**data, "contact-seen": 0})
    page = parsed(clerk.get(address(entry)))
    seen = page.xpath("string(//input[@name='contact-seen']/@value)")
    clerk.post(address(entry, "contact/"), {**data, "contact-seen": seen})

    assert ConsentContact.objects.count() == 2


def test_who_may_only_look_sees_no_forms(client, town, entry):
    client.force_login(town.auditor)

    page = parsed(client.get(address(entry)))

    assert entry.applicant.full_name in page.text_content()
    assert not page.xpath("//main//form")


def test_a_case_of_another_akimat_is_not_found(clerk, entry):
    entry.application.__class__.objects.filter(pk=entry.application_id).update(
        akimat=Akimat.objects.create(kato="710000000", name_kk="Астана", name_ru="Астана")
    )

    assert clerk.get(address(entry)).status_code == 404
    assert clerk.post(address(entry, "record/"), form(entry, "consent")).status_code == 404


def test_names_are_shown_as_text(clerk, entry):
    entry.applicant.last_name = "<b>Ойдан</b>"
    entry.applicant.save()

    assert "<b>Ойдан" not in clerk.get(address(entry)).content.decode()
    assert "<b>Ойдан" not in clerk.get("/desk/no-consent/").content.decode()


def test_a_withdrawn_consent_and_its_end_are_shown(clerk, entry):
    factories.consent(entry.applicant, until=AT + timedelta(days=30), for_household=True)
    ConsentWithdrawal.objects.create(
        person=entry.applicant, withdrawn_at=AT, channel="PAPER", evidence="Form 6"
    )

    page = text_of(clerk.get(address(entry)))

    assert "1\xa0қазан" in parsed(clerk.get(address(entry))).text_content()
    assert "Form 1" in page


def list_without_paper(town):
    batch = imports.put_in(
        akimat=town.akimat, file=spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)), by=town.clerk2, at=AT
    )
    return batch, f"/desk/imports/{batch.pk}/consents/"


@pytest.mark.parametrize(("document", "consents"), [("Folder 3 of 2019", 1), ("", 0)])
def test_the_paper_of_an_old_list_is_named_by_form(clerk, town, document, consents):
    batch, act = list_without_paper(town)
    name = parsed(clerk.get("/desk/imports/")).xpath(
        f"string(//form[@action='{act}']//input[@type='text']/@name)"
    )

    clerk.post(act, {name: document})

    batch.refresh_from_db()
    assert (batch.consent_document, Consent.objects.count()) == (document, consents)
    page = parsed(clerk.get("/desk/imports/"))
    assert bool(page.xpath(f"//form[@action='{act}']")) is (not document)
    assert document in page.text_content()


def test_the_paper_of_another_akimat_s_list_is_not_found(clerk, town):
    batch, act = list_without_paper(town)
    batch.akimat = Akimat.objects.create(kato="710000000", name_kk="Астана", name_ru="Астана")
    batch.save()

    assert clerk.post(act, {}).status_code == 404
