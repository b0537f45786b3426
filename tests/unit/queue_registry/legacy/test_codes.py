"""Each code of a row, at its limits, on small made-up rows."""

from datetime import date

import pytest

from queue_registry.rules.iin import iin_check_digit
from queue_registry.rules.legacy.codes import FAILS_IDENTITY, RULES, Code, Kind, Stands
from queue_registry.rules.legacy.register import NOT_IN_REGISTER, Kin, Relation
from tests.unit.queue_registry.legacy.builders import (
    ANNA,
    BOTA,
    CANAT,
    DANA,
    IDENTITIES,
    codes,
    identity,
    ledger,
    paper,
    rshep,
    spouses,
    spp,
    states,
)


def test_every_code_has_a_rule():
    assert set(RULES) == set(Code)


def test_whatever_fails_the_identity_check_lets_no_entry_stand():
    assert {(RULES[code].kind, RULES[code].stands) for code in FAILS_IDENTITY} == {(Kind.OPEN, Stands.NO)}


def test_a_row_in_good_order_has_no_code():
    assert codes(ledger(spp(2))) == {"spp 2": []}


def test_a_literal_repeat_is_merged_into_the_earlier_row():
    made = ledger(spp(2, number="N"), spp(3, number="N"), spp(4, number="N"))

    assert codes(made) == {"spp 2": [], "spp 3": ["DUPLICATE"], "spp 4": ["DUPLICATE"]}
    assert states(made) == {"spp 2": "imported", "spp 3": "merged", "spp 4": "merged"}


def test_a_repeat_further_down_a_paper_list_is_one_whatever_its_ordinal():
    assert codes(ledger(paper(4), paper(5, sheet_no=1))) == {"paper 4": [], "paper 5": ["DUPLICATE"]}


def test_equal_rows_of_two_systems_are_no_repeats():
    assert codes(ledger(rshep(2), paper(2))) == {"rshep 2": [], "paper 2": []}


def test_a_repeat_keeps_every_code_that_is_true_of_it_and_is_merged_all_the_same():
    made = ledger(paper(4, date="2019"), paper(5, date="2019"))

    assert codes(made) == {"paper 4": ["YEAR_ONLY"], "paper 5": ["DUPLICATE", "YEAR_ONLY"]}
    assert states(made) == {"paper 4": "needs_person", "paper 5": "merged"}


def test_a_repeat_of_a_row_that_fails_the_identity_check_is_merged_into_it():
    made = ledger(paper(4, "нет"), paper(5, "нет"))

    assert states(made) == {"paper 4": "needs_person", "paper 5": "merged"}
    assert len(made.applicants) == 1


@pytest.mark.parametrize(("iin", "code"), [("851231100003", "BAD_IIN"), (None, "NO_IIN")])
def test_a_row_without_a_right_iin_joins_nobody(iin, code):
    made = ledger(rshep(2), paper(4, iin, date="01.02.2003"))

    assert codes(made) == {"rshep 2": [], "paper 4": [code]}
    assert states(made)["paper 4"] == "needs_person"
    assert [applicant.stands for applicant in made.applicants] == [False, True]


def test_a_padded_number_is_a_note():
    iin = "01020310001" + iin_check_digit("01020310001")

    made = ledger(paper(4, int(iin), name="Ким Қанат"), identities={iin: identity(CANAT)})

    assert codes(made) == {"paper 4": ["PADDED"]}
    assert states(made) == {"paper 4": "imported"}


def test_an_iin_that_the_register_does_not_know_stands_nowhere():
    made = ledger(spp(2), rshep(2), identities={ANNA: NOT_IN_REGISTER})

    assert codes(made) == {"spp 2": ["NOT_IN_REGISTER"], "rshep 2": ["NOT_IN_REGISTER"]}
    assert not any(applicant.stands for applicant in made.applicants)


def test_silence_of_the_register_is_no_mismatch_and_the_entry_stands_as_is():
    made = ledger(spp(2), identities={})

    assert codes(made) == {"spp 2": ["IDENTITY_UNCHECKED"]}
    assert states(made) == {"spp 2": "imported"}
    assert made.applicants[0].stands
    assert not made.cases


