"""A certificate of place: got from the place page, checked by anybody, of use to nobody else."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from queue_registry.documents import certificate_paper
from queue_registry.models import AuditEvent, Certificate, QueueEntry
from queue_registry.rules.certificates import shown
from queue_registry.services import certificates, queue_entries
from queue_registry.views import look_up_limits
from queue_registry.views.look_up import token_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    factories.waiting(town, day=1)
    return factories.waiting(town, day=2)


@pytest.fixture(autouse=True)
def _fresh_limits(settings):
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    cache.clear()


def issued(entry, *, language="ru", at=factories.AT):
    return certificates.issue(application_id=entry.application_id, language=language, at=at)


def open_with(code, iin, *, language="kk"):
    return Client().post(f"/{language}/certificate/", {"code": code, "iin": iin})


def text_of(response):
    main = html.fromstring(response.content.decode()).xpath("//main")[0]
    return " ".join(main.text_content().split())


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_place_page_leads_to_a_pdf_whose_digest_and_record_are_kept(town, entry, language):
    page = Client().post(
        f"/{language}/", {"file_number": entry.file_number, "iin": entry.application.applicant.iin}
    )
    form = html.fromstring(page.content.decode()).xpath(f"//form[@action='/{language}/certificate/pdf/']")[0]

    response = Client().post(form.get("action"), dict(form.form_values()))

    kept = Certificate.objects.get()
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content.startswith(b"%PDF-")
    assert kept.sha256 == hashlib.sha256(response.content).hexdigest()
    assert (kept.language, kept.application_id) == (language, entry.application_id)
    assert [(one["list"], one["place"], one["length"]) for one in kept.said] == [("5", 2, 2)]
    record = AuditEvent.objects.get(event="certificate.issued")
    assert (record.target, record.actor, record.data["sha256"]) == (
        f"certificate:{kept.pk}",
        "citizen",
        kept.sha256,
    )
    assert kept.code not in str(record.data)


def test_the_paper_names_the_person_and_no_iin(entry):
    kept, _ = issued(entry)

    document = str(certificate_paper.document(kept))

    assert entry.applicant.full_name in document
    assert entry.file_number in document
    assert f"?code={shown(kept.code)}" in document
    assert not re.search(r"\d{12}", document)
    assert entry.applicant.iin not in document


def test_the_same_row_makes_the_same_bytes(entry):
    kept, content = issued(entry)

    assert certificate_paper.pdf(Certificate.objects.get(pk=kept.pk)) == content


def test_asked_for_twice_on_a_day_it_is_one_certificate_and_after_a_change_another(town, entry):
    first, content = issued(entry)
    again, same = issued(entry, at=factories.AT + timedelta(hours=2))
    in_kazakh, _ = issued(entry, language="kk")
    tomorrow, _ = issued(entry, at=factories.AT + timedelta(days=1))
    ahead = QueueEntry.objects.exclude(pk=entry.pk).get()
    queue_entries.close_as_housed(
        entry_id=ahead.pk, by=town.supervisor, at=factories.AT + timedelta(days=1), document="contract 1"
    )
    moved, _ = issued(entry, at=factories.AT + timedelta(days=1, hours=1))

    assert (again.pk, same) == (first.pk, content)
    assert len({first.pk, in_kazakh.pk, tomorrow.pk, moved.pk}) == 4
    assert AuditEvent.objects.filter(event="certificate.issued").count() == 4


@pytest.mark.parametrize("token", ["", "forged", "{{ 7*7 }}"])
def test_without_a_good_token_both_numbers_are_asked_for_again(entry, token):
    response = Client().post("/ru/certificate/pdf/", {"token": token})

    assert not Certificate.objects.exists()
    assert html.fromstring(response.content.decode()).xpath("//input[@name='iin']")


def test_whoever_has_no_place_gets_the_page_and_no_certificate(town, entry):
    queue_entries.close_as_housed(
        entry_id=entry.pk, by=town.supervisor, at=factories.AT, document="contract 1"
    )

    response = Client().post("/ru/certificate/pdf/", {"token": token_of(entry.application_id)})

    assert not Certificate.objects.exists()
    assert entry.file_number in text_of(response)
    assert "/ru/certificate/pdf/" not in response.content.decode()


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_code_confirms_it_and_shows_nothing_of_the_person(town, entry, language):
    kept, _ = issued(entry)

    response = Client().get(f"/{language}/certificate/", {"code": shown(kept.code).lower()})

    shown_text, whole = text_of(response), response.content.decode()
    name = town.akimat.name_kk if language == "kk" else town.akimat.name_ru
    assert name in shown_text
    assert kept.sha256 in shown_text
    for personal in (entry.applicant.iin, entry.file_number, *entry.applicant.full_name.split()):
        assert personal not in whole
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies


def test_it_says_whether_the_place_is_still_the_same(town, entry):
    kept, _ = issued(entry)
    url = f"/ru/certificate/?code={kept.code}"
    same = text_of(Client().get(url))
    ahead = QueueEntry.objects.exclude(pk=entry.pk).get()
    queue_entries.close_as_housed(
        entry_id=ahead.pk, by=town.supervisor, at=factories.AT, document="contract 1"
    )

    assert text_of(Client().get(url)) != same


@pytest.mark.parametrize("code", ["7K2M-94QD-0XRA-V8TE", "0000000000000000"])
def test_a_forged_code_has_one_clear_answer(entry, code):
    issued(entry)
    answers = {Client().get("/ru/certificate/", {"code": one}).content for one in (code, "ZZZZZZZZZZZZZZZZ")}

    assert len(answers) == 1
    assert "govuk-error-summary" in answers.pop().decode()


@pytest.mark.parametrize("code", ["", "short", "x" * 10_000, "‮7K2M", "😀" * 16, "' OR 1=1 --", "7\x00K"])
def test_what_cannot_be_a_code_is_told_at_its_field(entry, code):
    response = Client().get("/ru/certificate/", {"code": code})

    assert response.status_code == 200
    assert html.fromstring(response.content.decode()).xpath("//a[@href='#id_code']")


def test_code_and_iin_open_the_place(entry):
    kept, _ = issued(entry)

    response = open_with(shown(kept.code), entry.applicant.iin)

    assert entry.file_number in text_of(response)


def test_another_persons_certificate_a_wrong_iin_and_a_forged_code_have_the_same_answer(town, entry):
    kept, _ = issued(entry)
    other = factories.waiting(town, day=3)

    answers = [
        open_with(kept.code, other.applicant.iin).content,
        open_with(kept.code, factories.invented_iin(99_999)).content,
        open_with("ZZZZZZZZZZZZZZZZ", entry.applicant.iin).content,
    ]

    assert len(set(answers)) == 1
    assert entry.file_number not in answers[0].decode()
    assert kept.code not in answers[0].decode()


def test_whichever_is_wrong_costs_the_same_queries(entry):
    kept, _ = issued(entry)
    counts = set()
    for code, iin in (
        (kept.code, factories.invented_iin(99_999)),
        ("ZZZZZZZZZZZZZZZZ", entry.applicant.iin),
    ):
        with CaptureQueriesContext(connection) as queries:
            open_with(code, iin)
        counts.add(len(queries))

    assert len(counts) == 1


def test_guesses_for_one_iin_are_limited_whatever_the_code(entry, settings):
    settings.FAILURES_PER_FILE_NUMBER = settings.FAILURES_PER_IIN = "3/hour"
    for number in range(3):
        open_with(f"{number}" * 16, entry.applicant.iin)
    kept, _ = issued(entry)

    assert open_with(kept.code, entry.applicant.iin).status_code == 429


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"code": "I" * 16}, "certificate_code_can_be_typed"),
        ({"language": "en"}, "certificate_in_a_language_of_state"),
        ({"sha256": ""}, "certificate_keeps_its_digest"),
        ({}, "one_certificate_per_code"),
    ],
)
def test_the_database_refuses(entry, changes, constraint):
    kept, _ = issued(entry)
    row = {
        "code": kept.code,
        "application": kept.application,
        "language": "ru",
        "issued_at": factories.AT,
        "said": [],
        "sha256": "0" * 64,
    }

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Certificate.objects.create(**(row | changes))
