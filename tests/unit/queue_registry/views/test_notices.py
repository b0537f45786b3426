"""Pages of notices: what did not arrive, letters printed and posted in one go, contacts; each act by form."""

import io

import pytest
from lxml import html
from pypdf import PdfReader

from queue_registry import notice_presenters as words
from queue_registry.models import ContactPoint, Notice, NoticeDelivery, PersonalDataView, RemovalCase
from queue_registry.notices.fake import FakeProvider
from queue_registry.rules.contacts import ContactRefusal, ContactRefused
from queue_registry.rules.notices import NoticeRefusal, NoticeRefused, Undelivered
from tests import factories
from tests.unit.queue_registry.services.intaking import opened
from tests.unit.queue_registry.services.moving import proposed
from tests.unit.queue_registry.services.sending import DEAD, GOOD, ordered, reached, run, run_until_closed

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    return factories.town()


@pytest.fixture
def fake(town):
    return FakeProvider.from_settings()


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: factories.AT)


@pytest.fixture
def entry(town):
    return factories.waiting(town)


@pytest.fixture
def clerk(client, town):
    client.force_login(town.clerk)
    return client


def text_of(answer):
    return " ".join(html.fromstring(answer.content.decode()).text_content().split())


def case_page(entry):
    return f"/desk/applications/{entry.application_id}/notices/"


def contact(entry, **data):
    sent = {"channel": "SMS", "value": GOOD, "language": "ru", **data}
    return f"/desk/applications/{entry.application_id}/contacts/", {
        f"contact-{name}": value for name, value in sent.items()
    }


def test_what_did_not_arrive_is_on_the_list_on_the_case_and_on_the_working_list(clerk, town, entry, fake):
    reached(town, entry, DEAD)
    ordered(entry.application)
    run(fake)

    for page in ("/desk/notices/", case_page(entry), "/desk/work/?task=NOTICE"):
        assert entry.file_number in text_of(clerk.get(page)), page
    reason = words.delivery_state(NoticeDelivery.objects.get(channel="SMS"))
    assert reason in text_of(clerk.get("/desk/notices/"))
    assert DEAD in text_of(clerk.get(case_page(entry)))
    work = html.fromstring(clerk.get("/desk/work/").content.decode())
    assert case_page(entry) in work.xpath("//td//a/@href")
    looks = PersonalDataView.objects.filter(target=f"application:{entry.application_id}")
    assert looks.count() == 2


def test_a_clerk_settles_it_from_the_case(clerk, town, entry, fake):
    reached(town, entry, DEAD)
    delivery = ordered(entry.application)
    run(fake)
    address = f"/desk/deliveries/{delivery.pk}/settle/"

    empty = clerk.post(address, {f"settle{delivery.pk}-how": ""})
    done = clerk.post(address, {f"settle{delivery.pk}-how": "Told at the desk"})
    again = clerk.post(address, {f"settle{delivery.pk}-how": "Told at the desk"})

    page = html.fromstring(empty.content.decode())
    assert page.xpath("//div[@role='alert']//a/@href") == [f"#id_settle{delivery.pk}-how"]
    assert (empty.status_code, done.status_code, again.status_code) == (200, 302, 409)
    assert "Told at the desk" in text_of(clerk.get(case_page(entry)))
    assert entry.file_number not in text_of(clerk.get("/desk/work/?task=NOTICE"))


def test_letters_of_many_cases_are_printed_and_posted_in_one_go(clerk, town):
    entries = [factories.waiting(town, day=day) for day in (1, 2, 3)]
    letters = [ordered(entry.application).pk for entry in entries]
    page = html.fromstring(clerk.get("/desk/notices/").content.decode())
    shown = page.xpath("//input[@name='delivery'][@checked]/@value")
    assert shown == [str(key) for key in letters]

    pdf = clerk.post("/desk/notices/letters.pdf", {"delivery": shown})
    posted = clerk.post("/desk/notices/posted/", {"delivery": shown})

    assert pdf.headers["Content-Type"] == "application/pdf"
    assert "no-store" in pdf.headers["Cache-Control"]
    printed = PdfReader(io.BytesIO(pdf.content))
    assert len(printed.pages) == 6  # two languages each
    content = "".join(one.extract_text() for one in printed.pages)
    assert [entry.file_number for entry in entries if entry.file_number not in content] == []
    looked = {f"application:{entry.application_id}" for entry in entries}
    assert looked <= set(PersonalDataView.objects.values_list("target", flat=True))
    assert posted.status_code == 302
    assert set(NoticeDelivery.objects.values_list("state", flat=True)) == {"HANDED_OVER"}
    assert clerk.post("/desk/notices/posted/", {"delivery": shown}).status_code == 409


@pytest.mark.parametrize("chosen", [[], ["x"], ["999999"], ["٣"]])
def test_nothing_is_printed_or_posted_where_no_letter_is_chosen(clerk, entry, chosen):
    letter = ordered(entry.application)

    for act in ("letters.pdf", "posted/"):
        answer = clerk.post(f"/desk/notices/{act}", {"delivery": chosen})
        assert answer.status_code == 409
        assert html.fromstring(answer.content.decode()).xpath("count(//div[@role='alert'])") == 1
    letter.refresh_from_db()
    assert letter.state == "DUE"


