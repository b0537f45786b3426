"""A spreadsheet of homes is read in three languages, and every fault is named by row and column."""

import io
from decimal import Decimal

import openpyxl
import pytest

from allocation import stock_files
from allocation.rules.stock import LARGEST_FILE, Column, Fault
from allocation.stock_files import REQUIRED, TITLES
from queue_registry.legacy_files.errors import FileProblem, LegacyFileError

KK, RU, EN = (
    ["Инвентарлық нөмірі", "Мекенжайы қазақша", "Мекенжайы орысша", "Бөлме саны", "Пайдалы ауданы, м²"],
    ["Инвентарный номер", "Адрес на казахском", "Адрес на русском", "Количество комнат", "Полезная площадь"],
    ["Number", "Address in Kazakh", "Address in Russian", "Rooms", "Useful area"],
)
KK += ["Қабаты", "Лифт", "Мүгедектер арбасына қолжетімді", "Әрлеуі", "Жай-күйі"]
RU += ["Этаж", "Лифт", "Доступно для кресла-коляски", "Отделка", "Состояние"]
EN += ["Floor", "Lift", "Accessible", "Finish", "State"]
HOME = ["N-1", "Ойдан көшесі, 1", "улица Вымышленная, 1", 2, 52.4, 3, "да", "нет", "чистовая", "готово"]
# Where each column stands in HOME.
AT = {column: index for index, column in enumerate(Column) if index < len(HOME)}


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def read(content, name="homes.xlsx"):
    return stock_files.read(content, file_name=name)


def with_cell(column, value):
    return [value if index == AT[column] else cell for index, cell in enumerate(HOME)]


def faults_of(*rows):
    return [(one.row, one.column, one.fault) for one in read(workbook(RU, *rows)).faults]


@pytest.mark.parametrize("header", [KK, RU, EN], ids=["kk", "ru", "en"])
def test_a_header_is_understood_in_three_languages(header):
    (row,) = read(workbook(["Список"], header, HOME)).rows

    home = row.home
    assert (row.row, home.number, home.address_ru) == (3, "N-1", "улица Вымышленная, 1")
    assert (home.rooms, home.area, home.floor) == (2, Decimal("52.4"), 3)
    assert (home.lift, home.accessible, home.finish, home.state) == (True, False, "FINISHED", "READY")


def test_a_csv_with_a_comma_in_its_figures_is_the_same_home():
    text = "\n".join(";".join(map(str, row)) for row in (RU, with_cell(Column.AREA, "52,4")))

    (row,) = read(text.encode("utf-8-sig"), "homes.csv").rows

    assert row.home == read(workbook(RU, HOME)).rows[0].home


def test_columns_stand_in_any_order_and_unknown_ones_are_passed_over():
    (row,) = read(workbook([*reversed(RU), "Примечание"], [*reversed(HOME), "x"])).rows

    assert row.home == read(workbook(RU, HOME)).rows[0].home


def test_empty_rows_are_none_and_what_is_left_out_is_as_a_rule():
    (row,) = read(workbook(RU[:8], [None] * 8, HOME[:8])).rows

    assert (row.row, row.home.finish, row.home.state, row.home.programme) == (3, "", "READY", "")


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        (Column.NUMBER, None, Fault.EMPTY),
        (Column.NUMBER, "N" * 41, Fault.TOO_LONG),
        (Column.ADDRESS_KK, " ", Fault.EMPTY),
        (Column.ROOMS, None, Fault.EMPTY),
        (Column.ROOMS, 0, Fault.IMPOSSIBLE),
        (Column.ROOMS, 21, Fault.IMPOSSIBLE),
        (Column.ROOMS, 1.5, Fault.NOT_A_NUMBER),
        (Column.ROOMS, "two", Fault.NOT_A_NUMBER),
        (Column.ROOMS, "NaN", Fault.NOT_A_NUMBER),
        (Column.ROOMS, "٢", Fault.NOT_A_NUMBER),
        (Column.AREA, 0, Fault.IMPOSSIBLE),
        (Column.AREA, -1, Fault.IMPOSSIBLE),
        (Column.AREA, 100000, Fault.IMPOSSIBLE),
        (Column.AREA, "52.455", Fault.TOO_PRECISE),
        (Column.FLOOR, 100, Fault.IMPOSSIBLE),
        (Column.FLOOR, -2, Fault.IMPOSSIBLE),
        (Column.LIFT, None, Fault.EMPTY),
        (Column.LIFT, "maybe", Fault.UNKNOWN_WORD),
        (Column.ACCESSIBLE, "", Fault.EMPTY),
        (Column.FINISH, "gilded", Fault.UNKNOWN_WORD),
        (Column.STATE, "ALLOTTED", Fault.UNKNOWN_WORD),
    ],
)
def test_refuse_a_cell_that_cannot_be_by_the_name_of_its_field(column, value, fault):
    assert faults_of(with_cell(column, value)) == [(2, column, fault)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Column.ROOMS, 1),
        (Column.ROOMS, 20),
        (Column.AREA, "0,01"),
        (Column.AREA, "99999.99"),
        (Column.FLOOR, -1),
        (Column.FLOOR, 99),
        (Column.NUMBER, "N" * 40),
        (Column.LIFT, "ЖОҚ"),
        (Column.STATE, "Салынуда"),
    ],
)
def test_the_last_figure_that_can_be_is_taken(column, value):
    assert faults_of(with_cell(column, value)) == []


def test_every_fault_of_every_row_is_told_and_a_number_stands_once():
    bad = with_cell(Column.ROOMS, 0)
    bad[AT[Column.LIFT]] = "?"

    found = read(workbook(RU, HOME, bad, HOME))

    assert [(one.row, one.column, one.fault) for one in found.faults] == [
        (3, Column.ROOMS, Fault.IMPOSSIBLE),
        (3, Column.LIFT, Fault.UNKNOWN_WORD),
        (4, Column.NUMBER, Fault.TWICE_IN_FILE),
    ]
    assert found.faults[-1].detail == {"row": 2}


def test_a_formula_that_nobody_computed_is_no_empty_cell():
    assert faults_of(with_cell(Column.AREA, "=50+2.4")) == [(2, Column.AREA, Fault.FORMULA_WITHOUT_VALUE)]


@pytest.mark.parametrize("missing", REQUIRED)
def test_refuse_a_file_without_a_column_that_a_home_needs(missing):
    header = [title for column, title in zip(Column, RU, strict=False) if column is not missing]

    with pytest.raises(LegacyFileError) as refused:
        read(workbook(header, HOME))

    assert refused.value.code is FileProblem.HEADER
    assert refused.value.column == TITLES[missing][0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", FileProblem.EMPTY),
        (workbook(RU), FileProblem.NO_RECORDS),
        (b"PK\x03\x04 broken", FileProblem.UNREADABLE),
        (b"x" * (LARGEST_FILE + 1), FileProblem.TOO_BIG),
    ],
    ids=["empty", "no homes", "damaged", "too big"],
)
def test_refuse_a_file_that_holds_no_homes(content, code):
    with pytest.raises(LegacyFileError) as refused:
        read(content)

    assert refused.value.code is code
