"""The household's own data: behind a code, each look on record; disputes and consents."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from django.utils.html import escape
from lxml import html

from queue_registry import article_presenters
from queue_registry.models import AuditEvent, Consent, ConsentWithdrawal, DataDispute
from queue_registry.notices.fake import FakeProvider
from queue_registry.rules.facts import Source
from queue_registry.rules.reasons import RemovalGround
from queue_registry.selectors import clock
from queue_registry.services import data_disputes
from queue_registry.views import look_up, look_up_limits
from tests import factories, situations
from tests.factories import AT
from tests.unit.queue_registry.services import moving
from tests.unit.queue_registry.services.sending import reached

pytestmark = pytest.mark.django_db
ADDRESS = "/ru/my-data/"


@pytest.fixture
def town(settings, tmp_path, monkeypatch):
    settings.NOTICE_PROVIDER, settings.KEZEK_VAR = "queue_registry.notices.fake.FakeProvider", tmp_path
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    cache.clear()
    monkeypatch.setattr(clock, "now", lambda: AT)
    return factories.town()


@pytest.fixture
def entry(town):
    made = factories.waiting(
        town,
        number="4",
        family=(factories.HUSBAND, factories.DAUGHTER),
        facts=[factories.dwelling_owned(share="1/3"), *factories.income(tenge_a_month="90000.50")],
    )
    reached(town, made)
    return made


def post(**fields):
    return Client().post(ADDRESS, fields)


def look_up_page(entry, iin=None):
    return post(file_number=entry.file_number, iin=iin or entry.applicant.iin)


def field(page, name):
    return html.fromstring(page.content.decode()).xpath(f"string(//input[@name='{name}']/@value)")


def sent_code():
    texts = [message["text"] for message in FakeProvider.from_settings().list_sent()]
    return [code for text in texts for code in re.findall(r"\b\d{6}\b(?!-)", text)][-1]


def unlocked(entry):
    token = field(look_up_page(entry), "token")
    post(token=token, send="first")
    return post(token=token, code=sent_code())


def says(page, text, **figures):
    with translation.override("ru"):
        words = translation.gettext(text)
    return escape(words % figures if figures else words) in page.content.decode()


def row_of(page, text):
    """The key of the row that says something."""
    document = html.fromstring(page.content.decode())
    (row,) = [row for row in document.xpath("//div[@class='kz-row']") if text in row.text_content()]
    return row.xpath("string(.//input[@name='row']/@value)")


def test_two_numbers_alone_show_nothing_that_is_known(entry):
    page = look_up_page(entry)

    assert page.status_code == 200
    assert entry.applicant.last_name not in page.content.decode()
    assert not field(page, "pass")
    assert page.headers["Cache-Control"] == "no-store"


def test_a_wrong_pair_gets_the_page_of_every_wrong_pair(town, entry):
    other = factories.waiting(town, day=2)
    wrong = [
        look_up_page(entry, iin=other.applicant.iin),
        look_up_page(entry, iin=factories.invented_iin(9_999)),
    ]

    assert wrong[0].content == wrong[1].content
    assert not field(wrong[0], "token")


def test_with_the_code_everything_stands_there_with_source_share_months_and_sum(entry):
    page = unlocked(entry)
    shown = page.content.decode()

    assert entry.applicant.full_name in shown
    assert "1/3" in shown
    assert shown.count("90\N{NO-BREAK SPACE}000,50") >= 12
    with translation.override("ru"):
        assert translation.gettext("Rung of the affordability ladder") in shown
    assert "1\N{NO-BREAK SPACE}080\N{NO-BREAK SPACE}006,00" in shown
    assert (page.headers["Cache-Control"], page.cookies) == ("no-store", {})
    for person in (entry.applicant, *(member.person for member in entry.application.members.all())):
        assert person.iin not in shown


def test_another_adult_is_named_shortly_and_his_health_is_not_told(town):
    entry = factories.waiting(town, family=(factories.HUSBAND, factories.DAUGHTER))
    reached(town, entry)
    husband, daughter = (member.person for member in entry.application.members.order_by("pk"))
    answer = husband.answers.get(source=Source.EMAKET)
    for person, group in ((husband, 1), (daughter, "child")):
        answer = person.answers.get(source=Source.EMAKET)
        answer.facts.create(
            person=person, kind="DISABILITY", value={"group": group, "from": "2020-01-01", "until": None}
        )

    page = unlocked(entry)

    assert husband.last_name not in page.content.decode()
    assert f"{husband.first_name} {husband.last_name[0]}." in page.content.decode()
    assert says(page, "What concerns the health of an adult is told to that person alone.")
    assert daughter.full_name in page.content.decode()
    assert says(page, "child with a disability")


def test_every_look_is_on_record_and_a_look_without_a_code_is_none(entry):
    look_up_page(entry)
    assert not AuditEvent.objects.filter(event__startswith="my_data").exists()

    post(**{"pass": field(unlocked(entry), "pass"), "step": "show"})

    events = AuditEvent.objects.filter(event__startswith="my_data").order_by("seq")
    assert list(events.values_list("event", "actor", "target")) == [
        (event, "citizen", f"application:{entry.application_id}")
        for event in ("my_data.unlocked", "my_data.read", "my_data.read")
    ]


def test_a_wrong_code_opens_nothing_and_a_used_one_neither(entry):
    token = field(look_up_page(entry), "token")
    post(token=token, send="first")
    code = sent_code()
    wrong = post(token=token, code="000000" if code != "000000" else "000001")
    assert wrong.status_code == 409
    assert says(wrong, "The code is wrong. Tries left: %(left)s", left=4)

    assert field(post(token=token, code=code), "pass")
    again = post(token=token, code=code)

    assert again.status_code == 409
    assert not field(again, "pass")


def test_a_code_for_an_offer_does_not_open_the_data(town):
    entry = factories.waiting(town)
    reached(town, entry)
    factories.confirmed(town, situations.home(town))
    token = field(look_up_page(entry), "token")
    Client().post("/ru/offer/", {"token": token, "send": "first"})

    assert post(token=token, code=sent_code()).status_code == 409


@pytest.mark.parametrize("wrong", ["forged", "token", "late", "another salt"])
def test_a_pass_that_is_forged_old_or_of_another_step_opens_nothing(entry, wrong, monkeypatch):
    value = {
        "forged": "1:1tabcd:forged",
        "token": look_up.token_of(entry.application_id),
        "late": look_up.pass_of(entry.application_id),
        "another salt": signing.dumps(entry.application_id),
    }[wrong]
    if wrong == "late":
        moment = signing.time.time() + 30 * 60 + 2
        monkeypatch.setattr(signing.time, "time", lambda: moment)

    page = post(**{"pass": value, "step": "show"})

    assert says(page, "Too much time has passed. Enter both numbers again.")
    assert entry.applicant.last_name not in page.content.decode()
    assert not AuditEvent.objects.filter(event="my_data.read").exists()


def test_the_pass_is_not_renewed_by_going_on(entry):
    first = field(unlocked(entry), "pass")

    assert field(post(**{"pass": first, "step": "show"}), "pass") == first


def test_what_is_wrong_becomes_a_task_whose_answer_is_read_beside_the_row(town, entry):
    page = unlocked(entry)
    told = {"pass": field(page, "pass"), "step": "dispute", "row": row_of(page, "1/3")}
    asked = post(**told)
    assert "1/3" in asked.content.decode()
    assert says(post(**told, claim="  "), "Say what is wrong and what would be right")

    done = post(**told, claim="Доля продана в 2024 году")

    assert says(done, "The akimat was told. Its answer will stand beside the row.")
    dispute = DataDispute.objects.get()
    assert (dispute.fact.kind, dispute.claim) == ("PROPERTY_RIGHT", "Доля продана в 2024 году")
    # Back button, and sent again.
    assert post(**told, claim="Доля продана в 2024 году").status_code == 200
    assert DataDispute.objects.count() == 1
    data_disputes.settle(
        dispute_id=dispute.pk,
        outcome=DataDispute.Outcome.CORRECTED,
        decision="Регистр исправлен",
        by=town.clerk,
        at=AT + timedelta(days=1),
    )
    assert "Регистр исправлен" in post(**{"pass": told["pass"], "step": "show"}).content.decode()


def test_a_row_of_another_household_is_nobody_s_to_dispute(town, entry):
    other = factories.waiting(town, day=3, facts=[factories.dwelling_owned()])
    answer = other.applicant.answers.get(source=Source.EGKN)
    key = f"{other.applicant_id}-{answer.pk}-{answer.facts.get().pk}"

    page = post(**{"pass": field(unlocked(entry), "pass"), "step": "dispute", "row": key, "claim": "x"})

    assert page.status_code == 409
    assert not DataDispute.objects.exists()


def test_consent_is_taken_back_only_after_what_follows_was_told_and_is_given_again(entry):
    page = unlocked(entry)
    key = field(page, "pass")
    before = post(**{"pass": key, "step": "leave"})
    assert says(before, "You keep your place, and nobody is removed for it.")
    assert not ConsentWithdrawal.objects.exists()

    post(**{"pass": key, "step": "withdraw"})
    post(**{"pass": key, "step": "withdraw"})

    taken_back = ConsentWithdrawal.objects.get()
    assert (taken_back.channel, taken_back.recorded_by) == ("PAGE", None)
    entry.refresh_from_db()
    assert entry.status == "WAITING"
    again = post(**{"pass": key, "step": "consent"})
    assert says(again, "Your consent is recorded.")
    given = Consent.objects.filter(channel="PAGE").get()
    assert given.evidence.startswith("one_time_code:")


def test_who_has_no_telephone_on_record_is_sent_to_the_akimat(town):
    entry = factories.waiting(town)

    page = post(token=field(look_up_page(entry), "token"), send="first")

    assert page.status_code == 409
    assert says(
        page, "No telephone is known to which a code can be sent. Go to the housing department of the akimat."
    )


def test_an_application_without_a_known_applicant_or_a_place_is_shown_without_a_rung(town):
    application = situations.waiting_file(town)
    pass_ = look_up.pass_of(application.pk)

    page = post(**{"pass": pass_, "step": "show"})

    assert page.status_code == 200
    application.applicant = None
    application.save(update_fields=["applicant"])
    assert post(**{"pass": pass_, "step": "show"}).status_code == 200


def test_the_decision_on_a_removal_is_read_in_full_behind_the_code(town):
    application = situations.removed_himself(town)

    page = post(**{"pass": look_up.pass_of(application.pk), "step": "show"})

    assert "Decision No 12" in page.content.decode()
    assert "Extract of the register of rights No 5" in page.content.decode()


@pytest.mark.parametrize(("ground", "doubted"), [("CITIZENSHIP_LOST", True), ("ACQUIRED_DWELLING", False)])
def test_behind_the_code_a_removal_says_what_is_not_certain_about_its_article(town, ground, doubted):
    mine = factories.waiting(town)
    moving.removed(town, mine, ground=RemovalGround(ground))

    page = post(**{"pass": look_up.pass_of(mine.application_id), "step": "show"})

    with translation.override("ru"):
        assert (escape(article_presenters.doubt("CITIZENSHIP_LOST")) in page.content.decode()) is doubted


def test_a_clerk_reads_what_is_disputed_and_answers(town, entry, client):
    page = unlocked(entry)
    told = {"pass": field(page, "pass"), "step": "dispute", "row": row_of(page, "1/3")}
    post(**told, claim="<b>{{ settings.SECRET_KEY }}</b>")
    dispute = DataDispute.objects.get()
    client.force_login(town.clerk)
    shown = client.get(f"/desk/data-disputes/{dispute.pk}/").content.decode()
    assert "&lt;b&gt;{{ settings.SECRET_KEY }}&lt;/b&gt;" in shown
    assert f"/desk/data-disputes/{dispute.pk}/" in client.get("/desk/work/").content.decode()

    refused = client.post(f"/desk/data-disputes/{dispute.pk}/settle/", {"outcome": "STANDS", "decision": ""})
    assert refused.status_code == 200
    done = client.post(
        f"/desk/data-disputes/{dispute.pk}/settle/", {"outcome": "STANDS", "decision": "Сверено с выпиской"}
    )

    assert done.status_code == 302
    dispute.refresh_from_db()
    assert (dispute.outcome, dispute.settled_by) == ("STANDS", town.clerk)


def test_registers_that_found_nothing_are_folded_and_can_be_disputed_all_the_same(town, entry):
    page = unlocked(entry)
    document = html.fromstring(page.content.decode())
    (folded, *_others) = document.xpath("//main//details")
    rows = folded.xpath(".//div[@class='kz-row']")
    assert len(rows) > 3
    assert "1/3" not in folded.text_content()
    told = {
        "pass": field(page, "pass"),
        "step": "dispute",
        "row": rows[0].xpath("string(.//input[@name='row']/@value)"),
    }

    post(**told, claim="Бұл тізілімде мен туралы жазба бар")

    dispute = DataDispute.objects.get()
    assert (dispute.fact, dispute.answer.outcome) == (None, "NOT_FOUND_CONFIRMED")
