"""An entry of a past round is explained from what was stored, on screen and on the command line."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from allocation import explanation_presenters, presenters
from allocation.engine.running import explain_entry
from allocation.engine_io import document, unpack
from allocation.models import Offer
from allocation.selectors.explanations import NOT_REACHED, explain, list_public
from allocation.services import offers
from queue_registry.models import QueueEntry
from queue_registry.selectors import clock
from tests import factories
from tests.factories import AT


@pytest.fixture
def register(town):
    return factories.register(town)


@pytest.fixture
def run(town, register):
    return factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM).sitting.run


def test_every_candidate_is_explained_as_the_engine_does(register, run):
    data, seen = unpack(run.round.input), set()
    for entry in register.entries.values():
        (found,) = explain(run, file_number=entry.file_number)
        engine = document(explain_entry(data, f"{entry.file_number}/{entry.waiting_list.number}"))

        assert (found.list_number, found.place) == (engine["list"], engine["place"])
        assert (found.dwelling, found.code) == (engine.get("dwelling", ""), engine.get("code", ""))
        assert sum(home.count for home in found.homes) == len(engine.get("witness", {}).get("dwellings", []))
        seen.add(found.code)
    assert "" in seen
    assert len(seen) > 4


def test_who_was_not_reached_has_a_place_and_the_words_for_it(town):
    entries = [factories.waiting(town, day=day) for day in range(1, 9)]
    run = factories.confirmed(town, factories.ready(town, rooms=1, area="36.40")).sitting.run
    found = {entry: explain(run, file_number=entry.file_number)[0].code for entry in entries}
    last = entries[-1]

    (explained,) = explain(run, file_number=last.file_number)

    assert explained.place == 8
    assert found[last] in {NOT_REACHED, "SEATS_USED", "FITTING_DWELLINGS_TAKEN"}


def test_later_changes_change_no_explanation(town, register, run):
    entry = register.entries["late_worker"]
    before = explain(run, file_number=entry.file_number)
    for offer in Offer.objects.filter(run=run, call=0):
        offers.refuse(offer_id=offer.pk, reason="Too far", by=town.clerk, at=AT)
    assert set(QueueEntry.objects.filter(offers__call=1).values_list("status", flat=True)) == {"OFFERED"}

    assert explain(run, file_number=entry.file_number) == before


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_command_says_it_in_words(register, run, capsys, language):
    entry = register.entries["owner"]

    call_command("explain_entry", run.round.number, entry.file_number, language=language)

    with translation.override(language):
        (found,) = explain(run, file_number=entry.file_number)
        sentences = explanation_presenters.explained(found)
        assert presenters.passed_over("INELIGIBLE:OWNS_DWELLING") in " ".join(sentences)
    assert capsys.readouterr().out.splitlines() == sentences


@pytest.mark.parametrize(
    ("number", "file_number", "problem"),
    [("R-1999-1", "271010-0000001-0", "No executed round"), ("", "271010-9999999-0", "no candidate")],
)
def test_the_command_names_what_it_does_not_find(run, number, file_number, problem):
    with pytest.raises(CommandError, match=problem):
        call_command("explain_entry", number or run.round.number, file_number)


def test_the_case_leads_to_the_explanation_at_the_desk(register, run, visit):
    entry = register.entries["owner"]
    clerk = visit("clerk")
    address = f"/desk/rounds/{run.round_id}/entries/{entry.pk}/"

    assert address in clerk.get(f"/desk/entries/{entry.pk}/").content.decode()
    page = clerk.get(address).content.decode()
    with translation.override("kk"):
        assert presenters.passed_over("INELIGIBLE:OWNS_DWELLING") in page


def test_the_household_reads_it_on_its_own_page(register, run, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(hours=1))
    entry = register.entries["owner"]

    page = Client().post("/kk/", {"file_number": entry.file_number, "iin": entry.applicant.iin})

    with translation.override("kk"):
        assert presenters.passed_over("INELIGIBLE:OWNS_DWELLING") in page.content.decode()
    assert run.round.number in page.content.decode()


def test_a_round_that_served_others_of_the_list_is_explained_with_its_witness_and_leads_to_it(town):
    first, mine = factories.waiting(town, day=1), factories.waiting(town, day=2)
    run = factories.confirmed(town, factories.ready(town, rooms=1, area="36.40")).sitting.run
    (served,), (passed,) = list_public(first.application), list_public(mine.application)

    assert (served.dwelling, served.code) != ("", "")
    assert (passed.round_id, passed.list_number) == (run.round_id, "5")
    (said,) = explain(run, file_number=mine.file_number)
    assert passed.code == said.code
    if passed.homes:
        assert passed.homes == said.homes
    page = Client().post("/kk/", {"file_number": mine.file_number, "iin": mine.applicant.iin})
    assert f"/kk/rounds/{run.round_id}/" in page.content.decode()


def test_who_came_on_the_list_later_or_stands_on_another_reads_nothing_of_a_round(town, monkeypatch):
    factories.waiting(town, day=1)
    elsewhere = factories.waiting(town, number="2", day=2)
    factories.confirmed(town, factories.ready(town, rooms=1, area="36.40"), at=AT + timedelta(minutes=1))
    monkeypatch.setattr(factories, "AT", AT + timedelta(hours=1))
    later = factories.waiting(town, day=3)

    assert list_public(later.application) == []
    assert [one for one in list_public(elsewhere.application) if one.code == NOT_REACHED] == []


def test_a_line_that_is_not_there_means_that_the_homes_were_gone_before(town):
    entries = [factories.waiting(town, day=day) for day in range(1, 5)]
    run = factories.confirmed(town, factories.ready(town, rooms=1, area="36.40")).sitting.run
    looked_at = set(run.lines.values_list("entry", flat=True))

    for entry in entries:
        (found,) = list_public(entry.application)
        (said,) = explain(run, file_number=entry.file_number)
        assert (found.code, found.dwelling) == (said.code, said.dwelling)
        assert found.place == (said.place if entry.pk in looked_at else None)


def test_rounds_are_asked_for_in_one_query_however_many(town, django_assert_num_queries):
    mine = factories.waiting(town, day=9)
    for day in (1, 2):
        factories.waiting(town, day=day)
        factories.confirmed(
            town, factories.ready(town, rooms=1, area="36.40"), at=AT + timedelta(minutes=day)
        )
    assert len(list_public(mine.application)) == 2

    with django_assert_num_queries(1):
        list_public(mine.application)
