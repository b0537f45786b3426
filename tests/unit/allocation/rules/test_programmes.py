"""Programmes that lend are dated data, each figure with its act and its basis."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from allocation.rules import programmes
from allocation.rules.programmes import ProgrammeBroken, newest, parse

ON = date(2026, 9, 1)
TEXT = """
code = "3-15-18"
rung = "loan_2"
in_force_from = "2027-01-01"
act = "An act"
[terms]
rate = { value = "3", basis = "law", act = "An act" }
down_payment = { value = "15", basis = "press", act = "A page" }
years = { value = 18, basis = "ours", act = "No act" }
"""


@pytest.mark.parametrize(
    ("code", "rung", "terms"),
    [
        ("2-10-20", "loan_2", ("2", "10", "20")),
        ("5-10-20", "loan_5", ("5", "10", "20")),
        ("5-20-25", "loan_5", ("5", "20", "25")),
    ],
)
def test_a_shipped_programme_has_its_terms_by_its_name(code, rung, terms):
    found = programmes.find(code, on=ON)

    assert found.rung == rung
    assert tuple(str(found.terms[name].value) for name in programmes.TERMS) == terms
    assert all(figure.act and figure.basis in {"letter", "press"} for figure in found.terms.values())


def test_nothing_lends_before_the_day_of_its_act():
    begins = programmes.find("2-10-20", on=ON).in_force_from

    assert programmes.find("2-10-20", on=begins) is not None
    assert programmes.find("2-10-20", on=begins - timedelta(days=1)) is None
    assert programmes.find("villa", on=ON) is None


def test_the_newest_version_that_has_begun_rules():
    old = parse(TEXT)
    new = parse(TEXT.replace("2027-01-01", "2027-02-01").replace('"3"', '"4"'))

    rates = {
        day: newest([new, old], day)["3-15-18"].terms["rate"].value
        for day in (date(2027, 1, 1), date(2027, 1, 31), date(2027, 2, 1))
    }

    assert list(rates.values()) == [Decimal(3), Decimal(3), Decimal(4)]
    assert newest([old, new], date(2026, 12, 31)) == {}


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ('basis = "law", ', "", "3-15-18.rate"),
        ('basis = "law"', 'basis = "rumor"', "3-15-18.rate"),
        (', act = "No act"', "", "3-15-18.years"),
        ('"3"', '"three"', "3-15-18.rate"),
        ('"3"', '"-1"', "3-15-18.rate"),
        ('"3"', '"NaN"', "3-15-18.rate"),
        ("years = ", "months = ", "3-15-18"),
        ('rung = "loan_2"\n', "", "rung"),
    ],
)
def test_refuse_a_figure_without_its_basis_or_a_file_of_another_form(was, becomes, named):
    with pytest.raises(ProgrammeBroken, match=named):
        parse(TEXT.replace(was, becomes, 1))