@pytest.mark.parametrize(("step", "state"), [("received", "DELIVERED"), ("returned", "UNDELIVERED")])
def test_what_became_of_a_posted_letter_is_recorded(clerk, entry, step, state):
    letter = ordered(entry.application)
    clerk.post("/desk/notices/posted/", {"delivery": [letter.pk]})

    data = {f"report{letter.pk}-document": "Slip 7", "step": step}
    assert clerk.post(f"/desk/deliveries/{letter.pk}/report/", data).status_code == 302

    letter.refresh_from_db()
    assert (letter.state, letter.provider_reference) == (state, "Slip 7")


def test_a_notice_is_sent_again_by_form(clerk, town, entry):
    notice = ordered(entry.application).notice
    address, data = f"/desk/notices/{notice.pk}/send-again/", {f"again{notice.pk}-channel": "SMS"}

    refused = clerk.post(address, data)
    reached(town, entry)
    done = clerk.post(address, data)

    assert (refused.status_code, done.status_code) == (409, 302)
    assert notice.deliveries.filter(channel="SMS").get().contact_point.value == GOOD


def test_a_telephone_is_recorded_replaced_and_ended_and_its_history_kept(clerk, entry):
    address, data = contact(entry, value="8 (700) 000-11-11")
    assert clerk.post(address, data).status_code == 302
    clerk.post(*contact(entry, value="+77000002222"))
    assert clerk.post(f"{address}end/", {"channel": "SMS"}).status_code == 302

    rows = ContactPoint.objects.order_by("pk").values_list("value", "language")
    assert list(rows) == [(GOOD, "ru"), ("+77000002222", "ru")]
    assert not ContactPoint.objects.filter(ended_at__isnull=True).exists()
    text = text_of(clerk.get(case_page(entry)))
    assert GOOD in text
    assert "+77000002222" in text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"value": "12345"}, ContactRefusal.NOT_A_PHONE),
        ({"channel": "EMAIL", "value": "anna"}, ContactRefusal.NOT_AN_EMAIL),
    ],
)
def test_what_is_none_is_told_beside_its_field(clerk, entry, data, code):
    answer = clerk.post(*contact(entry, **data))

    page = html.fromstring(answer.content.decode())
    assert page.xpath("//div[@role='alert']//a/@href") == ["#id_contact-value"]
    assert words.contact_refusal(ContactRefused(code)) in text_of(answer)
    assert ContactPoint.objects.count() == 0


def test_an_intake_takes_the_telephone_of_its_applicant(clerk, town):
    intake = opened(town, factories.PersonFactory().iin)
    data = {"contact-channel": "SMS", "contact-value": "87000001111", "contact-language": "kk"}

    refused = clerk.post(f"/desk/intakes/{intake.pk}/contact/", {**data, "contact-value": "1"})
    done = clerk.post(f"/desk/intakes/{intake.pk}/contact/", data)

    assert (refused.status_code, done.status_code) == (200, 302)
    assert words.contact_refusal(ContactRefused(ContactRefusal.NOT_A_PHONE)) in text_of(refused)
    assert ContactPoint.objects.get(person=intake.applicant).value == GOOD
    assert GOOD in text_of(clerk.get(f"/desk/intakes/{intake.pk}/"))


def test_whoever_only_looks_sees_no_number_and_no_form(client, town, entry):
    reached(town, entry)
    ordered(entry.application)
    client.force_login(town.auditor)

    answer = client.get(case_page(entry))

    assert GOOD not in text_of(answer)
    assert GOOD[:-4] in text_of(answer)
    assert "settle" not in answer.content.decode()
    assert client.get("/desk/notices/").status_code == 403


def test_a_removal_is_told_by_a_notice_that_arrived(clerk, town, entry, fake):
    reached(town, entry)
    case = proposed(town, entry)
    address = f"/desk/removals/{case.pk}/"

    assert clerk.post(f"{address}send/").status_code == 302
    delivery = Notice.objects.get(kind="REMOVAL_PROPOSED").deliveries.get()
    early = clerk.post(f"{address}delivered/{delivery.pk}/")
    run_until_closed(fake, delivery)
    assert f"{address}delivered/{delivery.pk}/" in clerk.get(address).content.decode()
    done = clerk.post(f"{address}delivered/{delivery.pk}/")

    assert (early.status_code, done.status_code) == (409, 302)
    assert RemovalCase.objects.get(pk=case.pk).notified_at == factories.AT


def test_every_code_has_its_words():
    for code in NoticeRefusal:
        assert words.notice_refusal(NoticeRefused(code)) != code.value
    for code in ContactRefusal:
        assert words.contact_refusal(ContactRefused(code)) != code.value
    for channel in ("SMS", "LETTER"):
        for state in NoticeDelivery.State:
            delivery = NoticeDelivery(channel=channel, state=state)
            assert words.delivery_state(delivery) != state.value
    for reason in Undelivered:
        told = words.delivery_state(NoticeDelivery(channel="SMS", state="UNDELIVERED", reason=reason))
        assert reason.value not in told
