"""Reading paper lists: what is a record, what is none, under whatever header."""

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.legacy_files.reader import RowKind, read
from queue_registry.rules.legacy.codes import Source
from tests.unit.queue_registry.legacy.lists import (
    KK,
    ONE,
    RSHEP_HEADER,
    RSHEP_ROW,
    RU,
    TWO,
    kinds,
    paper,
    workbook,
)


@pytest.mark.parametrize("header", [RU, KK, [RU[0], KK[1], RU[2], KK[3], "Категория / Санаты", *RU[5:]]])
def test_a_paper_list_is_read_under_a_header_in_either_language(header):
    made = paper([["Список граждан"], [], header, ONE, [], TWO])

    assert [row.row for row in made.rows] == [4, 6]
    assert made.rows[0].cells == {
        "ordinal": 1,
        "name": "Ким Бота",
        "iin": "851231100002",
        "date": "12.03.2011",
        "category": "Пенсионер",
        "family_count": 2,
        "address": "г. Орал",
        "note": None,
    }
    assert made.rows[1].cells["iin"] == 851231200009
    assert made.rows[1].cells["date"] == date(2012, 4, 5)
    assert kinds(made) == [(1, "TITLE"), (2, "EMPTY"), (3, "HEADER"), (5, "EMPTY")]


def test_columns_may_stand_in_any_order_and_an_unknown_one_is_kept_under_its_header():
    made = paper(
        [
            ["Категория", "ЖСН", "Улица", "ФИО", "Дата постановки"],
            ["Пенсионер", 851231100002, "Абая", "Ким Бота", "2011"],
        ]
    )

    assert made.rows[0].cells == {
        "category": "Пенсионер",
        "iin": 851231100002,
        "Улица": "Абая",
        "name": "Ким Бота",
        "date": "2011",
    }


def test_a_header_in_mid_sheet_rules_the_rows_below_it():
    swapped = [RU[0], RU[2], RU[1], *RU[3:]]
    other = [2, "851231200009", "Пак Дана", *ONE[3:]]

    made = paper([RU, ONE, swapped, other])

    assert kinds(made) == [(1, "HEADER"), (3, "HEADER")]
    assert [row.cells["name"] for row in made.rows] == ["Ким Бота", "Пак Дана"]


def test_a_header_may_take_two_rows_and_columns_may_be_numbered_below_it():
    upper = ["№", "Фамилия, имя,", "ИИН", "Дата", "Категория"]
    lower = [None, "отчество", None, "постановки на учет", None]

    made = paper([upper, lower, [1, 2, 3, 4, 5], ONE])

    assert kinds(made) == [(1, "HEADER"), (2, "HEADER"), (3, "HEADER")]
    assert made.rows[0].cells["date"] == "12.03.2011"


@pytest.mark.parametrize(
    "text",
    [
        "ИИН / ЖСН",
        "ИИН\nЖСН",
        "ЖСН ИИН",
        "иин",
        "И И Н",
        "ИИН (12 цифр)",
        "ИИН*",
        "ИИH",  # a Latin H
        "\u00a0ИИН:\u200b",
    ],
)
def test_a_header_cell_may_be_in_two_languages_broken_over_lines_and_in_other_letters(text):
    made = paper([[*RU[:2], text, *RU[3:]], ONE])

    assert made.rows[0].cells["iin"] == "851231100002"


@pytest.mark.parametrize(
    "text", ["ДАТА ПОСТАНОВКИ НА УЧЁТ", "Дата постановки\nна учет", "Дата постановки на учет (очередь)"]
)
def test_a_header_cell_is_known_in_capitals_with_yo_and_with_a_remark_in_brackets(text):
    assert paper([[*RU[:3], text, *RU[4:]], ONE]).rows[0].cells["date"] == "12.03.2011"


def test_a_header_cell_that_names_two_things_is_neither():
    with pytest.raises(LegacyFileError, match="header lacks: ИИН"):
        paper([[*RU[:2], "ИИН, категория", *RU[3:]], ONE])


