"""What a workbook hides is told; what misleads is refused, what a person says of columns holds."""

import io
import re
import struct
import zipfile
from datetime import date

import openpyxl
import pytest

from queue_registry.legacy_files import columns, workbooks
from queue_registry.legacy_files.columns import SheetColumns
from queue_registry.legacy_files.errors import FileProblem, LegacyFileError
from queue_registry.legacy_files.reader import read
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.rows import Field
from tests.unit.queue_registry.legacy.lists import (
    ONE,
    RSHEP_HEADER,
    RSHEP_ROW,
    RU,
    SPP_HEADER,
    SPP_ROW,
    TWO,
    kinds,
    rshep,
    spp,
    workbook,
)


def changed(content, change):
    """The workbook after `change` of its openpyxl book."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def repacked(content, part, change):
    """The workbook with one of its parts rewritten."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return made.getvalue()


def paper(content, said=()):
    return read(content, file_name="paper.xlsx", source=Source.PAPER, columns=said)


def refused(content, said=()):
    with pytest.raises(LegacyFileError) as error:
        paper(content, said)
    return error.value


FIRST_SHEET = "xl/worksheets/sheet1.xml"


def test_a_formula_is_read_by_the_value_that_a_program_computed_last():
    content = changed(
        workbook([RU, ONE]), lambda book: book.active.cell(row=2, column=6).__setattr__("value", "=1+1")
    )
    computed = repacked(
        content, FIRST_SHEET, lambda xml: re.sub(rb"(</f>)<v(?:\s*/>|></v>)", rb"\1<v>2</v>", xml)
    )
    assert computed != content

    assert paper(computed).rows[0].cells["family_count"] == 2


@pytest.mark.parametrize(("column", "header"), [(3, "ИИН"), (4, "Дата постановки на учет")])
def test_a_formula_that_nobody_computed_is_refused_with_its_place(column, header):
    content = changed(
        workbook([RU, ONE, TWO]),
        lambda book: book.active.cell(row=3, column=column).__setattr__("value", "=A1"),
    )

    error = refused(content)

    assert error.place == {
        "code": "FORMULA_WITHOUT_VALUE",
        "sheet": "2005-2013",
        "row": 3,
        "column": header,
    }


def test_a_formula_without_a_value_in_a_total_or_outside_the_known_columns_stops_nothing():
    total = ["Итого", None, None, "=COUNTA(A2:A2)"]
    content = workbook([[*RU, "Лист"], [*ONE, "=A1"], total])

    made = paper(content)

    assert len(made.rows) == 1
    assert kinds(made)[-1] == (3, "TOTAL")
    assert made.others[-1].stated is None


def test_hidden_sheets_and_rows_are_told_and_their_records_are_read():
    def hide(book):
        book["қалғаны"].sheet_state = "hidden"
        book["2005-2013"].row_dimensions[2].hidden = True

    content = changed(workbook([RU, ONE], [RU, TWO]), hide)

    seen = workbooks.unseen(content)

    assert [(one.is_hidden, one.hidden_rows) for one in seen.values()] == [(False, 1), (True, 0)]
    assert len(paper(content).rows) == 2


def test_a_workbook_that_unpacks_a_thousandfold_is_refused_before_it_is_unpacked():
    bomb = repacked(workbook([RU, ONE]), FIRST_SHEET, lambda xml: xml + b" " * 60_000_000)

    assert refused(bomb).code == FileProblem.PACKED_TOO_TIGHT


def test_a_workbook_that_unpacks_to_more_than_it_says_is_refused():
    """Zip bomb with a lie in its table of contents, by which the ratio looks like that of a list."""
    bomb = repacked(workbook([RU, ONE]), FIRST_SHEET, lambda xml: xml + b" " * 60_000_000)
    with zipfile.ZipFile(io.BytesIO(bomb)) as book:
        true_size = book.getinfo(FIRST_SHEET).file_size
    lying = bomb.replace(struct.pack("<L", true_size), struct.pack("<L", 5_000))

    workbooks.check(lying, file_name="paper.xlsx")
    assert refused(lying).code == FileProblem.UNREADABLE


@pytest.mark.parametrize(
    "entity", [b'"a"', b'SYSTEM "file:///etc/passwd"'], ids=["inside", "a file of the machine"]
)
def test_a_workbook_with_entities_is_refused_and_none_is_put_in(entity):
    """XML bomb, external entity."""
    content = repacked(
        workbook([RU, ONE]),
        FIRST_SHEET,
        lambda xml: re.sub(
            rb"<t>[^<]*</t>",
            b"<t>&bomb;</t>",
            xml.replace(b"<worksheet", b"<!DOCTYPE w [<!ENTITY bomb %b>]><worksheet" % entity, 1),
        ),
    )

    assert refused(content).code == FileProblem.UNREADABLE


