"""Programmes that hand homes over: dated data with an act each, found by code or by name."""

from datetime import date, timedelta

import pytest

from allocation.rules import home_programmes, programmes
from allocation.rules.programmes import ProgrammeBroken

ON = date(2026, 9, 1)
WHOLE = """
code = "x"
name_kk = "Икс"
name_ru = "Х"
in_force_from = "2026-01-01"
basis = "ours"
act = "A decree"
"""


def test_every_shipped_programme_has_an_act_and_a_code_that_no_lender_has():
    found = home_programmes.in_force(ON)

    assert {"nurly-zher", "infrastructure-concept", "young-families"} <= set(found)
    assert all(one.act and one.name_kk and one.name_ru for one in found.values())
    assert not set(found) & set(programmes.in_force(ON))


def test_a_programme_is_known_from_its_first_day():
    begins = home_programmes.in_force(ON)["infrastructure-concept"].in_force_from

    assert home_programmes.find("infrastructure-concept", on=begins) is not None
    assert home_programmes.find("infrastructure-concept", on=begins - timedelta(days=1)) is None


@pytest.mark.parametrize("text", ["nurly-zher", " Nurly-Zher ", "государственная программа «нұрлы жер»"])
def test_a_programme_is_found_as_people_write_it(text):
    assert home_programmes.find(text, on=ON).code == "nurly-zher"


@pytest.mark.parametrize("text", ["", "villa", "нұрлы"])
def test_what_is_no_programme_is_not_found(text):
    assert home_programmes.find(text, on=ON) is None


@pytest.mark.parametrize("name", ["code", "name_kk", "name_ru", "in_force_from", "basis", "act"])
def test_a_file_without_a_field_is_refused_by_its_name(name):
    lines = [line for line in WHOLE.splitlines() if not line.startswith(f"{name} =")]

    assert home_programmes.parse(WHOLE).code == "x"
    with pytest.raises(ProgrammeBroken, match=name):
        home_programmes.parse("\n".join(lines))


@pytest.mark.parametrize("change", [('"ours"', '"guess"'), ('"A decree"', '""')])
def test_a_programme_without_a_basis_or_act_is_refused(change):
    with pytest.raises(ProgrammeBroken, match="no act or no lawful basis"):
        home_programmes.parse(WHOLE.replace(*change))
