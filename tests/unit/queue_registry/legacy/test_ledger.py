"""States, applicants and cases of the ledger."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.legacy.codes import Code, RowState, Source
from queue_registry.rules.legacy.dates import ALMATY, untimed
from queue_registry.rules.legacy.ledger import reconcile
from queue_registry.rules.legacy.mapping import first_mapping
from queue_registry.rules.legacy.register import NOT_IN_REGISTER
from queue_registry.rules.legacy.rows import Field, parse
from tests.unit.queue_registry.legacy.builders import (
    ANNA,
    BOTA,
    CANAT,
    DANA,
    IMPORTED_ON,
    identity,
    ledger,
    paper,
    parsed,
    rshep,
    spouses,
    spp,
    states,
)


def test_of_three_rows_in_order_the_strongest_source_s_is_imported():
    made = ledger(paper(4), rshep(2), spp(2))

    assert states(made) == {"spp 2": "imported", "rshep 2": "merged", "paper 4": "merged"}
    assert made.applicants[0].rows[0].source is Source.SPP


def test_a_row_with_an_open_code_leaves_the_import_to_the_next_strongest():
    made = ledger(spp(2, status="archived"), rshep(2), paper(4))

    assert states(made) == {"spp 2": "needs_person", "rshep 2": "imported", "paper 4": "merged"}


def test_a_repeat_of_a_row_asks_nothing_and_its_case_names_both():
    made = ledger(spp(2, number="N", status="archived"), spp(3, number="N", status="archived"))

    assert states(made) == {"spp 2": "needs_person", "spp 3": "merged"}
    assert [(case.key.code, [row.row for row in case.rows]) for case in made.cases] == [
        (Code.NOT_ACTIVE, [2, 3])
    ]


def test_of_two_rows_of_one_source_the_earlier_is_the_stronger():
    made = ledger(paper(4, note="x"), paper(9, address="a"), paper(7, address="b"))

    assert [row.row for row in made.applicants[0].rows] == [4, 7, 9]


def test_rows_that_answer_each_other_leave_the_stronger_one_imported():
    made = ledger(rshep(2, date=None), paper(4, category="Общая очередь"))

    assert states(made) == {"rshep 2": "imported", "paper 4": "merged"}
    assert made.applicants[0].stands
    assert made.applicants[0].lists == ("4",)
    assert made.applicants[0].registered_at == untimed(date(2019, 5, 6))


def test_an_answered_row_is_merged_even_where_the_others_wait_for_a_person():
    made = ledger(rshep(2, status="Снят"), paper(4, date=None))

    assert states(made) == {"rshep 2": "needs_person", "paper 4": "merged"}


def test_a_time_known_by_any_row_of_the_day_is_taken():
    made = ledger(spp(2), paper(4))

    assert made.applicants[0].registered_at == datetime(
        2019, 5, 6, 10, 11, 12, tzinfo=timezone(timedelta(hours=5))
    )
    assert made.applicants[0].time_known


def test_midnight_means_that_the_time_is_unknown():
    made = ledger(spp(2, date="2019-05-06T00:00:00+05:00"))

    assert made.applicants[0].registered_at == datetime(2019, 5, 6, 23, 59, 59, tzinfo=ALMATY)
    assert not made.applicants[0].time_known


def test_of_conflicting_days_the_latest_stands_provisionally():
    made = ledger(spp(2), rshep(2, date="05.05.2019"))

    assert made.applicants[0].registered_at.date() == date(2019, 5, 6)
    assert made.applicants[0].time_known
    assert made.applicants[0].provisional


def test_a_bare_year_stands_on_its_last_day():
    made = ledger(paper(4, date="2012"))

    assert made.applicants[0].registered_at == untimed(date(2012, 12, 31))


def test_a_bare_year_that_is_answered_moves_nothing():
    made = ledger(rshep(2), paper(4, date="2019"))

    assert made.applicants[0].registered_at == untimed(date(2019, 5, 6))
    assert not made.applicants[0].provisional


def test_file_numbers_follow_the_moment_then_source_then_row_and_the_undated_come_last():
    made = ledger(
        paper(4, ANNA, date=None),
        paper(5, BOTA, date="01.02.2010"),
        rshep(9, CANAT, date="01.02.2010"),
        spp(2, DANA, date="2010-02-01T17:00:00+05:00"),
    )

    assert [applicant.key for applicant in made.applicants] == [DANA, CANAT, BOTA, ANNA]


def test_the_members_are_those_that_the_lists_name_but_the_applicant():
    made = ledger(spp(2, family_iins=f"{BOTA};{ANNA};{CANAT}"))

    assert made.applicants[0].members == (BOTA, CANAT)


def test_a_case_is_one_per_applicant_and_code_with_all_its_rows():
    made = ledger(spp(2), rshep(2, date="01.02.2003"), paper(4), spp(3, BOTA, status="archived"))

    assert {(case.key.applicant, case.key.code, len(case.rows)) for case in made.cases} == {
        (ANNA, Code.DATE_CONFLICT, 3),
        (BOTA, Code.NOT_ACTIVE, 1),
    }
    assert made.count_cases() == {Code.DATE_CONFLICT: 1, Code.NOT_ACTIVE: 1}


_CATEGORIES = {"3": "Көпбалалы отбасы", "4": "Пенсионер", "9": "Общая очередь"}
_DAYS = [
    "06.05.2019",
    "2019-05-06T10:11:12+05:00",
    "07.05.2019",
    "31.12.1979",
    "2019",
    "2018",
    None,
    "31.02.2019",
    "01.01.2091",
]


def _row(*, make, row, iin, day, listed, status, family, name, note, malformed):
    cells = {Field.DATE: day, Field.FAMILY_IINS: family, "malformed": malformed}
    if make is paper:
        cells |= {Field.CATEGORY: _CATEGORIES[listed], Field.NOTE: note}
    else:
        cells |= {Field.LIST_CODE: listed, Field.STATUS: status, Field.NUMBER: f"N{row % 3}"}
    if name is not None:
        cells |= {Field.LAST_NAME: name, Field.FIRST_NAME: ""} if make is spp else {Field.NAME: name}
    return make(row, iin, **cells)


# Values on and beside the limits: whose row, which day, which list, which file.
_ROWS = st.builds(
    _row,
    make=st.sampled_from([spp, rshep, paper]),
    row=st.integers(2, 9),
    iin=st.sampled_from([ANNA, ANNA, BOTA, BOTA, CANAT, DANA, "нет", "851231100003"]),
    day=st.sampled_from(_DAYS),
    listed=st.sampled_from(["3", "4", "9"]),
    status=st.sampled_from(["active", "Действующий", "архив"]),
    family=st.sampled_from([None, BOTA, "123"]),
    name=st.sampled_from([None, None, None, "Ахметова", "Сейітова Әлия Қанатқызы", "Петров Иван"]),
    note=st.sampled_from([None, None, "см. дело"]),
    malformed=st.sampled_from([False, False, False, True]),
)
_IDENTITIES = {
    ANNA: identity(ANNA),
    BOTA: identity(BOTA, died_on=date(2019, 5, 6)),
    CANAT: NOT_IN_REGISTER,
}


def _as_seen(made):
    return (
        [
            (one.row.source, one.row.row, one.row.digest, one.state, one.codes, one.applicant, one.cases)
            for one in made.rows
        ],
        [(case.key, len(case.rows), case.detail) for case in made.cases],
        made.applicants,
    )


def _without_files(made):
    """What is seen of a ledger but for the numbers of its files."""
    rows, cases, applicants = _as_seen(made)
    of_no_file = [one._replace(rows=tuple(row._replace(file_no=0) for row in one.rows)) for one in applicants]
    return sorted(rows, key=repr), cases, of_no_file


@given(
    st.lists(_ROWS, max_size=7, unique_by=lambda row: (row.source, row.row)).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(rows))
    )
)
def test_any_order_of_the_rows_gives_the_same_ledger(orders):
    first, second = orders
    known = {"identities": _IDENTITIES, "families": spouses(ANNA, BOTA)}

    assert _as_seen(ledger(*first, **known)) == _as_seen(ledger(*second, **known))


@given(st.lists(st.lists(_ROWS, max_size=4, unique_by=lambda row: (row.source, row.row)), max_size=3))
def test_any_order_of_the_files_gives_the_same_ledger(files):
    def made(numbers):
        return reconcile(
            [
                parse(row, imported_on=IMPORTED_ON, file_no=number)
                for number, rows in zip(numbers, files, strict=True)
                for row in rows
            ],
            identities=_IDENTITIES,
            families=spouses(ANNA, BOTA),
            mapping=first_mapping(),
            as_of=IMPORTED_ON,
        )

    orders = permutations(range(len(files)))
    first = _without_files(made(next(orders)))
    for numbers in orders:
        assert _without_files(made(numbers)) == first


@given(st.lists(_ROWS, max_size=7, unique_by=lambda row: (row.source, row.row)))
def test_every_row_ends_in_one_state_of_one_applicant_and_the_totals_add_up(rows):
    made = ledger(*rows, identities=_IDENTITIES, families=spouses(ANNA, BOTA))

    assert sum(sum(states.values()) for states in made.count_rows().values()) == len(parsed(*rows))
    assert sorted((row.source, row.row) for applicant in made.applicants for row in applicant.rows) == sorted(
        (row.source, row.row) for row in rows
    )
    for applicant in made.applicants:
        mine = [one for one in made.rows if one.applicant == applicant.key]
        assert sum(one.state is RowState.IMPORTED for one in mine) <= 1
        assert any(one.state is not RowState.MERGED for one in mine)
        if applicant.stands:
            assert applicant.lists
            assert applicant.registered_at.astimezone(UTC) <= datetime(
                2026, 12, 31, 23, 59, 59, tzinfo=ALMATY
            )


@given(st.lists(_ROWS, max_size=7, unique_by=lambda row: (row.source, row.row)))
def test_every_open_case_has_a_row_that_waits_and_every_waiting_row_a_case(rows):
    made = ledger(*rows, identities=_IDENTITIES, families=spouses(ANNA, BOTA))

    waiting = {key for one in made.rows if one.state is RowState.NEEDS_PERSON for key in one.cases}
    assert waiting == {case.key for case in made.cases}
    assert all(one.cases for one in made.rows if one.state is RowState.NEEDS_PERSON)
