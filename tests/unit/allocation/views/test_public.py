"""What anybody sees of a decided round: who was served and why others were not, and nothing personal."""

import hashlib
import re

import pytest
from django.utils import translation
from django.utils.html import escape

from allocation import presenters
from allocation.models import Bundle, Dwelling
from allocation.selectors.bundles import engine_source_sha256
from allocation.services import decisions
from queue_registry.models import QueueEntry
from queue_registry.rules.iin import is_iin
from tests import factories
from tests.factories import AT


@pytest.fixture
def decided(town):
    register = factories.register(town)
    decision = factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    return register, decision.sitting.run


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_round_shows_every_recipient_with_the_date_of_registration(client, decided, language):
    register, run = decided

    body = client.get(f"/{language}/rounds/{run.round_id}/").content.decode()

    months = {"kk": "2015 ж. {} наурыз", "ru": "{} марта 2015 г."}
    for name, day in (("orphan", 2), ("second_orphan", 3), ("large_family", 6), ("pensioner", 9)):
        row = re.search(
            rf"<tr[^>]*>(?:(?!</tr>).)*{register.entries[name].file_number}.*?</tr>", body, re.DOTALL
        )
        assert months[language].format(day) in row[0].replace("\N{NO-BREAK SPACE}", " ")


def test_a_round_shows_exact_shares_reasons_and_digests(client, decided):
    _register, run = decided

    body = client.get(f"/kk/rounds/{run.round_id}/").content.decode()

    for text in ("6/5", "1,2000", "3/10", "0,3000", "NO_DWELLING_FITS", "CHECKS_INCOMPLETE", "NOT_REACHED"):
        assert text in body
    bundles = dict(Bundle.objects.values_list("form", "sha256"))
    for digest in (
        *bundles.values(),
        run.round.input_sha256,
        run.result_sha256,
        run.round.trail_head,
        engine_source_sha256(run),
    ):
        assert digest in body


@pytest.mark.parametrize("again", [False, True])
def test_who_stood_behind_reads_which_homes_fit_and_nobodys_number_beside_it(client, decided, says, again):
    """By the stored result: the page of a past round says the same, whatever became of its homes."""
    register, run = decided
    if again:
        Dwelling.objects.update(rooms=9)

    page = client.get(f"/kk/rounds/{run.round_id}/")

    homes = next(row.homes for row in page.context["passed_over"] if row.code == "FITTING_DWELLINGS_TAKEN")
    assert all(row.count <= row.of and row.rooms < 9 for row in homes)
    with translation.override("kk"):
        assert escape(presenters.witness_by_rooms(homes)) in page.content.decode()
    assert register.entries["sister"].file_number not in page.content.decode()
    assert says(
        page,
        "Of each family by itself the reason stands in the public bundle below, by its rank and never by its "
        "number; a family reads its own on the page of its place.",
    )


def test_the_bundle_that_is_downloaded_has_the_digest_of_the_page(client, decided):
    _register, run = decided

    content = client.get(f"/kk/rounds/{run.round_id}/bundle.zip").content

    assert hashlib.sha256(content).hexdigest() == Bundle.objects.get(form="PUBLIC").sha256


def test_no_page_of_a_round_names_a_person(client, decided):
    register, run = decided

    body = client.get(f"/kk/rounds/{run.round_id}/").content.decode()

    people = [entry.applicant for entry in register.entries.values()]
    assert [person.last_name for person in people if person.last_name in body] == []
    numbers = re.findall(r"(?<![0-9a-f])\d{12}(?![0-9a-f])", body)
    assert [number for number in numbers if is_iin(number)] == []


def test_who_is_served_is_public_only_when_it_is_decided(client, town):
    factories.waiting(town)
    sitting = factories.convened(town, factories.ready(town))
    page = f"/kk/rounds/{sitting.run.round_id}/"
    waiting = QueueEntry.objects.values_list("file_number", flat=True)

    announced = client.get(page).content.decode()
    assert sitting.run.round.input_sha256 in announced
    assert waiting
    assert not [file_number for file_number in waiting if file_number in announced]
    assert client.get(f"{page}bundle.zip").status_code == 404
    assert client.get("/kk/rounds/999/").status_code == 404

    factories.vote_all(town, sitting)
    decisions.confirm(sitting_id=sitting.pk, result_sha256=sitting.run.result_sha256, by=town.chair, at=AT)
    assert page in client.get("/kk/rounds/").content.decode()


def test_a_refused_round_says_that_nothing_was_offered_by_it(client, town, says):
    sitting = factories.convened(town, factories.ready(town))
    factories.vote_all(town, sitting, choice="AGAINST")
    decisions.refuse(sitting_id=sitting.pk, result_sha256=sitting.run.result_sha256, by=town.chair, at=AT)

    response = client.get(f"/kk/rounds/{sitting.run.round_id}/")

    assert says(
        response,
        "The commission refused this proposal: no home was offered by it. It stays here to be checked.",
    )


def test_an_empty_round_has_a_page_like_any_other(client, town, says):
    run = factories.confirmed(town).sitting.run

    response = client.get(f"/kk/rounds/{run.round_id}/")

    assert says(response, "Nobody was served in this round.")
    assert says(response, "Nobody was passed over.")


def test_before_the_first_decision_the_list_says_so(client, db, says):
    assert says(client.get("/kk/rounds/"), "No distribution has been confirmed yet.")