def test_a_workbook_with_a_password_is_refused_as_such():
    in_compound = workbooks.COMPOUND + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le")
    # Bit 0 of the flags in the central directory: the part is encrypted.
    content = bytearray(workbook([RU, ONE]))
    content[content.index(b"PK\x01\x02") + 8] |= 1

    assert refused(in_compound).code == FileProblem.ENCRYPTED
    assert refused(bytes(content)).code == FileProblem.ENCRYPTED


def test_a_stray_cell_at_the_end_of_the_world_fills_no_memory():
    content = repacked(
        workbook([RU, ONE]),
        FIRST_SHEET,
        lambda xml: xml.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    )

    assert refused(content).code == FileProblem.TOO_MANY_ROWS


def test_a_file_cut_by_another_sign_says_so_and_a_header_that_lacks_a_column_names_it():
    with pytest.raises(LegacyFileError) as commas:
        rshep(RSHEP_HEADER.replace(";", ","), RSHEP_ROW.replace(";", ","))
    with pytest.raises(LegacyFileError) as semicolons:
        spp(SPP_HEADER.replace(",", ";"), SPP_ROW.replace(",", ";"))
    with pytest.raises(LegacyFileError) as lacking:
        spp(SPP_HEADER.replace("iin,", "id,"), SPP_ROW)

    assert commas.value.code == semicolons.value.code == FileProblem.SEPARATOR
    assert (lacking.value.code, lacking.value.column) == (FileProblem.HEADER, "iin")


def test_columns_that_a_person_named_are_read_as_the_person_said():
    header = ["N", "Кто", "Номер", "Когда", "Кем является", "Дата"]
    content = workbook([["Список"], header, [1, "Ким Бота", "851231100002", "12.03.2011", "Пенсионер", "x"]])
    said = SheetColumns(
        sheet_no=0,
        first=2,
        last=2,
        fields=(Field.ORDINAL, Field.NAME, Field.IIN, Field.DATE, Field.CATEGORY, None),
    )

    assert refused(content).code == FileProblem.HEADER
    made = paper(content, [said])

    assert made.rows[0].cells == {
        "ordinal": 1,
        "name": "Ким Бота",
        "iin": "851231100002",
        "date": "12.03.2011",
        "category": "Пенсионер",
        "Дата": "x",
    }
    assert kinds(made) == [(1, "TITLE"), (2, "HEADER")]


def test_what_a_person_said_holds_below_the_same_header_further_down():
    header = ["N", "Кто", "Номер", "Когда", "Кем является"]
    content = workbook([header, ONE[:5], header, TWO[:5]])
    said = SheetColumns(
        sheet_no=0, first=1, last=1, fields=(None, Field.NAME, Field.IIN, Field.DATE, Field.CATEGORY)
    )

    made = paper(content, [said])

    assert kinds(made) == [(1, "HEADER"), (3, "HEADER")]
    assert [row.cells["date"] for row in made.rows] == ["12.03.2011", date(2012, 4, 5)]


def test_a_sheet_that_a_person_called_no_list_has_no_records():
    content = workbook([RU, ONE], [["Справка"], ["ИИН", "не список"]])
    no_list = SheetColumns(sheet_no=1, first=1, last=1, fields=(None, None))

    assert refused(content).sheet == "қалғаны"
    made = paper(content, [no_list])

    assert len(made.rows) == 1
    assert [(one.sheet, one.kind) for one in made.others] == [
        ("2005-2013", "HEADER"),
        ("қалғаны", "TITLE"),
        ("қалғаны", "TITLE"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        (Field.NAME, Field.NAME, Field.IIN, Field.DATE, Field.CATEGORY),
        (None, Field.NAME, Field.IIN, Field.DATE),
    ],
)
def test_two_columns_of_one_meaning_or_a_missing_one_are_refused_whoever_said_so(fields):
    said = SheetColumns(sheet_no=0, first=1, last=1, fields=fields)

    assert refused(workbook([RU, ONE]), [said]).code == FileProblem.HEADER


def test_what_a_person_said_comes_back_from_json_as_it_was():
    said = SheetColumns(sheet_no=1, first=2, last=3, fields=(Field.NAME, None, Field.IIN))

    assert columns.from_json([said.as_json()]) == (said,)
