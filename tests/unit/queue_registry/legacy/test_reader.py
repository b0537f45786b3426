"""Reading files: what is a record, what is none, and what is refused."""

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from queue_registry.legacy_files.errors import LegacyFileError, NoRecords
from queue_registry.legacy_files.reader import RowKind, read
from queue_registry.rules.legacy.codes import Source

RU = [
    "№ п/п",
    "Фамилия, имя, отчество",
    "ИИН",
    "Дата постановки на учет",
    "Категория",
    "Состав семьи",
    "Адрес",
    "Примечание",
]
KK = ["№", "Т.А.Ә.", "ЖСН", "Есепке қойылған күні", "Санаты", "Отбасы құрамы", "Мекенжайы", "Ескерту"]
ONE = [1, "Ким Бота", "851231100002", "12.03.2011", "Пенсионер", 2, "г. Орал", None]
TWO = [2, "Пак Дана", 851231200009, date(2012, 4, 5), "Бюджетник", 1, None, None]
SPP_HEADER = (
    "application_number,iin,last_name,first_name,middle_name,registered_at,list_code,family_iins,phone,status"
)
SPP_ROW = (
    "271-2019-000001,851231100002,Ким,Бота,,2019-05-06T10:11:12+05:00,4,851231200009,+77000000001,active"
)
RSHEP_HEADER = "REG_NUM;IIN;FIO;REG_DATE;CATEGORY_CODE;FAMILY_COUNT;STATUS"
RSHEP_ROW = "Ц-2019-000001;851231100002;КИМ БОТА;06.05.2019;4;2;Действующий"


def workbook(*sheets, titles=("2005-2013", "қалғаны")):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in zip(titles, sheets, strict=False):
        sheet = book.create_sheet(title)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                sheet.cell(row=number, column=column, value=value)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def paper(*sheets):
    return read(workbook(*sheets), file_name="paper.xlsx", source=Source.PAPER)


def spp(*lines, encoding="utf-8-sig"):
    return read("\n".join(lines).encode(encoding), file_name="spp.csv", source=Source.SPP)


def rshep(*lines, encoding="cp1251"):
    return read("\n".join(lines).encode(encoding), file_name="rshep.csv", source=Source.RSHEP)


def kinds(legacy_file):
    return [(other.row, other.kind.value) for other in legacy_file.others]


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
    sheet.cell(row=4, column=3, value="=1/0")
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


def test_a_csv_row_torn_off_behind_its_number_is_refused():
    with pytest.raises(LegacyFileError, match=r"rshep\.csv, row 3, column .*a cell too few"):
        rshep(RSHEP_HEADER, RSHEP_ROW, "Ц-2019-0000")


def test_a_word_for_nothing_among_digits_shifts_no_columns():
    row = SPP_ROW.replace("851231200009", "жоқ").replace("+77000000001", "нет")

    assert not spp(SPP_HEADER, row).rows[0].malformed


def test_a_system_s_list_may_be_a_workbook():
    made = read(
        workbook([RSHEP_HEADER.split(";"), RSHEP_ROW.split(";")]), file_name="rshep.xlsx", source=Source.RSHEP
    )

    assert made.rows[0].cells["number"] == "Ц-2019-000001"


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


@pytest.mark.parametrize("cell", range(7))
def test_a_row_with_a_missing_cell_is_refused_naming_row_and_column(cell):
    values = RSHEP_ROW.split(";")
    del values[cell]

    with pytest.raises(LegacyFileError) as refused:
        rshep(RSHEP_HEADER, RSHEP_ROW, ";".join(values))

    assert (refused.value.file_name, refused.value.row) == ("rshep.csv", 3)
    # A list code and a count look alike: the later of the two is named.
    assert refused.value.column == RSHEP_HEADER.split(";")[5 if cell == 4 else cell]
    assert "851231100002" not in str(refused.value)


# Which of several names is missing nobody can tell.
@pytest.mark.parametrize("cell", [0, 1, 5, 6, 7, 8, 9])
def test_a_missing_cell_of_spp_is_named_too(cell):
    values = SPP_ROW.split(",")
    del values[cell]

    with pytest.raises(LegacyFileError) as refused:
        spp(SPP_HEADER, ",".join(values))

    assert (refused.value.row, refused.value.column) == (2, SPP_HEADER.split(",")[cell])


def test_a_record_without_a_name_is_refused_naming_sheet_row_and_column():
    with pytest.raises(LegacyFileError, match=r"paper\.xlsx, sheet қалғаны, row 2, column Т\.А\.Ә\."):
        paper([RU, ONE], [KK, [1, None, *ONE[2:]]])


@pytest.mark.parametrize("missing", ["ИИН", "Дата постановки на учет", "Категория", "Фамилия, имя, отчество"])
def test_a_wrong_header_is_refused_naming_the_missing_column(missing):
    header = [text for text in RU if text != missing]

    with pytest.raises(LegacyFileError) as refused:
        paper([["Список"], header, ONE])

    assert (refused.value.sheet, refused.value.row, refused.value.column) == ("2005-2013", 2, missing)


