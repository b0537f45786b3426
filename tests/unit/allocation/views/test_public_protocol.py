"""A round in the open: its homes by type, and a protocol that tells of no family what only it may know."""

import io

import pytest
from lxml import html
from pypdf import PdfReader

from allocation.models import AllocationLine
from allocation.selectors import homes
from allocation.services import protocols
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(town):
    return factories.register(town)


@pytest.fixture
def decided(town, register):
    return factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM).sitting


def words_of(content):
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_homes_are_counted_by_type(decided, register):
    found = homes.list_types(decided.run)

    assert [(one.rooms, one.count, one.with_lift) for one in found] == [(1, 3, 1), (2, 1, 0), (3, 2, 1)]
    assert sum(one.given for one in found) == AllocationLine.objects.filter(dwelling__isnull=False).count()
    assert (str(found[0].smallest), str(found[0].largest)) == ("18.50", "36.40")


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_public_form_leaves_out_who_was_passed_over_and_who_is_related(
    client, decided, register, language
):
    answer = client.get(f"/{language}/rounds/{decided.run.round_id}/protocol.pdf")
    text = words_of(answer.content)

    assert answer.headers["Content-Type"] == "application/pdf"
    related = register.entries["sister"].file_number
    assert related in words_of(protocols.content(decided, language))
    served = set(
        AllocationLine.objects.filter(dwelling__isnull=False).values_list("entry__file_number", flat=True)
    )
    assert all(number in text for number in served)
    for name in ("owner", "well_paid", "unanswered", "family_too_large"):
        assert register.entries[name].file_number not in text
    assert decided.run.result_sha256[:16] in text.replace("\n", "").replace(" ", "")
    for entry in register.entries.values():
        assert entry.applicant.iin not in text
        assert entry.applicant.last_name not in text


def test_in_english_there_is_no_protocol_and_the_page_leads_to_those_that_are(client, decided):
    number = decided.run.round_id
    page = html.fromstring(client.get(f"/en/rounds/{number}/").content.decode())

    addresses = page.xpath("//a[contains(@href, 'protocol.pdf')]")
    assert [(one.get("href"), one.get("lang")) for one in addresses] == [
        (f"/kk/rounds/{number}/protocol.pdf", "kk"),
        (f"/ru/rounds/{number}/protocol.pdf", "ru"),
    ]
    assert client.get(f"/en/rounds/{number}/protocol.pdf").status_code == 404


def test_the_protocol_is_kept_by_caches_and_not_made_twice(client, decided, monkeypatch):
    address = f"/kk/rounds/{decided.run.round_id}/protocol.pdf"
    first = client.get(address)
    monkeypatch.setattr("allocation.services.protocols.public_content", None)

    assert client.get(address).content == first.content
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert first.headers["Cache-Control"] == "public, max-age=300"


def test_a_round_that_is_not_decided_has_no_public_protocol(client, town, register):
    run = factories.executed_run(town, register.homes, quotas=factories.ONE_BY_PROGRAM)

    assert client.get(f"/kk/rounds/{run.round_id}/protocol.pdf").status_code == 404


@pytest.mark.parametrize("page", ["", "{0}/", "{0}/bundle.zip"])
def test_what_is_published_of_rounds_is_not_sent_twice(client, decided, page):
    address = f"/kk/rounds/{page.format(decided.run.round_id)}"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in first.headers


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_page_leads_to_the_protocol_and_shows_the_types(client, decided, language):
    page = client.get(f"/{language}/rounds/{decided.run.round_id}/").content.decode()

    assert f"/{language}/rounds/{decided.run.round_id}/protocol.pdf" in page
    assert page.count('id="homes"') == 1
    assert "18,50" in page
