"""Figures of a home that were entered wrong: what was and what is, and when it is too late."""

from dataclasses import replace
from decimal import Decimal

import pytest

from allocation import engine_io
from allocation.models import Dwelling, DwellingEvent
from allocation.rules.refusals import Refusal, Refused
from allocation.services import loan_places, rounds, stock_corrections
from allocation.services.stock_corrections import Figures
from queue_registry.models import AuditEvent
from tests import factories
from tests.factories import AT


@pytest.fixture
def home(town):
    return factories.ready(town)[0]


def figures_of(home, **changes):
    stand = Figures(**{name: getattr(home, name) for name in stock_corrections.FIELDS})
    return replace(stand, **changes)


def correct(town, home, **told):
    changes = told.pop("changes", {"rooms": 3, "area": Decimal("62.30"), "floor": 4, "lift": True})
    said = {"reason": "Mistyped", "document": "Passport 5"} | told
    figures = figures_of(home, **changes)
    return stock_corrections.correct(dwelling_id=home.pk, figures=figures, by=town.clerk, at=AT, **said)


def refusal_of(town, home, **told):
    before = AuditEvent.objects.count()
    with pytest.raises(Refused) as refused:
        correct(town, home, **told)
    assert AuditEvent.objects.count() == before
    return refused.value.code


def test_what_was_and_what_is_stand_in_the_trail_with_reason_and_document(town, home):
    correct(town, home)

    home.refresh_from_db()
    assert (home.rooms, home.area, home.floor, home.lift) == (3, Decimal("62.30"), 4, True)
    data = AuditEvent.objects.get(event="dwelling.corrected").data
    assert data["before"] == {"rooms": 2, "area": "52.80", "floor": 1, "lift": False}
    assert data["after"] == {"rooms": 3, "area": "62.30", "floor": 4, "lift": True}
    assert (data["reason"], data["document"]) == ("Mistyped", "Passport 5")
    event = DwellingEvent.objects.get(dwelling=home)
    assert (event.moved_from, event.moved_to, event.ground) == ("READY", "READY", "CORRECTED Passport 5")


@pytest.mark.parametrize("missing", ["reason", "document"])
def test_a_correction_has_a_reason_and_a_document(town, home, missing):
    assert refusal_of(town, home, **{missing: "  "}) is Refusal.REASON_MISSING


def test_the_same_figures_are_no_correction(town, home):
    assert refusal_of(town, home, changes={}) is Refusal.NOTHING_CHANGED


@pytest.mark.parametrize("state", ["RESERVED", "OFFERED", "ALLOTTED", "GONE"])
def test_what_was_sealed_offered_let_or_is_gone_stays_as_it_was(town, home, state):
    idle = {} if state in ("RESERVED", "OFFERED") else {"idle_since": None}
    Dwelling.objects.filter(pk=home.pk).update(state=state, **idle)

    assert refusal_of(town, home) is Refusal.DWELLING_STATE


def test_a_home_that_is_being_built_is_corrected(town, home):
    Dwelling.objects.filter(pk=home.pk).update(state="BUILDING", idle_since=None)

    assert correct(town, home).rooms == 3


def test_the_freeze_of_an_open_round_reads_the_corrected_figures(town, home):
    opened = factories.open_round(town, [home])
    correct(town, home)

    frozen = rounds.freeze(round_id=opened.pk, by=town.secretary, at=AT)

    (sealed,) = engine_io.parsed(frozen.input)["dwellings"]
    assert (sealed["rooms"], sealed["floor"]) == (3, 4)
    home.refresh_from_db()
    assert refusal_of(town, home, changes={"floor": 5}) is Refusal.DWELLING_STATE


def test_a_round_given_up_gives_the_home_free_for_a_correction(town, home):
    frozen = factories.frozen_round(town, [home])
    rounds.cancel(round_id=frozen.pk, reason="Wrong floor", by=town.secretary, at=AT)

    assert correct(town, home).floor == 4


def test_a_place_of_a_loan_has_no_figures(town):
    (place,) = loan_places.add(
        akimat=town.akimat, programme="2-10-20", count=1, document="x", by=town.clerk, at=AT
    )

    assert refusal_of(town, place) is Refusal.NOT_A_HOME
