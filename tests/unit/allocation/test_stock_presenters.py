"""Whatever the stock can say has words, and every act that a programme cites is among those translated."""

from datetime import date
from decimal import Decimal

import pytest

from allocation import stock_presenters
from allocation.models import DwellingEvent
from allocation.rules import programmes
from allocation.rules.stock import Column, Fault, GoneGround

DETAIL = {"least": Decimal("0.01"), "most": 20, "row": 3}


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_of_a_cell_has_words_with_its_figures(fault):
    told = stock_presenters.fault(fault, DETAIL)

    assert told
    assert told != fault
    assert "%(" not in told


def test_every_column_and_ground_has_words():
    assert all(stock_presenters.column(one) not in {"", one} for one in Column)
    assert all(stock_presenters.gone_ground(one) not in {"", one} for one in GoneGround)


def test_every_act_of_a_programme_is_there_to_be_translated():
    cited = {
        act
        for one in programmes.in_force(date(2026, 9, 1)).values()
        for act in (one.act, *(figure.act for figure in one.terms.values()))
    }

    assert cited == set(stock_presenters.ACTS)


def test_the_terms_of_a_loan_are_said_with_their_basis():
    found = programmes.find("5-20-25", on=date(2026, 9, 1))

    assert [value for _, value, _ in stock_presenters.terms(found)] == ["5 %", "20 %", "25"]


@pytest.mark.parametrize(
    ("moved_to", "ground", "has_code"),
    [
        ("READY", "CORRECTED Act 9", False),
        ("GONE", "DEMOLISHED Act 9", False),
        ("READY", "DEMOLISHED Act 9", True),
        ("GONE", "Act 9", False),
    ],
)
def test_the_ground_of_a_home_that_left_is_said_in_words(moved_to, ground, has_code):
    told = stock_presenters.event_ground(DwellingEvent(moved_to=moved_to, ground=ground))

    assert told.endswith("Act 9")
    assert ("DEMOLISHED" in told or "CORRECTED" in told) is has_code