def test_a_row_under_another_name_changes_no_date_list_or_family_of_the_iin():
    made = ledger(
        spp(2, last_name="Петров", first_name="Иван", middle_name="", date="2003-01-01", family_iins=BOTA),
        rshep(2),
        spp(3, BOTA),
    )

    assert codes(made)["spp 2"] == ["IDENTITY_MISMATCH"]
    assert codes(made)["rshep 2"] == []
    assert codes(made)["spp 3"] == []
    assert states(made)["rshep 2"] == "imported"


def test_the_case_says_so_when_the_name_is_a_relative_s():
    bota = IDENTITIES[BOTA].name
    row = paper(4, ANNA, name=f"{bota.last} {bota.first} {bota.middle}")

    made = ledger(row, families=spouses(ANNA, BOTA))

    assert made.cases[0].detail == {"relative": "SPOUSE"}


@pytest.mark.parametrize(
    ("name", "code"), [("Сейітова Әлия Қанатқызы", "NAME_CHANGED"), ("Ахметова Ә.Қ.", "NAME_INCOMPLETE")]
)
def test_a_changed_or_incomplete_name_stands_provisionally(name, code):
    made = ledger(paper(4, name=name))

    assert codes(made) == {"paper 4": [code]}
    assert states(made) == {"paper 4": "needs_person"}
    assert (made.applicants[0].stands, made.applicants[0].provisional) == (True, True)


def test_rows_of_one_applicant_with_other_days_conflict_on_every_row_with_a_full_date():
    made = ledger(spp(2), rshep(2, date="07.05.2019"), paper(4), paper(5, date=None, name="Ахметова Әлия"))

    assert codes(made) == {
        "spp 2": ["DATE_CONFLICT"],
        "rshep 2": ["DATE_CONFLICT"],
        "paper 4": ["DATE_CONFLICT", "SAME_IIN_TWICE"],
        "paper 5": ["NO_DATE", "SAME_IIN_TWICE"],
    }


@pytest.mark.parametrize("moment", ["2019-05-06T00:00:00+05:00", "2019-05-06T23:59:59+05:00", "2019-05-06"])
def test_a_time_of_day_never_makes_a_conflict(moment):
    assert codes(ledger(spp(2, date=moment), rshep(2)))["spp 2"] == []


def test_the_civil_day_is_the_one_that_the_source_writes():
    made = ledger(spp(2, date="2019-05-06T00:30:00+06:00"), rshep(2, date="06.05.2019"))

    assert codes(made) == {"spp 2": [], "rshep 2": []}


@pytest.mark.parametrize(
    ("cell", "code"),
    [(None, "NO_DATE"), ("31.02.2012", "BAD_DATE"), ("02.09.2026", "FUTURE_DATE"), ("2012", "YEAR_ONLY")],
)
def test_a_row_without_a_full_date_waits_for_a_person_if_it_is_alone(cell, code):
    made = ledger(paper(4, date=cell))

    assert codes(made) == {"paper 4": [code]}
    assert states(made) == {"paper 4": "needs_person"}
    assert made.applicants[0].stands == (code == "YEAR_ONLY")


@pytest.mark.parametrize(
    ("cell", "code"), [(None, "NO_DATE"), ("31.02.2012", "BAD_DATE"), ("02.09.2026", "FUTURE_DATE")]
)
def test_a_full_date_of_another_row_answers_a_missing_one(cell, code):
    made = ledger(rshep(2), paper(4, date=cell))

    assert codes(made) == {"rshep 2": [], "paper 4": [code]}
    assert states(made) == {"rshep 2": "imported", "paper 4": "merged"}
    assert not made.cases
    assert made.applicants[0].stands


def test_a_bare_year_answers_nothing():
    made = ledger(rshep(2, date="2019"), paper(4, date=None))

    assert states(made) == {"rshep 2": "needs_person", "paper 4": "needs_person"}


def test_a_full_date_of_the_same_year_answers_a_bare_year():
    made = ledger(rshep(2), paper(4, date="2019"))

    assert codes(made) == {"rshep 2": [], "paper 4": ["YEAR_ONLY"]}
    assert states(made) == {"rshep 2": "imported", "paper 4": "merged"}