def test_a_csv_without_its_header_or_with_another_separator_is_refused():
    with pytest.raises(LegacyFileError, match="header lacks"):
        rshep(RSHEP_ROW, RSHEP_ROW)
    with pytest.raises(LegacyFileError, match="header lacks"):
        rshep(RSHEP_HEADER.replace(";", ","), RSHEP_ROW.replace(";", ","))


@pytest.mark.parametrize("content", [b"", b"  \n"])
@pytest.mark.parametrize("source", list(Source))
def test_an_empty_file_is_refused(content, source):
    with pytest.raises(LegacyFileError, match=r"paper\.xlsx: The file is empty"):
        read(content, file_name="paper.xlsx", source=source)


def test_a_file_without_a_record_is_refused_and_told_apart():
    with pytest.raises(NoRecords, match=r"spp\.csv: The file has no records"):
        spp(SPP_HEADER)
    with pytest.raises(NoRecords, match="no records"):
        paper([RU, [None, "Итого", 0]])


@pytest.mark.parametrize("content", [b"PK\x03\x04 torn", b"\xd0\xcf\x11\xe0 torn", b"no workbook at all"])
def test_an_unreadable_workbook_is_refused(content):
    with pytest.raises(LegacyFileError, match=r"paper\.xlsx.*no workbook"):
        read(content, file_name="paper.xlsx", source=Source.PAPER)


def test_a_truncated_workbook_is_refused():
    content = workbook([RU, ONE])

    with pytest.raises(LegacyFileError, match="no workbook"):
        read(content[: len(content) // 2], file_name="paper.xlsx", source=Source.PAPER)


def test_quotes_that_do_not_match_are_refused_naming_the_row():
    with pytest.raises(LegacyFileError, match=r"row 3.*quotes"):
        rshep(RSHEP_HEADER, RSHEP_ROW, RSHEP_ROW.replace("КИМ", '"КИМ'))


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8-r", "utf-16"])
def test_a_foreign_encoding_of_spp_is_refused(encoding):
    with pytest.raises(LegacyFileError) as refused:
        spp(SPP_HEADER, SPP_ROW.replace("Бота", "Дана"), encoding=encoding)

    assert "utf-8" in refused.value.problem.lower()
    assert refused.value.row in {1, 2}
    if encoding != "utf-16":
        assert refused.value.column == "last_name"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp866", "koi8-r", "utf-16"])
def test_a_foreign_encoding_of_rshep_is_refused(encoding):
    names = ["Рахимова Шолпан", "ИВАНОВ Сергей Иванович", "Петров Олжас"]
    rows = [RSHEP_ROW.replace("КИМ БОТА", name) for name in names]

    with pytest.raises(LegacyFileError) as refused:
        rshep(RSHEP_HEADER, *rows, encoding=encoding)

    assert refused.value.row is not None
    assert refused.value.column


def test_kazakh_letters_of_another_code_page_are_no_letters_of_cp1251():
    # KZ-1048 has Ғ, Ү and Қ where cp1251 has Є, Ї and Ќ.
    rows = [RSHEP_ROW.replace("КИМ", name) for name in ("ЄАБИТОВ", "ЇМБЕТОВ", "ЌАЙРАТОВ")]

    with pytest.raises(LegacyFileError, match="another code page"):
        rshep(RSHEP_HEADER, *rows)
    assert len(rshep(RSHEP_HEADER, *[RSHEP_ROW] * 60, RSHEP_ROW.replace("КИМ", "ЄЛЬЦИН")).rows) == 61


def test_a_wrong_byte_far_down_is_told_with_its_row_and_column():
    content = (
        "\n".join([RSHEP_HEADER, RSHEP_ROW, RSHEP_ROW]).encode("cp1251").replace(b"\xca\xc8\xcc", b"\x98", 2)
    )

    with pytest.raises(LegacyFileError) as refused:
        read(content, file_name="rshep.csv", source=Source.RSHEP)

    assert (refused.value.row, refused.value.column) == (2, "FIO")


def test_spp_without_its_byte_order_mark_is_read_all_the_same():
    assert len(spp(SPP_HEADER, SPP_ROW, encoding="utf-8").rows) == 1


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8-sig", ","), ("cp1251", ";")])
def test_a_paper_list_may_be_a_csv_file(encoding, separator):
    header = separator.join(["№", "ФИО", "ИИН", "Дата постановки", "Категория"])
    row = separator.join(["1", "Ким Бота", "851231100002", "12.03.2011", "Пенсионер"])

    made = read(f"{header}\n{row}\n".encode(encoding), file_name="paper.csv", source=Source.PAPER)

    assert made.rows[0].cells["category"] == "Пенсионер"