def test_a_header_that_is_complete_in_its_first_row_still_takes_the_second():
    upper = ["№", "ФИО", "ИИН", "Дата постановки", "Категория", "Семья", "Прочее", "Пол"]
    lower = [None, "заявителя", None, "на учет", "граждан", "Состав семьи", "Примечание", None]
    row = [*ONE[:5], 2, "см. дело", "ж"]

    made = paper([upper, lower, row, upper, lower, [2, *row[1:]]])

    assert kinds(made) == [(1, "HEADER"), (2, "HEADER"), (4, "HEADER"), (5, "HEADER")]
    assert [row.cells["note"] for row in made.rows] == ["см. дело", "см. дело"]
    assert [row.cells["family_count"] for row in made.rows] == [2, 2]


@pytest.mark.parametrize("spoiled", ["-", "***", "(нет)", "б/н"])
def test_a_record_below_a_header_is_no_part_of_it(spoiled):
    made = paper([RU, [1, "Ким Бота", spoiled, "12.03.2011", "Пенсионер", 1, spoiled, None]])

    assert [row.cells["iin"] for row in made.rows] == [spoiled]


def test_a_header_again_in_the_other_language_forgets_no_column():
    lines = [
        [*RU, "Пол"],
        ["1", *map(str, ONE[1:7]), "", "ж"],
        [*KK, ""],
        ["2", *map(str, ONE[1:7]), "", "м"],
    ]
    content = "\n".join(";".join(f'"{cell}"' for cell in line) for line in lines).encode()

    made = read(content, file_name="paper.csv", source=Source.PAPER)

    assert [(row.cells["Пол"], row.malformed) for row in made.rows] == [("ж", False), ("м", False)]


def test_headers_in_two_languages_one_below_the_other_are_both_headers():
    made = paper([["Список"], RU, KK, ONE])

    assert kinds(made) == [(1, "TITLE"), (2, "HEADER"), (3, "HEADER")]
    assert [row.row for row in made.rows] == [4]


def test_a_header_of_two_rows_may_have_groups_above_its_columns_and_stand_again_in_mid_sheet():
    upper = ["№", "Заявитель", None, "Учет", None, "Состав семьи"]
    lower = [None, "ФИО", "ИИН", "Дата постановки на учет", "Категория", None]

    made = paper([upper, lower, ONE[:6], upper, lower, TWO[:6]])

    assert kinds(made) == [(1, "HEADER"), (2, "HEADER"), (4, "HEADER"), (5, "HEADER")]
    assert [row.cells["family_count"] for row in made.rows] == [2, 1]
    assert [row.cells["ordinal"] for row in made.rows] == [1, 2]


def test_cells_merged_down_a_column_are_said_of_every_row_and_a_merged_title_of_none():
    book = openpyxl.load_workbook(io.BytesIO(workbook([["Список"], RU, ONE, [*TWO[:4], None, *TWO[5:]]])))
    sheet = book.active
    sheet.merge_cells("A1:H1")
    sheet.merge_cells("E3:E4")
    # One person on two lines: the second is no record of its own.
    sheet.cell(row=5, column=7, value="кв. 5")
    sheet.merge_cells("B4:B5")
    sheet.merge_cells("C4:C5")
    content = io.BytesIO()
    book.save(content)

    made = read(content.getvalue(), file_name="paper.xlsx", source=Source.PAPER)

    assert kinds(made) == [(1, "TITLE"), (2, "HEADER"), (5, "TITLE")]
    assert [row.cells["category"] for row in made.rows] == ["Пенсионер", "Пенсионер"]


