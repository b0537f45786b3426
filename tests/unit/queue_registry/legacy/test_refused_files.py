"""Files that are refused, and where the refusal says that it went wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.legacy_files.errors import LegacyFileError, NoRecords
from queue_registry.legacy_files.reader import read
from queue_registry.rules.legacy.codes import Source
from tests.unit.queue_registry.legacy.lists import (
    KK,
    ONE,
    RSHEP_HEADER,
    RSHEP_ROW,
    RU,
    SPP_HEADER,
    SPP_ROW,
    paper,
    rshep,
    spp,
    workbook,
)


def test_a_csv_row_torn_off_behind_its_number_is_refused():
    with pytest.raises(LegacyFileError, match=r"rshep\.csv, row 3, column .*a cell too few"):
        rshep(RSHEP_HEADER, RSHEP_ROW, "Ц-2019-0000")


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


def _read_or_refusal(*lines):
    try:
        return rshep(*lines)
    except LegacyFileError as refusal:
        return refusal


@given(
    st.lists(st.sampled_from([*';,"\n\r \t?', "\x00", "Ц-2019-000001", "06.05.2019", "Итого", "ЖСН"])),
    st.booleans(),
)
def test_whatever_stands_below_a_header_is_read_or_refused_with_its_place(pieces, in_the_row):
    text = "".join(pieces)
    row = RSHEP_ROW.replace("КИМ БОТА", text) if in_the_row else f"{RSHEP_ROW}\n{text}"

    made = _read_or_refusal(RSHEP_HEADER, row)

    if isinstance(made, LegacyFileError):
        assert str(made).startswith("rshep.csv, row ")
    else:
        numbers = [row.row for row in made.rows] + [other.row for other in made.others]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