def test_a_full_date_of_another_year_conflicts_with_a_bare_year():
    made = ledger(rshep(2), paper(4, date="2018"))

    assert codes(made) == {"rshep 2": ["DATE_CONFLICT"], "paper 4": ["YEAR_ONLY"]}
    assert states(made) == {"rshep 2": "needs_person", "paper 4": "needs_person"}
    conflict = next(case for case in made.cases if case.key.code is Code.DATE_CONFLICT)
    assert [row.source for row in conflict.rows] == ["rshep", "paper"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("31.12.1979", ["BEFORE_BIRTH"]),
        ("01.01.1980", []),
        ("1979", ["BEFORE_BIRTH", "YEAR_ONLY"]),
        ("1980", ["YEAR_ONLY"]),
    ],
)
def test_nobody_registers_before_birth(cell, expected):
    assert codes(ledger(paper(4, date=cell))) == {"paper 4": expected}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("16.06.2015", ["DEAD_BEFORE_REGISTRATION"]),
        ("15.06.2015", []),
        ("2016", ["DEAD_BEFORE_REGISTRATION", "YEAR_ONLY"]),
        ("2015", ["YEAR_ONLY"]),
    ],
)
def test_nobody_registers_after_death(cell, expected):
    died = {ANNA: identity(ANNA, died_on=date(2015, 6, 15))}

    made = ledger(paper(4, date=cell), identities=died)

    assert codes(made) == {"paper 4": expected}
    assert made.applicants[0].stands == ("DEAD_BEFORE_REGISTRATION" not in expected)


def test_a_local_category_without_a_list_waits_unless_another_row_has_one():
    alone = ledger(paper(4, category="Общая очередь"))
    answered = ledger(paper(4, category="Общая очередь"), rshep(2))

    assert codes(alone) == {"paper 4": ["CATEGORY_UNMAPPED"]}
    assert states(alone) == {"paper 4": "needs_person"}
    assert not alone.applicants[0].stands
    assert codes(answered)["paper 4"] == ["CATEGORY_UNMAPPED"]
    assert states(answered)["paper 4"] == "merged"


@pytest.mark.parametrize("code", ["0", "7", "", "IV", "4.0", "-4"])
def test_a_list_code_outside_one_to_six_is_a_person_s(code):
    made = ledger(spp(2, list_code=code), rshep(2))

    assert codes(made)["spp 2"] == ["LIST_CODE_UNKNOWN"]
    assert not made.applicants[0].stands


@pytest.mark.parametrize("code", list("123456"))
def test_each_of_the_six_lists_is_known(code):
    assert codes(ledger(spp(2, list_code=code))) == {"spp 2": []}


def test_other_lists_in_other_sources_conflict_and_stand_on_the_strongest_one_s():
    made = ledger(spp(2, list_code="3"), rshep(2, list_code="5"))

    assert codes(made) == {"spp 2": ["LIST_CONFLICT"], "rshep 2": ["LIST_CONFLICT"]}
    assert made.applicants[0].lists == ("3",)
    assert (made.applicants[0].stands, made.applicants[0].provisional) == (True, True)


def test_lists_that_contradict_each_other_stand_on_the_strongest_one_s_only():
    made = ledger(
        spp(2, list_code="3"), rshep(2, list_code="5"), paper(4, category="Бюджетник"), paper(5, address="a")
    )

    assert {name for name, row in codes(made).items() if "LIST_CONFLICT" in row} == set(codes(made))
    assert made.applicants[0].lists == ("3",)


def test_a_second_list_in_a_weaker_source_stands_too():
    made = ledger(spp(2, list_code="3"), rshep(2, list_code="3"), rshep(3, list_code="4"))

    assert codes(made) == {
        "spp 2": [],
        "rshep 2": ["SAME_IIN_TWICE", "SECOND_LIST"],
        "rshep 3": ["SAME_IIN_TWICE", "SECOND_LIST"],
    }
    assert made.applicants[0].lists == ("3", "4")


def test_two_lists_in_one_file_both_stand():
    made = ledger(spp(2, list_code="3"), spp(3, list_code="4"), rshep(2, list_code="4"))

    assert codes(made) == {
        "spp 2": ["SAME_IIN_TWICE", "SECOND_LIST"],
        "spp 3": ["SAME_IIN_TWICE", "SECOND_LIST"],
        "rshep 2": [],
    }
    assert made.applicants[0].lists == ("3", "4")
    assert made.applicants[0].stands


