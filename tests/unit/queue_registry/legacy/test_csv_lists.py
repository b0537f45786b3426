"""Reading the csv lists of the two systems."""

import pytest

from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.legacy_files.reader import read
from queue_registry.rules.legacy.codes import Source
from tests.unit.queue_registry.legacy.lists import (
    RSHEP_HEADER,
    RSHEP_ROW,
    SPP_HEADER,
    SPP_ROW,
    kinds,
    rshep,
    spp,
)


def test_csv_of_spp_is_read_with_its_own_columns_in_any_order():
    names = SPP_HEADER.split(",")
    values = SPP_ROW.split(",")

    made = spp(",".join(reversed(names)), ",".join(reversed(values)), "", SPP_ROW.replace("000001", "000002"))

    assert [row.row for row in made.rows] == [2, 4]
    assert made.rows[0].cells["number"] == "271-2019-000001"
    assert made.rows[0].cells["middle_name"] is None


def test_csv_of_rshep_keeps_question_marks_for_lost_letters():
    made = rshep(RSHEP_HEADER, RSHEP_ROW.replace("БОТА", "?МІТ"))

    assert made.rows[0].cells["name"] == "КИМ ?МІТ"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_a_csv_end_as_they_like(end):
    content = end.join([RSHEP_HEADER, RSHEP_ROW, "", RSHEP_ROW, ""]).encode("cp1251")

    made = read(content, file_name="rshep.csv", source=Source.RSHEP)

    assert [row.row for row in made.rows] == [2, 4]
    assert kinds(made) == [(1, "HEADER"), (3, "EMPTY")]


def test_a_csv_may_have_every_cell_in_quotes_and_separators_at_its_ends():
    header = ";".join(f'"{name}"' for name in RSHEP_HEADER.split(";"))
    row = RSHEP_ROW.replace("КИМ БОТА", '"КИМ ""БОТА"""')

    made = rshep(f"{header};;", row, f"{row};;;")

    assert [one.cells["name"] for one in made.rows] == ['КИМ "БОТА"'] * 2
    assert not any(one.malformed for one in made.rows)


def test_a_csv_may_have_columns_that_nobody_knows_and_its_header_again():
    header, row = f"REGION;{RSHEP_HEADER};NOTE", f"27;{RSHEP_ROW};x"

    made = rshep(header, row, header, row)

    assert [one.row for one in made.rows] == [2, 4]
    assert made.rows[0].cells["REGION"] == "27"
    assert made.rows[0].cells["NOTE"] == "x"


def test_what_stands_below_a_csv_list_is_no_record():
    made = rshep(RSHEP_HEADER, RSHEP_ROW, "Итого;1", "Выгружено 01.02.2020")

    assert kinds(made) == [(1, "HEADER"), (3, "TOTAL"), (4, "TITLE")]


def test_a_word_for_nothing_among_digits_shifts_no_columns():
    row = SPP_ROW.replace("851231200009", "жоқ").replace("+77000000001", "нет")

    assert not spp(SPP_HEADER, row).rows[0].malformed


def test_a_quoted_cell_with_a_line_break_is_one_row():
    made = rshep(RSHEP_HEADER, RSHEP_ROW.replace("КИМ БОТА", '"КИМ\nБОТА"'), RSHEP_ROW)

    assert [row.row for row in made.rows] == [2, 3]


def test_a_csv_row_with_a_cell_too_many_is_malformed_and_empty_cells_at_the_end_are_not():
    made = rshep(RSHEP_HEADER, RSHEP_ROW.replace("БОТА", "БО;ТА"), RSHEP_ROW + ";;")

    assert [row.malformed for row in made.rows] == [True, False]


@pytest.mark.parametrize(
    "row",
    [
        ";Ц-2019-000001;851231100002;КИМ БОТА;06.05.2019;4;2",
        "851231100002;КИМ БОТА;06.05.2019;4;2;Действующий;",
        "Ц-2019-000001;851231100002;КИМ БОТА;06.05.2019;2;Действующий;",
    ],
)
def test_a_shifted_csv_row_is_malformed(row):
    assert [one.malformed for one in rshep(RSHEP_HEADER, row).rows] == [True]


# Which of several names is missing nobody can tell.
@pytest.mark.parametrize("cell", [0, 1, 5, 6, 7, 8, 9])
def test_a_missing_cell_of_spp_is_named_too(cell):
    values = SPP_ROW.split(",")
    del values[cell]

    with pytest.raises(LegacyFileError) as refused:
        spp(SPP_HEADER, ",".join(values))

    assert (refused.value.row, refused.value.column) == (2, SPP_HEADER.split(",")[cell])


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8-sig", ","), ("cp1251", ";")])
def test_a_paper_list_may_be_a_csv_file(encoding, separator):
    header = separator.join(["№", "ФИО", "ИИН", "Дата постановки", "Категория"])
    row = separator.join(["1", "Ким Бота", "851231100002", "12.03.2011", "Пенсионер"])

    made = read(f"{header}\n{row}\n".encode(encoding), file_name="paper.csv", source=Source.PAPER)

    assert made.rows[0].cells["category"] == "Пенсионер"


@pytest.mark.parametrize("first", ["family_iins", "phone", "last_name", "Улица"])
def test_a_shifted_row_is_malformed_whatever_column_comes_first(first):
    named = dict(zip(SPP_HEADER.split(","), SPP_ROW.split(","), strict=True)) | {"Улица": "Абая"}
    names = [first, *sorted(name for name in named if name not in {first, "middle_name"}), "middle_name"]
    cells = [named[name] for name in names]

    made = spp(*(",".join(line) for line in (names, cells, ["", *cells[:-1]])))

    assert [one.malformed for one in made.rows] == [False, True]


def test_a_row_that_begins_with_an_empty_cell_and_is_spoiled_further_on_is_not_shifted():
    names = ["family_iins", *(name for name in SPP_HEADER.split(",") if name != "family_iins")]
    row = ["", "271-1", "нет", "Ким", "Бота", "", "вчера", "", "", "active"]

    assert [one.malformed for one in spp(",".join(names), ",".join(row)).rows] == [False]
