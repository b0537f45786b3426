"""The pages of an intake: from an IIN to a filed application, by role, sent twice, by two clerks at once."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import html

from integrations.models import CheckRequest
from queue_registry.models import (
    Akimat,
    Application,
    Intake,
    Person,
    PersonalDataView,
    StaffMembership,
    User,
)
from tests import factories
from tests.unit.queue_registry.services.intaking import (
    PDF,
    claim,
    consent,
    known_worker,
    opened,
    paper,
    ready,
)

pytestmark = pytest.mark.django_db

ANNA = "851231100002"


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.DEMO = False
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


def send(client, intake, act, **data):
    intake.refresh_from_db()
    return client.post(f"/desk/intakes/{intake.pk}/{act}/", {"version": intake.version, **data})


def scan(content=PDF, name="scan.pdf"):
    return SimpleUploadedFile(name, content)


def test_an_iin_begins_an_intake_and_never_stands_in_an_address(clerk, town):
    answer = clerk.post("/desk/intakes/", {"iin": "851231-100002 "})

    intake = Intake.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/intakes/{intake.pk}/")
    assert ANNA in clerk.get(answer.headers["Location"]).content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        "000000000000",
        "85123110000",
        "8512311000О2",
        "\N{FULLWIDTH DIGIT EIGHT}51231100002",
        "",
        "x" * 61,
        "\0",
    ],
)
def test_a_wrong_iin_is_said_in_words_and_begins_nothing(clerk, typed):
    answer = clerk.post("/desk/intakes/", {"iin": typed})

    page = html.fromstring(answer.content.decode())
    assert answer.status_code == 200
    assert page.xpath("//div[@role='alert'][@autofocus]//a/@href") == ["#id_iin"]
    assert Intake.objects.count() == 0


def test_an_impossible_date_is_a_warning_on_the_page(clerk):
    usual = clerk.post("/desk/intakes/", {"iin": ANNA}, follow=True)
    odd = clerk.post("/desk/intakes/", {"iin": "801301100003"}, follow=True)

    def warnings(page):
        return html.fromstring(page.content.decode()).xpath("//div[contains(@class, 'govuk-inset-text')]")

    assert (len(warnings(usual)), len(warnings(odd))) == (0, 1)


def test_a_known_household_is_named_by_its_file_number(clerk, town):
    entry = factories.waiting(town)

    answer = clerk.post("/desk/intakes/", {"iin": entry.applicant.iin})

    assert answer.status_code == 409
    assert entry.file_number in text_of(answer)


def test_a_whole_intake_by_forms_alone(clerk, town):
    husband = factories.PersonFactory(last_name="О'Ойдан-Ұлы")
    factories.answer_everything(husband, born=factories.HUSBAND.born, sex="m")
    person = known_worker(town, kin=[(husband, "spouse")])
    clerk.post("/desk/intakes/", {"iin": person.iin})
    intake = Intake.objects.get()
    assert send(clerk, intake, "claims", first="5:budget_worker").status_code == 302
    assert send(clerk, intake, "household").status_code == 302
    for key, evidence in ((person.pk, "Form 7"), (husband.pk, "Form 8")):
        given = {"consent-person": key, "consent-channel": "PAPER", "consent-evidence": evidence}
        assert send(clerk, intake, "consents", **given).status_code == 302
    given = {"document-kind": "APPLICATION", "document-title": "No 5", "document-scan": scan()}
    assert send(clerk, intake, "documents", **given).status_code == 302

    answer = send(clerk, intake, "file")

    assert answer.status_code == 302
    application = Application.objects.get()
    assert (application.status, application.members.get().person) == ("PENDING", husband)
    assert (
        clerk.get(f"/desk/intakes/{intake.pk}/").headers["Location"]
        == f"/desk/applications/{application.pk}/"
    )


def test_filing_what_is_incomplete_names_each_missing_document(clerk, town):
    intake = opened(town, ANNA)
    claim(town, intake, ("5", "budget_worker"))

    answer = send(clerk, intake, "file")

    page = html.fromstring(answer.content.decode())
    problem = page.xpath("string(//div[@role='alert'])")
    assert answer.status_code == 409
    assert ANNA in problem
    assert Application.objects.count() == 0
    assert len(page.xpath("//section[@aria-labelledby='file-it']//li")) == 5


def test_the_second_of_two_clerks_is_told(clerk, town):
    intake = opened(town, ANNA)
    seen = intake.version
    claim(town, intake, ("5", "budget_worker"))

    answer = clerk.post(f"/desk/intakes/{intake.pk}/claims/", {"version": seen, "first": "4:pensioner"})

    intake.refresh_from_db()
    assert answer.status_code == 409
    assert intake.claims == [{"list": "5", "category": "budget_worker"}]


def test_a_form_sent_twice_acts_once(clerk, town):
    intake = ready(town)
    intake.refresh_from_db()
    form = {"version": intake.version}

    answers = [clerk.post(f"/desk/intakes/{intake.pk}/file/", form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Application.objects.count() == 1


@pytest.mark.parametrize(("content", "name"), [(b"MZ", "scan.pdf"), (b"", "scan.pdf"), (b"<svg/>", "a.png")])
def test_what_is_no_scan_is_refused_with_words(clerk, town, content, name):
    intake = opened(town, ANNA)
    given = {"document-kind": "OTHER", "document-title": "No 5", "document-scan": scan(content, name)}

    answer = send(clerk, intake, "documents", **given)

    assert html.fromstring(answer.content.decode()).xpath("//div[@role='alert']//a/@href") == [
        "#id_document-scan"
    ]
    assert intake.documents.count() == 0


def test_a_consent_lets_the_registers_be_asked_and_looking_again_asks_what_came_up(clerk, town):
    husband = factories.PersonFactory()
    person = factories.PersonFactory()
    intake = opened(town, person.iin)
    given = {"consent-person": person.pk, "consent-channel": "SMS_1414", "consent-evidence": "14 Sept"}
    send(clerk, intake, "consents", **given)
    assert set(CheckRequest.objects.values_list("source", flat=True)) == {"gbd_fl", "zags"}
    factories.answer_everything(person, kin=[(husband, "spouse")])
    consent(town, intake, husband)
    CheckRequest.objects.all().delete()

    answer = send(clerk, intake, "look")

    assert answer.status_code == 302
    assert CheckRequest.objects.filter(subject_iin=husband.iin, source="gbd_fl", lane="INTERACTIVE").exists()


def test_the_page_looks_by_itself_only_while_something_may_come(clerk, town):
    silent = opened(town, ANNA)
    consent(town, silent)
    told = ready(town)

    def live(intake):
        page = html.fromstring(clerk.get(f"/desk/intakes/{intake.pk}/").content.decode())
        return page.xpath("//form/@hx-trigger")

    assert (live(silent), live(told)) == (["every 3s"], [])


def test_the_look_at_an_intake_is_recorded(clerk, town):
    intake = opened(town, ANNA)
    clerk.get(f"/desk/intakes/{intake.pk}/")

    assert PersonalDataView.objects.filter(target=f"intake:{intake.pk}", by=town.clerk).count() == 1


def test_people_of_the_same_name_and_birth_date_are_proposed(clerk, town):
    one, other = factories.PersonFactory.create_batch(2, last_name="О'Ұлы", first_name="Әсел")
    factories.answer_everything(one)
    factories.answer_everything(other)
    intake = opened(town, one.iin)

    assert other.iin in text_of(clerk.get(f"/desk/intakes/{intake.pk}/"))


def test_an_intake_is_given_up(clerk, town):
    intake = ready(town)

    assert send(clerk, intake, "drop").headers["Location"] == "/desk/intakes/"
    intake.refresh_from_db()
    assert intake.dropped_at == factories.AT


def test_a_member_is_named_and_taken_off(clerk, town):
    intake = opened(town, ANNA)
    answer = send(clerk, intake, "members", **{"member-iin": "920330200109", "member-relation": "PARENT"})
    person = Person.objects.get(iin="920330200109")
    assert answer.status_code == 302

    send(clerk, intake, f"members/{person.pk}/remove")

    intake.refresh_from_db()
    assert intake.members == []


@pytest.mark.parametrize("act", ["", "claims/", "file/", "documents/", "look/", "drop/"])
def test_only_clerks_enter(client, town, act):
    intake = ready(town)
    address = f"/desk/intakes/{intake.pk}/{act}"
    ask = client.post if act else client.get
    for user in town.staff.values():
        client.force_login(user)
        if user.memberships.get().role != "CLERK":
            assert ask(address).status_code == 403


def test_another_akimat_s_intake_is_not_found(client, town):
    intake = ready(town)
    elsewhere = Akimat.objects.create(kato="711000000", name_kk="Астана", name_ru="Астана")
    stranger = User.objects.create(username="stranger")
    StaffMembership.objects.create(user=stranger, akimat=elsewhere, role="CLERK", from_on=factories.ON)
    client.force_login(stranger)

    assert client.get(f"/desk/intakes/{intake.pk}/").status_code == 404
    assert client.post(f"/desk/intakes/{intake.pk}/file/", {"version": 9}).status_code == 404
    assert Application.objects.count() == 0


def test_names_are_shown_as_text(clerk, town):
    person = factories.PersonFactory(last_name="<script>alert(1)</script>")
    intake = opened(town, person.iin)
    consent(town, intake)
    paper(town, intake)

    assert "<script>alert" not in clerk.get(f"/desk/intakes/{intake.pk}/").content.decode()