def test_cells_of_every_type_of_a_workbook_are_read():
    book = openpyxl.load_workbook(io.BytesIO(workbook([RU, ONE, ONE, ONE, ONE])))
    sheet = book.active
    for row, (value, form) in enumerate(
        [
            (datetime(2011, 3, 12), '[$-419]d mmmm yyyy\\ "г.";@'),  # noqa: DTZ001
            (datetime(2011, 3, 12, 10, 30), "dd.mm.yyyy hh:mm"),  # noqa: DTZ001
            (40614, "General"),
            (40614.5, "General"),
        ],
        start=2,
    ):
        sheet.cell(row=row, column=4, value=value).number_format = form
    sheet.cell(row=2, column=3, value=860000000000.0).number_format = "0.0E+00"
    sheet.cell(row=3, column=3, value=10203100011).number_format = "000000000000"
    sheet.cell(row=4, column=3).value = None
    sheet.cell(row=5, column=3, value=True)
    sheet.cell(row=900, column=3).number_format = "0"
    content = io.BytesIO()
    book.save(content)

    made = read(content.getvalue(), file_name="paper.xlsx", source=Source.PAPER)

    assert [row.cells["date"] for row in made.rows] == [
        date(2011, 3, 12),
        datetime(2011, 3, 12, 10, 30),  # noqa: DTZ001
        40614,
        Decimal("40614.5"),
    ]
    assert [row.cells["iin"] for row in made.rows] == [860000000000, 10203100011, None, "True"]
    assert len(made.others) == 1


def test_rows_and_columns_left_empty_before_the_list_are_counted():
    made = paper([[], [], [None, None, *RU], [None, None, *ONE]])

    assert kinds(made) == [(1, "EMPTY"), (2, "EMPTY"), (3, "HEADER")]
    assert made.rows[0].cells["name"] == "Ким Бота"


def test_a_sheet_of_a_chart_is_passed_by():
    book = openpyxl.load_workbook(io.BytesIO(workbook([RU, ONE])))
    book.create_chartsheet("диаграмма")
    content = io.BytesIO()
    book.save(content)

    assert len(read(content.getvalue(), file_name="paper.xlsx", source=Source.PAPER).rows) == 1


@pytest.mark.parametrize(
    ("row", "is_record"),
    [
        ([5, "Ким Бота"], True),
        ([None, "Ким Бота", "851231100002"], True),
        ([None, None, "851231100002", None, "Пенсионер"], None),
        (["Раздел 2", None, None, None, "Многодетные"], False),
        (["Председатель", "Ким Б."], False),
        ([5], False),
    ],
)
def test_what_makes_a_row_of_a_paper_list_a_record(row, is_record):
    if is_record is None:
        with pytest.raises(LegacyFileError, match="row 3, column Фамилия, имя, отчество"):
            paper([RU, ONE, row])
    else:
        assert len(paper([RU, ONE, row]).rows) == 1 + is_record


def test_headings_and_signatures_are_no_records():
    made = paper(
        [RU, [None, "2011 год"], ONE, ["Исполнитель", "Ким"], [None, None, None, None, None, None, "подпись"]]
    )

    assert kinds(made) == [(1, "HEADER"), (2, "TITLE"), (4, "TITLE"), (5, "TITLE")]
    assert [row.row for row in made.rows] == [3]


@pytest.mark.parametrize(
    ("total", "stated", "differs"),
    [
        ([None, "Итого:", 2], 2, False),
        ([None, "Барлығы:", 3], 3, True),
        (["Всего 2 человека"], 2, False),
        ([None, "Итого по списку за 2013 год:", 3], 3, True),
        ([None, "Итого за 2013 год: 2 чел."], 2, False),
        ([None, "Итого 2 на 01.01.2013"], 2, False),
        ([None, "ВСЕГО: 1 002"], 1002, True),
        ([None, "Тізім бойынша барлығы", None, None, None, 2], 2, False),
        ([3, "Итого", 2], 3, True),
        ([None, "ИТОГО"], None, False),
    ],
)
def test_a_total_is_compared_with_the_rows_of_its_sheet(total, stated, differs):
    made = paper([RU, ONE, TWO, total])

    row = made.others[-1]
    assert (row.kind, row.stated, row.counted or 2, row.total_differs) == (RowKind.TOTAL, stated, 2, differs)


