"""The page of one case: everything of it on one screen, its decision by form, its documents, and who may."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import translation
from lxml import html

from queue_registry import application_presenters as words
from queue_registry import presenters, trail_words
from queue_registry.models import (
    Akimat,
    Application,
    ConsentWithdrawal,
    Notice,
    PersonalDataView,
    QueueEntry,
    StaffMembership,
    User,
)
from queue_registry.permissions import ROLES, Permission
from queue_registry.rules.ground_articles import article_of
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused
from queue_registry.rules.reasons import RefusalGround
from queue_registry.services import application_decisions, applications
from tests import factories
from tests.unit.queue_registry.services.intaking import PDF, filed, known_worker, paper, ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: factories.AT)


@pytest.fixture
def clerk(client, town):
    client.force_login(town.clerk)
    return client


def text_of(answer):
    return " ".join(html.fromstring(answer.content.decode()).text_content().split())


def address(application, act=""):
    return f"/desk/applications/{application.pk}/{act}"


def test_one_screen_shows_the_whole_case_and_the_look_is_recorded(clerk, town):
    person = known_worker(town, facts=[factories.dwelling_owned(share="1/3")])
    application = filed(town, person)
    factories.waiting(town, day=1)
    accepted = clerk.post(address(application, "accept/"), {"accept-decision": "Act No 5"})
    assert accepted.status_code == 302
    with translation.override("ru"):
        clerk.post("/language/setlang/", {"language": "ru"})

        answer = clerk.get(address(application))
        text = text_of(answer)

        told = [
            person.full_name,
            person.iin,
            application.file_number,
            "1/3",
            "Form 7",
            "Invented paper",
            "2 / 2",
            words.notice_kind("REGISTERED"),
            trail_words.act("application.filed"),
            trail_words.act("application.accepted"),
            trail_words.act("intake.opened"),
        ]
    assert [one for one in told if one not in text] == []
    assert person.iin not in answer.request["PATH_INFO"]
    views = PersonalDataView.objects.filter(target=f"application:{application.pk}", by=town.clerk)
    assert views.count() == 1


def timeline_of(page):
    return [
        " ".join(one.text_content().split())
        for one in html.fromstring(page.content.decode()).xpath(
            "//ol[@class='kz-timeline']//span[@class='kz-timeline__when']"
        )
    ]


def test_the_timeline_names_who_did_it_with_the_role_of_that_day(clerk, town):
    application = filed(town)
    town.clerk.first_name, town.clerk.last_name = "Айнур", "Ойданова"
    town.clerk.save()
    clerk.post(address(application, "accept/"), {"accept-decision": "Act No 5"})
    elsewhere = Akimat.objects.create(kato="231010000", name_kk="Бөтен", name_ru="Чужой")
    StaffMembership.objects.create(user=town.clerk, akimat=elsewhere, role="SECRETARY", from_on=factories.ON)
    StaffMembership.objects.create(
        user=town.clerk, akimat=town.akimat, role="AUDITOR", from_on=factories.ON + timedelta(days=1)
    )
    entry = QueueEntry.objects.get()

    for page in (address(application), f"/desk/entries/{entry.pk}/"):
        told = timeline_of(clerk.get(f"{page}?akimat={town.akimat.kato}"))
        with translation.override("kk"):
            who = f"Айнур Ойданова ({presenters.role('CLERK')})"
        assert any(one.endswith(f", {who}") for one in told)
        assert [one for one in told if "Ойданова" in one and who not in one] == []
        assert [one for one in told if "clerk" in one] == []


def test_of_whom_no_name_is_known_the_timeline_tells_the_sign_in(clerk, town):
    application = filed(town)
    type(town.clerk).objects.filter(pk=town.clerk.pk).update(first_name="", last_name="")

    with translation.override("kk"):
        who = f"clerk ({presenters.role('CLERK')})"
    assert any(one.endswith(f", {who}") for one in timeline_of(clerk.get(address(application))))


def test_the_households_own_page_names_nobody_of_staff(client, clerk, town):
    entry = factories.waiting(town)
    town.clerk.first_name, town.clerk.last_name = "Айнур", "Ойданова"
    town.clerk.save()
    given = {"file_number": entry.file_number, "iin": entry.applicant.iin}

    page = client.post("/kk/", given).content.decode()

    assert entry.file_number in page
    assert "Ойданова" not in page
    assert "clerk" not in page


def test_a_decision_by_form_registers(clerk, town):
    application = filed(town)

    answer = clerk.post(address(application, "accept/"), {"accept-decision": ""})

    assert answer.headers["Location"] == address(application)
    assert QueueEntry.objects.get().application == application


def test_what_a_register_says_against_it_is_told_and_nothing_is_registered(clerk, town):
    application = filed(town, known_worker(town, facts=[factories.dwelling_owned()]))

    answer = clerk.post(address(application, "accept/"), {})

    page = html.fromstring(answer.content.decode())
    assert answer.status_code == 409
    assert page.xpath("count(//div[@role='alert'][@autofocus])") == 1
    assert QueueEntry.objects.count() == 0


def test_a_refusal_by_form_needs_ground_and_words(clerk, town):
    application = filed(town)

    half = clerk.post(address(application, "refuse/"), {"refuse-decision": "Extract No 4"})
    whole = clerk.post(
        address(application, "refuse/"),
        {"refuse-ground": "NOT_RESIDENT", "refuse-decision": "Extract No 4"},
    )

    assert html.fromstring(half.content.decode()).xpath("//div[@role='alert']//a/@href") == [
        "#id_refuse-ground"
    ]
    assert (half.status_code, whole.status_code) == (200, 302)
    text = text_of(clerk.get(address(application)))
    assert words.refusal_ground(RefusalGround.NOT_RESIDENT) in text
    assert "Extract No 4" in text
    assert Notice.objects.get().kind == "REFUSED"


def test_the_second_of_two_who_decide_is_told(clerk, town):
    application = filed(town)
    application_decisions.refuse(
        application_id=application.pk,
        ground=RefusalGround.FALSE_DATA,
        decision="Court",
        by=town.supervisor,
        at=factories.AT,
    )

    answer = clerk.post(address(application, "accept/"), {})

    assert answer.status_code == 409
    assert "supervisor" in html.fromstring(answer.content.decode()).xpath("string(//div[@role='alert'])")


def test_a_decision_sent_twice_acts_once(clerk, town):
    application = filed(town)
    codes = [clerk.post(address(application, "accept/"), {}).status_code for _ in range(2)]

    assert codes == [302, 302]
    assert (QueueEntry.objects.count(), Notice.objects.count()) == (1, 1)


def test_a_withdrawal_by_form(clerk, town):
    application = filed(town)

    assert clerk.post(address(application, "withdraw/"), {}).status_code == 200
    clerk.post(address(application, "withdraw/"), {"withdraw-document": "Statement No 9"})

    application.refresh_from_db()
    assert (application.status, application.decision) == ("WITHDRAWN", "Statement No 9")


def test_a_withdrawn_consent_stays_and_says_so(clerk, town):
    application = filed(town)
    ConsentWithdrawal.objects.create(
        person=application.applicant,
        withdrawn_at=datetime(2026, 9, 2, 4, tzinfo=UTC),
        channel="PAPER",
        evidence="Form 9",
    )

    consents = html.fromstring(clerk.get(address(application)).content.decode()).xpath(
        "//li[contains(., 'Form 7')]"
    )

    assert len(consents) == 1
    assert "2026-1" in consents[0].text_content()
    assert "2\xa0қыркүйек" in consents[0].text_content()


def test_a_case_of_an_old_list_without_an_applicant_has_its_page(clerk, town):
    nameless = Application(
        applicant=None,
        applicant_name="Ойдан Адам",
        origin="IMPORT",
        entered_by=town.clerk,
        entered_at=factories.AT,
    )
    applications.number_many(akimat=town.akimat, applications=[nameless])

    assert "Ойдан Адам" in text_of(clerk.get(address(nameless)))


def test_a_document_is_given_out_with_its_bytes_and_the_look_is_recorded(clerk, town):
    document = filed(town).documents.get()

    answer = clerk.get(f"/desk/documents/{document.pk}/")

    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="document-{document.pk}.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert PersonalDataView.objects.filter(target=f"document:{document.pk}").count() == 1


def test_a_stored_file_that_was_changed_is_not_given_out(clerk, town):
    application = filed(town)
    document = application.documents.get()
    Path(document.file.path).write_bytes(PDF + b" changed")

    answer = clerk.get(f"/desk/documents/{document.pk}/")

    assert (answer.status_code, answer.headers["Location"]) == (302, address(application))


def test_documents_lie_outside_the_web_root(clerk, town):
    document = filed(town).documents.get()

    for start in ("/media/", "/static/", "/"):
        assert clerk.get(start + document.file.name).status_code == 404


@pytest.mark.parametrize(
    ("act", "permission"),
    [
        ("", Permission.REGISTER_VIEW),
        ("accept/", Permission.APPLICATION_DECIDE),
        ("refuse/", Permission.APPLICATION_DECIDE),
        ("withdraw/", Permission.APPLICATION_ENTER),
        ("document", Permission.DOCUMENT_VIEW),
    ],
)
def test_each_role_does_what_its_permissions_say(client, town, act, permission):
    application = filed(town)
    document = application.documents.get()
    for user in town.staff.values():
        client.force_login(user)
        if act == "document":
            answer = client.get(f"/desk/documents/{document.pk}/")
        else:
            answer = client.post(address(application, act)) if act else client.get(address(application))
        allowed = permission in ROLES[user.memberships.get().role]
        assert (answer.status_code != 403) == allowed, user.username


def test_another_akimat_finds_neither_case_nor_document(client, town):
    application = filed(town)
    document = application.documents.get()
    pending = paper(town, ready(town), "OTHER", PDF + b"2")
    elsewhere = Akimat.objects.create(kato="711000000", name_kk="Астана", name_ru="Астана")
    stranger = User.objects.create(username="stranger")
    StaffMembership.objects.create(user=stranger, akimat=elsewhere, role="CLERK", from_on=factories.ON)
    client.force_login(stranger)

    assert client.get(address(application)).status_code == 404
    assert client.post(address(application, "accept/"), {}).status_code == 404
    for one in (document, pending):
        assert client.get(f"/desk/documents/{one.pk}/").status_code == 404
    assert QueueEntry.objects.count() == 0


def test_every_code_has_its_words():
    for ground in RefusalGround:
        assert words.refusal_ground(ground) != f"{ground} ({article_of(ground)})"
    for kind in Notice.Kind:
        assert words.notice_kind(kind) != kind.value
    plain = set(IntakeRefusal) - {
        IntakeRefusal.ALREADY_REGISTERED,
        IntakeRefusal.INTAKE_OPEN,
        IntakeRefusal.IN_ANOTHER_HOUSEHOLD,
        IntakeRefusal.INCOMPLETE,
        IntakeRefusal.ALREADY_DECIDED,
        IntakeRefusal.REASON_MISSING,
        IntakeRefusal.FACTS_NOT_FRESH,
    }
    assert "egkn" not in words.intake_refusal(IntakeRefused(IntakeRefusal.FACTS_NOT_FRESH, sources=["egkn"]))
    for code in plain:
        assert words.intake_refusal(IntakeRefused(code)) != code.value