@pytest.mark.parametrize("known_from", ["register", "list"])
def test_a_spouse_who_applied_too_is_on_every_row_of_both(known_from):
    families = spouses(ANNA, BOTA) if known_from == "register" else {}
    named = BOTA if known_from == "list" else None

    made = ledger(spp(2, family_iins=named), rshep(2), paper(4, BOTA), spp(3, DANA), families=families)

    assert {name for name, row in codes(made).items() if "HOUSEHOLD_TWICE" in row} == {
        "spp 2",
        "rshep 2",
        "paper 4",
    }
    assert {case.key.applicant: case.detail["others"] for case in made.cases} == {ANNA: BOTA, BOTA: ANNA}


@pytest.mark.parametrize(
    ("kin", "twice"),
    [
        (Kin(iin=BOTA, relation=Relation.CHILD, born_on=date(2008, 9, 2)), True),
        (Kin(iin=BOTA, relation=Relation.CHILD, born_on=date(2008, 9, 1)), False),  # 18 today
        (Kin(iin=BOTA, relation=Relation.SPOUSE, until=date(2026, 9, 1)), False),  # divorced today
        (Kin(iin=BOTA, relation=Relation.SPOUSE, until=date(2026, 9, 2)), True),
        (Kin(iin=BOTA, relation=Relation.PARENT), False),
    ],
)
def test_only_spouse_and_minor_children_belong_to_the_household_by_themselves(kin, twice):
    made = ledger(spp(2), spp(3, BOTA), families={ANNA: [kin]})

    assert ("HOUSEHOLD_TWICE" in codes(made)["spp 3"]) == twice


def test_one_number_for_two_people():
    made = ledger(spp(2, number="N"), spp(3, BOTA, number="N"), spp(4, DANA), rshep(2, DANA, number="N"))

    assert {name for name, row in codes(made).items() if row == ["NUMBER_USED_TWICE"]} == {"spp 2", "spp 3"}


def test_one_iin_on_two_different_rows_of_one_file():
    made = ledger(paper(4), paper(5, sheet_no=1, address="г. Орал"), rshep(2))

    assert codes(made) == {"rshep 2": [], "paper 4": ["SAME_IIN_TWICE"], "paper 5": ["SAME_IIN_TWICE"]}
    assert made.applicants[0].provisional


@pytest.mark.parametrize(
    ("row", "active"),
    [
        (spp(2, status="active"), True),
        (spp(2, status="archived"), False),
        (spp(2, status=None), False),
        (rshep(2, status="ДЕЙСТВУЮЩИЙ"), True),
        (rshep(2, status="Снят"), False),
        (paper(4), True),
    ],
)
def test_any_status_but_an_active_one_is_a_person_s_to_read(row, active):
    made = ledger(row)

    assert list(codes(made).values()) == [[] if active else ["NOT_ACTIVE"]]
    assert made.applicants[0].stands


def test_any_note_is_a_person_s_to_read():
    made = ledger(paper(4, note="снят?"))

    assert codes(made) == {"paper 4": ["NOTE_TO_READ"]}
    assert made.applicants[0].provisional


@pytest.mark.parametrize("note", [None, "-", "–", "нет", "жоқ"])
def test_a_note_that_says_that_there_is_none_is_no_note(note):
    assert codes(ledger(paper(4, note=note))) == {"paper 4": []}


@pytest.mark.parametrize(
    ("count", "expected"), [(2, []), (1, ["FAMILY_DIFFERS"]), (3, ["FAMILY_DIFFERS"]), (None, [])]
)
def test_a_stated_count_other_than_the_household_is_a_note(count, expected):
    made = ledger(paper(4, family_count=count), families=spouses(ANNA, BOTA))

    assert codes(made) == {"paper 4": expected}
    assert states(made) == {"paper 4": "imported"}


@pytest.mark.parametrize(
    ("named", "expected"), [(BOTA, []), (None, ["FAMILY_DIFFERS"]), (f"{BOTA};{CANAT}", ["FAMILY_DIFFERS"])]
)
def test_a_named_family_other_than_the_register_s_is_a_note(named, expected):
    assert codes(ledger(spp(2, family_iins=named), families=spouses(ANNA, BOTA))) == {"spp 2": expected}


