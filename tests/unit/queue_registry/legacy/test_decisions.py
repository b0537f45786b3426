"""Decisions of people in the ledger: each answers its code, on its rows and on no others."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.legacy import decision_values, decisions
from queue_registry.rules.legacy.codes import RULES, Code, Kind, Remark, RowState
from queue_registry.rules.legacy.dates import ALMATY, untimed
from queue_registry.rules.legacy.decision_values import CHOICES, DecisionRefusal, DecisionRefused
from queue_registry.rules.legacy.decisions import Decision
from queue_registry.rules.legacy.ledger import reconcile
from queue_registry.rules.legacy.mapping import first_mapping
from queue_registry.rules.legacy.register import NOT_IN_REGISTER
from tests.unit.queue_registry.legacy.builders import (
    ANNA,
    BOTA,
    CANAT,
    DANA,
    IDENTITIES,
    IMPORTED_ON,
    identity,
    iin_of,
    ledger,
    paper,
    parsed,
    rshep,
    spouses,
    spp,
    states,
)

NOBODY = iin_of(59)


def decided(code, *rows, number=0, **value):
    keys = frozenset(decisions.key_of(row) for row in parsed(*rows))
    return Decision(code=code, rows=keys, value=value, on=IMPORTED_ON, number=number)


def made(*rows, by=(), identities=IDENTITIES, families=None):
    return reconcile(
        parsed(*rows),
        identities=identities,
        families=families or {},
        mapping=first_mapping(),
        as_of=IMPORTED_ON,
        decisions=by,
    )


def asked(found):
    return sorted((case.key.applicant, case.key.code.value) for case in found.cases)


def test_a_row_with_the_right_iin_joins_its_applicant_and_keeps_its_code():
    wrong = paper(4, "нет", date="01.02.2010")
    name = {"name": "Ахметова Әлия Қанатқызы"}
    wrong.cells.update(name)

    found = made(spp(2), wrong, by=[decided(Code.NO_IIN, wrong, iin=ANNA)])

    row = found.rows[1]
    assert row.applicant == ANNA
    assert (row.codes, row.answered) == ((Code.DATE_CONFLICT, Code.NO_IIN), (Code.NO_IIN,))
    assert Remark.DECIDED in row.remarks
    assert Remark.ANSWERED_BY_ANOTHER_ROW not in row.remarks
    assert asked(found) == [(ANNA, "DATE_CONFLICT")]


def test_the_identity_check_runs_on_the_iin_that_was_decided():
    wrong = paper(4, "нет")

    found = made(wrong, by=[decided(Code.NO_IIN, wrong, iin=BOTA)])
    again = made(
        wrong, by=[decided(Code.NO_IIN, wrong, iin=BOTA), decided(Code.IDENTITY_MISMATCH, wrong, iin=ANNA)]
    )

    assert [code for _, code in asked(found)] == ["IDENTITY_MISMATCH"]
    assert not found.applicants[0].stands
    assert asked(again) == []
    assert (again.applicants[0].iin, again.applicants[0].stands) == (ANNA, True)
    assert states(again) == {"paper 4": "imported"}


def test_an_iin_that_the_register_does_not_know_either_leaves_the_question_open():
    row = paper(4, CANAT)
    nobody = {**IDENTITIES, CANAT: NOT_IN_REGISTER, NOBODY: NOT_IN_REGISTER}

    found = made(row, identities=nobody, by=[decided(Code.NOT_IN_REGISTER, row, iin=NOBODY)])

    assert [code for _, code in asked(found)] == ["NOT_IN_REGISTER"]
    assert found.rows[0].answered == ()


def test_a_mismatch_that_is_the_same_person_stands_under_the_register_s_name():
    row = spp(2, last_name="Петрова", first_name="Ирина")

    found = made(row, by=[decided(Code.IDENTITY_MISMATCH, row, same_person=True)])

    assert asked(found) == []
    assert (found.applicants[0].key, found.applicants[0].stands) == (ANNA, True)


def test_a_row_of_nobody_is_set_aside_and_gives_no_place():
    row = paper(4, "8,6E+11")

    found = made(row, by=[decided(Code.BAD_IIN, row, set_aside=True)])

    assert asked(found) == []
    assert states(found) == {"paper 4": "merged"}
    assert (found.applicants[0].iin, found.applicants[0].stands) == (None, False)
    assert Remark.SET_ASIDE in found.rows[0].remarks


@pytest.mark.parametrize("code", sorted({Code.NAME_CHANGED, Code.NAME_INCOMPLETE, Code.NOTE_TO_READ}))
def test_what_a_person_took_note_of_stands_for_good(code):
    cells = {
        Code.NAME_CHANGED: {"name": "Сейітова Әлия Қанатқызы"},
        Code.NAME_INCOMPLETE: {"name": "Ахметова Ә. Қ."},
        Code.NOTE_TO_READ: {"note": "см. дело"},
    }[code]
    row = paper(4, **cells)

    before, after = made(row), made(row, by=[decided(code, row, accepted=True)])

    assert (before.applicants[0].provisional, states(before)) == (True, {"paper 4": "needs_person"})
    assert (after.applicants[0].provisional, states(after)) == (False, {"paper 4": "imported"})
    assert code in after.rows[0].codes


def test_an_archived_row_that_is_active_after_all_stands():
    row = rshep(2, status="Снят")

    found = made(row, by=[decided(Code.NOT_ACTIVE, row, active=True)])

    assert (found.applicants[0].stands, found.applicants[0].provisional) == (True, False)


def test_a_row_set_aside_changes_no_date_and_no_list_of_its_applicant():
    row = rshep(2, status="Снят", date="01.02.2020", list_code="3")

    found = made(spp(2), row, by=[decided(Code.NOT_ACTIVE, row, set_aside=True)])

    assert asked(found) == []
    assert states(found) == {"spp 2": "imported", "rshep 2": "merged"}
    assert found.applicants[0].lists == ("4",)
    assert found.applicants[0].registered_at.date() == date(2019, 5, 6)
    assert len(found.applicants) == 1


def test_the_only_row_of_an_applicant_set_aside_leaves_nobody_a_place_and_the_number_is_his():
    row = rshep(2, status="Снят")

    found = made(row, by=[decided(Code.NOT_ACTIVE, row, set_aside=True)])

    assert (found.applicants[0].iin, found.applicants[0].stands) == (ANNA, False)
    assert found.applicants[0].registered_at is None


def test_of_two_rows_of_one_iin_one_may_be_set_aside_and_the_other_is_accepted():
    one, other = paper(4), paper(9, date="01.02.2010", address="b")
    only = [decisions.written(decisions.key_of(row)) for row in parsed(other)]

    found = made(one, other, by=[decided(Code.SAME_IIN_TWICE, one, other, set_aside=True, only=only)])

    assert asked(found) == []
    assert states(found) == {"paper 4": "imported", "paper 9": "merged"}
    assert found.applicants[0].registered_at == untimed(date(2019, 5, 6))


def test_a_number_of_two_people_is_accepted_for_each_of_them():
    mine, other = rshep(2, number="N"), rshep(3, BOTA, number="N")

    found = made(mine, other, by=[decided(Code.NUMBER_USED_TWICE, mine, accepted=True)])

    assert asked(found) == [(BOTA, "NUMBER_USED_TWICE")]


def test_the_documented_day_settles_a_conflict_with_its_bare_years():
    rows = [spp(2), rshep(2, date="05.05.2018"), paper(4, date="2012")]

    found = made(*rows, by=[decided(Code.DATE_CONFLICT, *rows, day="2018-05-05", time="09:30")])

    assert asked(found) == []
    assert found.applicants[0].registered_at == datetime(2018, 5, 5, 9, 30, tzinfo=ALMATY)
    assert (found.applicants[0].time_known, found.applicants[0].provisional) == (True, False)
    assert all(Code.DATE_CONFLICT in one.codes for one in found.rows[:2])


def test_a_day_without_a_time_stands_after_all_timed_ones():
    rows = [spp(2), rshep(2, date="05.05.2018")]

    found = made(*rows, by=[decided(Code.DATE_CONFLICT, *rows, day="2018-05-05", time="00:00")])

    assert found.applicants[0].registered_at == untimed(date(2018, 5, 5))
    assert not found.applicants[0].time_known


@pytest.mark.parametrize(
    ("code", "cell"),
    [
        (Code.YEAR_ONLY, "2012"),
        (Code.NO_DATE, None),
        (Code.FUTURE_DATE, "01.01.2091"),
        (Code.BAD_DATE, "31.02.2012"),
        (Code.BEFORE_BIRTH, "31.12.1979"),
    ],
)
def test_a_day_from_the_document_stands_for_the_cell(code, cell):
    row = paper(4, date=cell)

    found = made(row, by=[decided(code, row, day="2012-03-12")])

    assert asked(found) == []
    assert found.applicants[0].registered_at == untimed(date(2012, 3, 12))
    assert found.applicants[0].stands
    assert code in found.rows[0].codes


def test_a_day_that_was_decided_is_held_against_birth_and_death_too():
    row = paper(4, date=None)
    dead = {**IDENTITIES, ANNA: identity(ANNA, died_on=date(2013, 1, 1))}
    by = [decided(Code.NO_DATE, row, day="2013-01-02")]

    found = made(row, identities=dead, by=by)
    again = made(
        row, identities=dead, by=[*by, decided(Code.DEAD_BEFORE_REGISTRATION, row, day="2013-01-01")]
    )

    assert [code for _, code in asked(found)] == ["DEAD_BEFORE_REGISTRATION"]
    assert asked(again) == []
    assert again.applicants[0].registered_at == untimed(date(2013, 1, 1))


def test_a_day_that_contradicts_another_row_opens_the_conflict():
    row = paper(4, date=None)

    found = made(spp(2), row, by=[decided(Code.NO_DATE, row, day="2012-03-12")])

    assert asked(found) == [(ANNA, "DATE_CONFLICT")]


def test_lists_that_a_person_names_stand():
    unmapped, unknown = paper(4, category="Общая очередь"), spp(2, BOTA, list_code="9")

    found = made(
        unmapped,
        unknown,
        by=[
            decided(Code.CATEGORY_UNMAPPED, unmapped, lists=["3", "4"]),
            decided(Code.LIST_CODE_UNKNOWN, unknown, lists=["5"]),
        ],
    )

    assert asked(found) == [(ANNA, "SECOND_LIST")]
    assert {one.key: one.lists for one in found.applicants} == {ANNA: ("3", "4"), BOTA: ("5",)}


def test_one_decision_settles_conflict_and_second_list_and_the_newest_counts():
    rows = [spp(2, list_code="3"), paper(4), paper(5, category="Бюджетник")]
    codes = {code for _, code in asked(made(*rows))}
    older = decided(Code.SECOND_LIST, *rows, number=1, lists=["5"])
    newer = decided(Code.LIST_CONFLICT, *rows, number=2, lists=["3"])

    found, turned = made(*rows, by=[older, newer]), made(*rows, by=[newer, older])

    assert codes >= {"LIST_CONFLICT", "SECOND_LIST"}
    assert found == turned
    assert found.applicants[0].lists == ("3",)
    assert {code for _, code in asked(found)} == codes - {"LIST_CONFLICT", "SECOND_LIST"}


def test_two_households_after_all_both_stand():
    mine, other = spp(2), rshep(3, BOTA)

    found = made(
        mine,
        other,
        families=spouses(ANNA, BOTA),
        by=[decided(Code.HOUSEHOLD_TWICE, mine, other, both=True)],
    )

    assert asked(found) == []
    assert all(one.stands and not one.provisional for one in found.applicants)


def test_of_one_household_the_earliest_application_keeps_the_place():
    later, earlier = spp(2), rshep(3, BOTA, date="01.02.2010")

    found = made(
        later,
        earlier,
        families=spouses(ANNA, BOTA),
        by=[decided(Code.HOUSEHOLD_TWICE, later, earlier, one=True)],
    )

    assert asked(found) == []
    assert {one.key: one.stands for one in found.applicants} == {ANNA: False, BOTA: True}
    assert {one.key: one.household_of for one in found.applicants} == {ANNA: BOTA, BOTA: ""}
    assert {one.applicant: one.state for one in found.rows} == {ANNA: "merged", BOTA: "imported"}


def test_who_is_asked_about_is_not_led_to_the_household_s_application_yet():
    later, earlier = spp(2, list_code="9"), rshep(3, BOTA, date="01.02.2010")
    one = decided(Code.HOUSEHOLD_TWICE, later, earlier, one=True)
    answer = decided(Code.LIST_CODE_UNKNOWN, later, number=2, lists=["5"])

    asked_about = made(later, earlier, families=spouses(ANNA, BOTA), by=[one])
    settled = made(later, earlier, families=spouses(ANNA, BOTA), by=[one, answer])

    assert asked(asked_about) == [(ANNA, "LIST_CODE_UNKNOWN")]
    assert [{one.key: one.household_of for one in found.applicants} for found in (asked_about, settled)] == [
        {ANNA: "", BOTA: ""},
        {ANNA: BOTA, BOTA: ""},
    ]


def test_of_a_chain_of_households_all_are_led_to_the_one_that_keeps_the_place():
    one, two, three = spp(2), rshep(3, BOTA, date="01.02.2010"), paper(4, CANAT, date="01.02.2009")
    families = spouses(ANNA, BOTA) | {CANAT: spouses(CANAT, BOTA)[CANAT]}
    both = decided(Code.HOUSEHOLD_TWICE, one, two, three, one=True)

    found = made(one, two, three, families=families, by=[both])

    assert {one.key: one.household_of for one in found.applicants} == {ANNA: CANAT, BOTA: CANAT, CANAT: ""}


def test_a_third_member_of_the_household_opens_the_question_again():
    one, two, three = spp(2), rshep(3, BOTA), paper(4, CANAT)
    families = spouses(ANNA, BOTA) | {CANAT: spouses(CANAT, ANNA)[CANAT]}

    found = made(one, two, three, families=families, by=[decided(Code.HOUSEHOLD_TWICE, one, two, both=True)])

    assert asked(found) == [(ANNA, "HOUSEHOLD_TWICE"), (CANAT, "HOUSEHOLD_TWICE")]


def test_a_row_typed_again_is_read_from_the_start():
    row = paper(4, malformed=True)
    cells = {"iin": BOTA, "name": "Бекетов Бота Иванұлы", "date": "12.03.11", "category": "Бюджетник"}

    found = made(row, by=[decided(Code.MALFORMED_ROW, row, cells=cells)])

    assert asked(found) == []
    assert (found.applicants[0].iin, found.applicants[0].lists) == (BOTA, ("5",))
    assert found.applicants[0].registered_at == untimed(date(2011, 3, 12))
    assert found.rows[0].codes == (Code.MALFORMED_ROW,)


def test_a_new_row_that_takes_part_opens_the_question_again_and_another_does_not():
    rows = [spp(2), rshep(2, date="05.05.2018")]
    by = [decided(Code.DATE_CONFLICT, *rows, day="2018-05-05")]

    joined = made(*rows, paper(4, date="01.01.2015"), by=by)
    dateless = made(*rows, paper(4, date=None), by=by)

    assert asked(joined) == [(ANNA, "DATE_CONFLICT")]
    assert asked(dateless) == []


def test_a_note_of_a_new_row_is_asked_about_and_the_old_one_is_not():
    read, new = paper(4, note="a"), rshep(2, note="b")

    found = made(read, new, by=[decided(Code.NOTE_TO_READ, read, accepted=True)])

    assert asked(found) == [(ANNA, "NOTE_TO_READ")]
    assert {one.row.source: one.state for one in found.rows} == {
        "rshep": RowState.NEEDS_PERSON,
        "paper": RowState.IMPORTED,
    }


_ROWS = [
    spp(2, list_code="3"),
    rshep(2, date="05.05.2018", note="x"),
    rshep(3, BOTA, number="N", status="архив"),
    rshep(4, CANAT, number="N", date=None),
    paper(4, date="2012", category="Общая очередь"),
    paper(5, "нет", note="y"),
    paper(6, DANA, date="31.12.1979"),
    paper(7, DANA, malformed=True),
]
_VALUES = {
    "iin": st.sampled_from([ANNA, BOTA, DANA, NOBODY]),
    "day": st.sampled_from(["2018-05-05", "1979-12-31", "2012-12-31"]),
    "lists": st.sampled_from([["3"], ["4"], ["3", "5"]]),
    "cells": st.just({"iin": ANNA, "name": "Ахметова Әлия Қанатқызы", "date": "1.2.2010"}),
}

_YES = st.sampled_from([True])


def _any_decision(code):
    def values(answer):
        return st.fixed_dictionaries({answer: _VALUES.get(answer, _YES)})

    return st.builds(
        lambda rows, value, number: decided(code, *rows, number=number, **value),
        rows=st.lists(st.sampled_from(_ROWS), min_size=1, unique_by=id),
        value=st.sampled_from(CHOICES[code]).flatmap(values),
        number=st.integers(0, 3),
    )


_DECISIONS = st.lists(st.sampled_from(sorted(CHOICES)).flatmap(_any_decision), max_size=6)


@given(
    st.permutations(_ROWS), _DECISIONS.flatmap(lambda some: st.tuples(st.just(some), st.permutations(some)))
)
def test_the_order_of_rows_and_of_decisions_never_matters(rows, by):
    first, second = by

    assert made(*_ROWS, by=first, families=spouses(ANNA, BOTA)) == made(
        *rows, by=second, families=spouses(ANNA, BOTA)
    )


@given(_DECISIONS)
def test_whatever_is_decided_every_row_ends_once_and_keeps_its_own_codes(by):
    before, after = (made(*_ROWS, by=some, families=spouses(ANNA, BOTA)) for some in ((), by))

    assert [one.row.position for one in after.rows] == [one.row.position for one in before.rows]
    own = {code for code, rule in RULES.items() if rule.kind is Kind.OPEN and code in _OF_A_CELL}
    for one, was in zip(after.rows, before.rows, strict=True):
        assert set(one.codes) & own >= set(was.codes) & own
        assert set(one.answered) <= set(one.codes)
    waiting = {key for one in after.rows if one.state is RowState.NEEDS_PERSON for key in one.cases}
    assert waiting == {case.key for case in after.cases}


_OF_A_CELL = {Code.MALFORMED_ROW, Code.BAD_IIN, Code.NO_IIN, Code.NO_DATE, Code.NOTE_TO_READ, Code.NOT_ACTIVE}


@given(st.lists(st.sampled_from(_ROWS), unique_by=id))
def test_decisions_on_other_rows_change_nothing(rows):
    elsewhere = [
        decided(code, paper(90, note="elsewhere"), **{CHOICES[code][0]: True}) for code in sorted(CHOICES)
    ]

    assert made(*rows, by=elsewhere) == ledger(*rows)


# What may be decided


def refused(code, value, on=IMPORTED_ON):
    with pytest.raises(DecisionRefused) as refusal:
        decision_values.check(code, value, on=on)
    return refusal.value.code, refusal.value.detail.get("field")


def test_every_code_that_a_person_answers_has_its_answers_and_no_other():
    assert set(CHOICES) == {code for code, rule in RULES.items() if rule.kind is Kind.OPEN}


@pytest.mark.parametrize(
    ("code", "value", "why"),
    [
        (Code.PADDED, {"accepted": True}, (DecisionRefusal.CODE_NOT_DECIDED, None)),
        (Code.BAD_IIN, {}, (DecisionRefusal.ONE_ANSWER_NEEDED, None)),
        (Code.BAD_IIN, {"iin": ANNA, "set_aside": True}, (DecisionRefusal.ONE_ANSWER_NEEDED, None)),
        (Code.BAD_IIN, {"iin": "851231100003"}, (DecisionRefusal.NOT_AN_IIN, "iin")),
        (Code.BAD_IIN, {"same_person": True}, (DecisionRefusal.ONE_ANSWER_NEEDED, None)),
        (Code.BAD_IIN, {"set_aside": True, "only": ["x"]}, (DecisionRefusal.FIELD_UNKNOWN, "only")),
        (Code.NOTE_TO_READ, {"accepted": False}, (DecisionRefusal.ONE_ANSWER_NEEDED, None)),
        (Code.NOTE_TO_READ, {"set_aside": True, "only": []}, (DecisionRefusal.NOT_A_ROW, "only")),
        (Code.NO_DATE, {"day": "2012-02-31"}, (DecisionRefusal.NOT_A_DAY, "day")),
        (Code.NO_DATE, {"day": "2026-09-02"}, (DecisionRefusal.DAY_IN_FUTURE, "day")),
        (Code.NO_DATE, {"day": "1899-12-31"}, (DecisionRefusal.DAY_TOO_EARLY, "day")),
        (Code.NO_DATE, {"day": "2012-02-01", "time": "25:00"}, (DecisionRefusal.NOT_A_TIME, "time")),
        (Code.LIST_CONFLICT, {"lists": []}, (DecisionRefusal.NOT_A_LIST, "lists")),
        (Code.LIST_CONFLICT, {"lists": ["7"]}, (DecisionRefusal.NOT_A_LIST, "lists")),
        (Code.LIST_CONFLICT, {"lists": ["3", "3"]}, (DecisionRefusal.NOT_A_LIST, "lists")),
        (Code.MALFORMED_ROW, {"cells": {"iin": " "}}, (DecisionRefusal.CELLS_MISSING, "cells")),
        (Code.MALFORMED_ROW, {"cells": {"salary": "1"}}, (DecisionRefusal.FIELD_UNKNOWN, "salary")),
    ],
)
def test_a_value_that_decides_nothing_is_refused_and_the_field_is_named(code, value, why):
    assert refused(code, value) == why


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (Code.NO_DATE, {"day": IMPORTED_ON.isoformat(), "time": "23:59:59"}),
        (Code.NO_DATE, {"day": "1900-01-01"}),
        (Code.SECOND_LIST, {"lists": ["1", "6"]}),
    ],
)
def test_values_on_the_limit_pass(code, value):
    assert decision_values.check(code, value, on=IMPORTED_ON) is None


def test_what_sets_a_day_needs_a_second_person():
    assert decision_values.needs_second(Code.NO_DATE, {"day": "2012-01-01"})
    assert decision_values.needs_second(Code.MALFORMED_ROW, {"cells": {"date": "2012"}})
    assert not decision_values.needs_second(Code.MALFORMED_ROW, {"cells": {"iin": ANNA}})
    assert not decision_values.needs_second(Code.NOTE_TO_READ, {"accepted": True})
