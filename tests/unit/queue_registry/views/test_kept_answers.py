"""The auditor opens the answer of a state system as it came: for a purpose, by a document, on record."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import translation

from integrations import kept_envelopes, sealing, services
from integrations.contract import Query
from integrations.models import CheckAttempt, CheckRequest
from queue_registry.models import AuditEvent, PersonalDataView, SourceAnswer
from queue_registry.rules.facts import Source
from queue_registry.selectors import clock
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db
CAME = b"<Envelope>signed and sealed</Envelope>"
ASKED = {"purpose": "COMPLAINT", "document": "Complaint No 8 of 01.09.2026"}


@pytest.fixture
def town(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    return factories.town()


@pytest.fixture
def visit(client, town):
    def sign_in(name):
        client.force_login(town.staff[name])
        return client

    return sign_in


@pytest.fixture
def entry(town):
    return factories.waiting(town)


@pytest.fixture
def answer(entry):
    """What the cadastre said, with the question that it answered and the envelope that came."""
    found = SourceAnswer.objects.get(person=entry.applicant, source=Source.EGKN, superseded_at__isnull=True)
    query = Query(source="egkn", iin=entry.applicant.iin, purpose="TEST", bucket="2026-09")
    services.enqueue([query], at=AT)
    question = CheckRequest.objects.get()
    found.check_request_id, found.envelope_sha256 = question.pk, hashlib.sha256(CAME).hexdigest()
    found.save()
    CheckAttempt.objects.create(
        message_id="7d9d4a9e-1f0c-4b8c-9b5e-000000000001",
        request=question,
        source="egkn",
        asked_at=AT,
        answered_at=AT,
        outcome="FOUND",
        envelope=sealing.seal(CAME),
        envelope_sha256=found.envelope_sha256,
    )
    return found


def page_of(answer):
    return f"/desk/answers/{answer.pk}/"


def says(page, text):
    with translation.override("kk"):
        return translation.gettext(text) in page.content.decode()


def opened():
    return AuditEvent.objects.filter(event="source_answer.opened")


def test_what_came_is_given_out_byte_for_byte_and_never_kept_by_a_browser(visit, town, entry, answer):
    auditor = visit("auditor")
    case = auditor.get(f"/desk/applications/{entry.application_id}/").content.decode()
    assert page_of(answer) in case
    assert answer.envelope_sha256 in auditor.get(page_of(answer)).content.decode()
    assert not opened().exists()

    given = auditor.post(page_of(answer), ASKED)

    assert given.content == CAME
    assert given.headers["Cache-Control"] == "no-store, private"
    assert given.headers["Content-Type"] == "application/octet-stream"
    assert given.headers["Content-Disposition"] == f'attachment; filename="answer-{answer.pk}.xml"'
    record = opened().get()
    assert (record.actor, record.akimat_kato) == (town.auditor.username, town.akimat.kato)
    assert record.data == {
        "source": "egkn",
        "envelope_sha256": answer.envelope_sha256,
        **ASKED,
    }
    assert {look.target for look in PersonalDataView.objects.all()} >= {f"person:{answer.person_id}"}
    assert entry.applicant.iin not in case.split("<main")[0]
    assert entry.applicant.iin not in page_of(answer)


@pytest.mark.parametrize("changes", [{"purpose": "CURIOSITY"}, {"purpose": ""}, {"document": " "}])
def test_without_a_purpose_and_a_document_nothing_is_opened(visit, answer, changes):
    page = visit("auditor").post(page_of(answer), {**ASKED, **changes})

    assert page.context["form"].errors.keys() == changes.keys()
    assert CAME not in page.content
    assert not opened().exists()


def test_what_was_purged_is_not_kept_and_nothing_is_recorded(visit, answer, settings):
    later = AT + timedelta(days=settings.ENVELOPE_RETENTION_DAYS, seconds=1)
    kept_envelopes.purge(by="timer", at=later)

    page = visit("auditor").post(page_of(answer), ASKED)

    assert page.status_code == 409
    assert says(
        page, "The answer itself is not kept any more: its time is over, or nothing came. Its digest stays."
    )
    assert not opened().exists()


def test_an_answer_without_a_question_is_not_kept(visit, entry, answer):
    SourceAnswer.objects.filter(pk=answer.pk).update(check_request_id=None)

    assert visit("auditor").post(page_of(answer), ASKED).status_code == 409


@pytest.mark.parametrize("fault", ["the key is lost", "another digest"])
def test_what_no_key_opens_or_was_changed_is_said_and_not_given_out(visit, answer, settings, fault):
    if fault == "the key is lost":
        settings.ENVELOPE_KEYS = ["another"]
    else:
        CheckAttempt.objects.update(envelope=sealing.seal(b"something else"))

    page = visit("auditor").post(page_of(answer), ASKED)

    assert page.status_code == 409
    assert says(
        page,
        "The answer cannot be opened: no key of this installation fits, or it was changed. "
        "Tell the administrator.",
    )
    assert not opened().exists()


@pytest.mark.parametrize("name", ["clerk", "supervisor", "secretary", "chair", "admin"])
def test_nobody_but_the_auditor_opens_an_answer(visit, entry, answer, name):
    client = visit(name)

    assert client.get(page_of(answer)).status_code == 403
    assert client.post(page_of(answer), ASKED).status_code == 403
    assert page_of(answer) not in client.get(f"/desk/applications/{entry.application_id}/").content.decode()


def test_of_a_person_of_no_case_of_the_akimat_nothing_is_found(visit, town, answer):
    town.akimat.applications.update(akimat=_another_akimat())

    assert visit("auditor").post(page_of(answer), ASKED).status_code == 404


def _another_akimat():
    from queue_registry.models import Akimat

    return Akimat.objects.create(kato="750000000", name_kk="Алматы", name_ru="Алматы")