def test_a_family_that_the_register_did_not_tell_differs_from_nothing():
    assert codes(ledger(paper(4, family_count=7))) == {"paper 4": []}


def test_a_bad_number_among_the_family_is_a_note():
    made = ledger(spp(2, family_iins=f"{BOTA};123"))

    assert codes(made) == {"spp 2": ["BAD_FAMILY_IIN"]}
    assert made.applicants[0].members == (BOTA,)


FAILS = [
    {"iin": "851231100003"},
    {"iin": "нет"},
    {"last_name": "Петров", "first_name": "Иван"},
    {"malformed": True},
]


@pytest.mark.parametrize("cells", FAILS)
def test_a_row_that_fails_the_identity_check_touches_nobody_s_date_list_family_or_number(cells):
    fails = spp(2, number="N", date="2003-01-01", list_code="3", family_iins=f"{BOTA};{CANAT}", **cells)

    made = ledger(fails, spp(3, number="N"), rshep(2), rshep(3, BOTA), paper(4, date="2019"), families={})

    assert {name: row for name, row in codes(made).items() if name != "spp 2"} == {
        "spp 3": [],
        "rshep 2": [],
        "rshep 3": [],
        "paper 4": ["YEAR_ONLY"],
    }
    assert states(made) == {
        "spp 2": "needs_person",
        "spp 3": "imported",
        "rshep 2": "merged",
        "rshep 3": "imported",
        "paper 4": "merged",
    }
    anna = next(applicant for applicant in made.applicants if applicant.key == ANNA)
    assert (anna.lists, anna.members, anna.registered_at.date()) == (("4",), (), date(2019, 5, 6))


@pytest.mark.parametrize("cells", FAILS)
def test_a_row_that_fails_the_identity_check_answers_nothing(cells):
    made = ledger(spp(2, **cells), paper(4, date=None, category="Общая очередь"))

    assert states(made) == {"spp 2": "needs_person", "paper 4": "needs_person"}


def test_a_row_that_fails_the_identity_check_keeps_what_is_true_of_its_own_cells():
    made = ledger(paper(4, "нет", date="31.02.2012", category="Общая очередь", note="см. дело"))

    assert codes(made) == {"paper 4": ["BAD_DATE", "CATEGORY_UNMAPPED", "NOTE_TO_READ", "NO_IIN"]}


def test_every_row_of_an_applicant_with_a_full_date_carries_the_conflict_whatever_else_is_true_of_it():
    made = ledger(
        spp(2, number="N", date="2019-05-07T00:00:00+05:00", status="archived"),
        spp(3, number="N", date="2019-05-07T00:00:00+05:00", status="archived"),
        rshep(2, date="01.01.2091"),
        paper(4, date="31.12.1979"),
        paper(5, date="2019", address="a"),
    )

    assert codes(made) == {
        "spp 2": ["DATE_CONFLICT", "NOT_ACTIVE"],
        "spp 3": ["DATE_CONFLICT", "DUPLICATE", "NOT_ACTIVE"],
        "rshep 2": ["FUTURE_DATE"],
        "paper 4": ["BEFORE_BIRTH", "DATE_CONFLICT", "SAME_IIN_TWICE"],
        "paper 5": ["SAME_IIN_TWICE", "YEAR_ONLY"],
    }
    assert states(made) == {
        "spp 2": "needs_person",
        "spp 3": "merged",
        "rshep 2": "merged",
        "paper 4": "needs_person",
        "paper 5": "needs_person",
    }


def test_two_moments_of_one_day_conflict_neither_with_each_other_nor_with_an_unknown_time():
    made = ledger(
        spp(2, date="2019-05-06T09:00:00+05:00"),
        spp(3, date="2019-05-06T18:00:00+05:00", list_code="3"),
        rshep(2, date="06.05.2019 00:00:00"),
    )

    assert not any("DATE_CONFLICT" in row for row in codes(made).values())


def test_of_a_row_with_shifted_columns_nothing_else_is_said():
    made = ledger(spp(2, iin=None, date=None, malformed=True), spp(3))

    assert codes(made) == {"spp 2": ["MALFORMED_ROW"], "spp 3": []}
    assert states(made)["spp 2"] == "needs_person"
