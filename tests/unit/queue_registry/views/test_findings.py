"""What rechecks found, at the desk: listed, looked at, settled; what is stale or held is marked."""

from datetime import timedelta

import pytest

from integrations.contract import Outcome
from queue_registry.models import PersonalDataView, RecheckFinding, SourceHold
from queue_registry.selectors import clock
from queue_registry.services import assessment_requests
from queue_registry.tasks import find_doubles, take_second_looks
from tests import factories
from tests.unit.queue_registry.services import answering
from tests.unit.queue_registry.services.answering import hear, open_second_looks, owns, told
from tests.unit.queue_registry.services.test_rechecks import seen

AT = factories.AT
LATER = AT + timedelta(hours=3)
SECOND = AT + timedelta(hours=4)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


@pytest.fixture
def visit(town, client, monkeypatch):
    def sign_in(name, at=SECOND):
        monkeypatch.setattr(clock, "now", lambda: at)
        client.force_login(town.staff[name])
        return client

    return sign_in


@pytest.fixture
def held(town, visit):
    """A finding that a protected household leaves to a person."""
    entry = factories.waiting(town, number="2")
    told(entry.applicant, "nobd", Outcome.NOT_FOUND_CONFIRMED, at=LATER)
    finding = seen(entry)
    for question in open_second_looks():
        hear(question, Outcome.NOT_FOUND_CONFIRMED, at=SECOND)
    visit("clerk")
    take_second_looks()
    finding.refresh_from_db()
    assert (finding.state, finding.why_held) == ("HELD", "PROTECTED")
    return finding


def test_a_clerk_comes_from_the_working_list_to_the_finding_and_settles_it(held, visit):
    clerk = visit("clerk")
    page = f"/desk/findings/{held.pk}/"
    assert page in clerk.get("/desk/work/?task=RECHECK").content.decode()
    assert page in clerk.get("/desk/findings/").content.decode()
    shown = clerk.get(page).content.decode()
    assert held.entry.file_number in shown
    assert held.entry.applicant.iin not in shown

    settle = f"{page}settle/"
    assert clerk.post(settle, {"settle-how": " "}).status_code == 200
    assert RecheckFinding.objects.get().state == "HELD"
    assert clerk.post(settle, {"settle-how": "Protected, Form 7"}).url == page
    finding = RecheckFinding.objects.get()
    assert (finding.state, finding.closed_how, finding.closed_by.username) == (
        "CLOSED",
        "Protected, Form 7",
        "clerk",
    )
    assert "Protected, Form 7" in clerk.get(page).content.decode()
    assert clerk.post(settle, {"settle-how": "Again"}).status_code == 409
    assert page not in clerk.get("/desk/work/").content.decode()
    assert PersonalDataView.objects.filter(target=f"recheck_finding:{held.pk}", by=finding.closed_by).exists()


def test_who_only_looks_has_no_form(held, visit):
    shown = visit("auditor").get(f"/desk/findings/{held.pk}/").content.decode()
    assert "settle-how" not in shown
    assert visit("auditor").post(f"/desk/findings/{held.pk}/settle/", {"settle-how": "x"}).status_code == 403


def test_a_confirmed_finding_leads_to_its_case(town, visit):
    entry = factories.waiting(town)
    owns(entry.applicant, at=LATER)
    finding = seen(entry)
    clerk = visit("clerk")
    assert clerk.get(f"/desk/findings/{finding.pk}/").status_code == 200
    for question in open_second_looks():
        hear(question, Outcome.FOUND, at=SECOND, facts=[("PROPERTY_RIGHT", answering.HOME)])
    take_second_looks()
    finding.refresh_from_db()
    shown = clerk.get(f"/desk/findings/{finding.pk}/").content.decode()
    assert f"/desk/removals/{finding.removal_case_id}/" in shown


def test_one_finding_that_fails_the_task_stops_no_other(town, visit, held):
    entry = factories.waiting(town)
    owns(entry.applicant, at=LATER)
    finding = seen(entry)
    RecheckFinding.objects.filter(pk=held.pk).update(state="SECOND_LOOK", why_held="", detail={"looks": []})
    for question in open_second_looks():
        hear(question, Outcome.NOT_FOUND_CONFIRMED, at=SECOND)
    take_second_looks()
    finding.refresh_from_db()
    assert finding.state == "REFUTED"
    find_doubles()
    assert not RecheckFinding.objects.filter(code="DOUBLE").exists()


def test_pages_say_what_is_stale_and_what_is_held_beside_its_words(town, visit):
    entry = factories.waiting(town)
    owns(entry.applicant, at=LATER)
    assessment_requests.request_assessments(entries=[entry], at=LATER)
    assessment_requests.assess_due(limit=10, at=LATER)
    stale = LATER + timedelta(days=30)
    address = f"/desk/entries/{entry.pk}/"
    marks = 'class="kz-status kz-status--wait"'
    fresh = visit("clerk", at=stale).get(address).content.decode().count(marks)
    later = visit("clerk", at=stale + timedelta(microseconds=1)).get(address).content.decode()
    assert later.count(marks) == fresh + 2  # the cadastre's word, and the finding that rests on it
    SourceHold.objects.create(source="egkn", held_at=stale)
    assert visit("clerk", at=stale).get(address).content.decode().count(marks) == fresh + 1