def test_a_total_with_records_below_it_is_a_subtotal_of_the_rows_above():
    made = paper([RU, ONE, [None, "Итого", 1], TWO, [None, "Итого", 4], [None, "Всего", 2]])

    assert [(row.row, row.kind.value, row.counted, row.total_differs) for row in made.others[1:]] == [
        (3, "SUBTOTAL", 1, False),
        (5, "TOTAL", 2, True),
        (6, "TOTAL", 2, False),
    ]


def test_a_total_is_of_the_rows_whose_number_is_nearest():
    three = [RU, ONE, TWO, [3, "Цой Ева", *ONE[2:]]]

    made = paper([*three, [None, "Итого", 3]], [KK, ONE, [None, "Барлығы", 1], TWO, [None, "Барлығы", 6]])

    totals = [row for row in made.others if row.stated is not None]
    assert [(row.kind.value, row.stated, row.counted) for row in totals] == [
        ("TOTAL", 3, 3),
        ("SUBTOTAL", 1, 1),
        ("TOTAL", 6, 5),
    ]


@pytest.mark.parametrize("column", [4, 6, 7])
def test_a_word_for_a_total_in_a_record_s_other_cells_makes_no_total(column):
    row = [*TWO]
    row[column] = "всего 2 заявления"

    assert [one.row for one in paper([RU, ONE, row]).rows] == [2, 3]


def test_a_person_named_like_a_total_is_a_record():
    assert len(paper([RU, [1, "Всеволодов Итогай", *ONE[2:]]]).rows) == 1


def test_sheets_are_read_one_after_another_and_blank_ones_passed_by():
    made = paper([RU, ONE], [KK, TWO])

    assert [(row.sheet, row.sheet_no, row.row) for row in made.rows] == [
        ("2005-2013", 0, 2),
        ("қалғаны", 1, 2),
    ]
    assert len(paper([RU, ONE], []).rows) == 1


@pytest.mark.parametrize(
    "row",
    [
        [1, None, "Ким Бота", "851231100002", "12.03.2011", "Пенсионер", 2],
        [1, "851231100002", "12.03.2011", "Пенсионер", 2, "г. Орал", None],
        ["Ким Бота", "851231100002", "12.03.2011", "Пенсионер", 2],
    ],
)
def test_a_record_whose_cells_stand_under_other_headers_is_malformed(row):
    made = paper([RU, ONE, row])

    assert [one.malformed for one in made.rows] == [False, True]


@pytest.mark.parametrize(
    "cells",
    [(None, None), ("нет", "нет"), ("8,6E+11", "31.02.2012"), ("см. дело", "не указана"), ("-", 40614)],
)
def test_a_record_with_bad_cells_in_their_own_columns_is_not_malformed(cells):
    made = paper([RU, [1, "Ким Бота", *cells, "Пенсионер", 2]])

    assert not made.rows[0].malformed


def test_a_system_s_list_may_be_a_workbook():
    made = read(
        workbook([RSHEP_HEADER.split(";"), RSHEP_ROW.split(";")]), file_name="rshep.xlsx", source=Source.RSHEP
    )

    assert made.rows[0].cells["number"] == "Ц-2019-000001"


@given(st.permutations(range(8)), st.integers(0, 8), st.booleans())
def test_any_order_of_columns_with_any_strange_one_between_gives_the_same_record(order, at, kazakh):
    def arranged(cells, strange):
        cells = [cells[index] for index in order]
        return [*cells[:at], strange, *cells[at:]]

    header = arranged(KK if kazakh else RU, "Улица")

    made = paper([["Тізім"], header, arranged(ONE, "Абая")])

    assert made.rows[0].cells == paper([RU, ONE]).rows[0].cells | {"Улица": "Абая"}
