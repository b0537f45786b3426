"""Old lists and what was decided on them are read with the numbers that people bear today."""

from datetime import date

from queue_registry.rules.legacy import decisions
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.rows import Field, RawRow, parse, renumbered
from tests import factories

OLD, NEW, OTHER, THIRD = (factories.invented_iin(number) for number in range(8_030, 8_034))


def row(iin, family=""):
    cells = {Field.IIN: iin, Field.FAMILY_IINS: family, Field.NAME: "Ойдан Анна"}
    raw = RawRow(source=Source.SPP, sheet="", sheet_no=0, row=2, cells=cells)
    return parse(raw, imported_on=date(2026, 9, 1))


def test_a_row_bears_the_number_of_today_and_is_known_as_it_was():
    read = renumbered(row(OLD), {OLD: NEW})

    assert read.iin.iin == NEW
    assert (read.digest, read.position) == (row(OLD).digest, row(OLD).position)


def test_members_bear_theirs_and_one_named_by_both_is_named_once():
    read = renumbered(row(OTHER, f"{OLD};{THIRD};{NEW}"), {OLD: NEW})

    assert (read.iin.iin, read.family.iins) == (OTHER, (NEW, THIRD))


def test_a_row_of_nobody_renumbered_and_one_without_a_number_stay():
    for given in (row(OTHER, THIRD), row("-")):
        assert renumbered(given, {OLD: NEW}) is given
        assert renumbered(given, {}) is given


def test_what_a_person_decided_names_the_number_of_today():
    value = {"iin": OLD, "reason": "x"}
    typed = {"cells": {"iin": OLD, "family_iins": f"{OTHER}; {OLD}", "name": "Ойдан"}}

    assert decisions.renumbered(value, {OLD: NEW}) == {"iin": NEW, "reason": "x"}
    assert decisions.renumbered(typed, {OLD: NEW}) == {
        "cells": {"iin": NEW, "family_iins": f"{OTHER}; {NEW}", "name": "Ойдан"}
    }
    assert decisions.renumbered({"day": "2015-01-01"}, {OLD: NEW}) == {"day": "2015-01-01"}
    assert value["iin"] == OLD
