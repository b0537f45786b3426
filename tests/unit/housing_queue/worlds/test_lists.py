"""The lists of a made world: all the mess that real lists have, and exactly the codes that were planted."""

import csv
import io
import re
from datetime import date, datetime

import openpyxl
import pytest

from housing_queue.worlds.lists import CATEGORIES
from housing_queue.worlds.world import make_world
from queue_registry.legacy_files.reader import RowKind
from queue_registry.rules.legacy.codes import Code, Remark, RowState, Source
from tests.unit.queue_registry.legacy.worlds import NOTES, read_world

RU = ("№ п/п", "Фамилия, имя, отчество", "ИИН", "Дата постановки на учет", "Категория", "Состав семьи")
KK = ("№", "Т.А.Ә.", "ЖСН", "Есепке қойылған күні", "Санаты", "Отбасы құрамы")
# Nothing is planted so that a register does not answer.
PLANTED = set(Code) - NOTES - {Code.IDENTITY_UNCHECKED}
DATE_SHAPES = {
    "dotted": r"\d\d\.\d\d\.\d{4}",
    "with г.": r"\d\d\.\d\d\.\d{4} г\.",
    "slashes": r"\d\d/\d\d/\d{4}",
    "Russian words": r"\d{1,2} [а-я]+ \d{4} г\.",
    "Kazakh words": r"\d{4} ж\. \d{1,2} [а-яіқңүө]+",
    "two digits": r"\d\d\.\d\d\.\d\d",
    "bare year": r"\d{4}( г\.| ж\.)?",
    "nothing": r"-|нет|",
}


@pytest.fixture(scope="module")
def contents():
    return make_world(seed=3, households=2_400)


@pytest.fixture(scope="module")
def world(contents):
    return read_world(contents)


@pytest.fixture(scope="module")
def sheets(contents):
    book = openpyxl.load_workbook(io.BytesIO(contents["paper.xlsx"]))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


@pytest.fixture(scope="module")
def records(sheets):
    return [row for rows in sheets.values() for row in rows if isinstance(row[0], int)]


@pytest.mark.parametrize("households", [50, 60, 300])
@pytest.mark.parametrize("seed", range(1, 9))
def test_the_ledger_finds_exactly_the_codes_that_were_planted(seed, households):
    made = read_world(make_world(seed=seed, households=households))

    assert made.row_codes == made.planted["row_codes"]
    assert {source.value: len(file.rows) for source, file in made.files.items()} == made.planted["rows"]
    assert made.totals_off == made.planted["totals_off"]


def test_every_code_is_planted_somewhere(world):
    assert world.row_codes == world.planted["row_codes"]
    assert {Code(code) for row in world.planted["row_codes"] for code in row["codes"]} == PLANTED
    assert min(world.planted["counts"].values()) >= 1


def test_what_deserves_a_note_comes_up_too(world):
    codes = {code for row in world.ledger.rows for code in row.codes}

    assert codes >= NOTES
    of_people = {Remark.DECIDED, Remark.SET_ASIDE}
    assert {remark for row in world.ledger.rows for remark in row.remarks} == set(Remark) - of_people


def test_every_applicant_is_told_apart(world):
    counts = world.ledger.count_rows()

    assert {source.value: sum(states.values()) for source, states in counts.items()} == world.planted["rows"]
    assert all(counts[Source.SPP][state] for state in RowState)
    unknown = {row.row.iin.iin for row in world.ledger.rows if Code.NOT_IN_REGISTER in row.codes}
    assert len(unknown) == world.planted["counts"]["not_in_register"]
    assert unknown.isdisjoint(person["iin"] for person in world.people)


def test_paper_has_title_empty_rows_headers_in_both_languages_again_in_mid_sheet_and_totals(sheets, world):
    assert list(sheets) == ["2005-2013", "қалғаны"]
    for header, total, rows in zip((RU, KK), ("Итого:", "Барлығы:"), sheets.values(), strict=True):
        assert rows[0][0].startswith("Список граждан")
        assert not any(rows[1])
        headers = [number for number, row in enumerate(rows) if row[: len(header)] == header]
        assert headers[0] == 2
        assert len(headers) > 1
        assert rows[-1][1] == total
        assert any(not any(row) for row in rows[3:])
    kinds = {other.kind for other in world.files[Source.PAPER].others}
    assert kinds == set(RowKind)


def test_the_title_is_merged_over_the_columns(contents):
    book = openpyxl.load_workbook(io.BytesIO(contents["paper.xlsx"]))

    assert [[str(area) for area in sheet.merged_cells.ranges] for sheet in book] == [["A1:H1"], ["A1:H1"]]


def test_paper_gives_iins_as_text_as_numbers_without_their_zeros_and_spoiled(records):
    iins = [row[2] for row in records]
    texts = {iin for iin in iins if isinstance(iin, str)}

    assert {len(str(iin)) for iin in iins if isinstance(iin, int)} >= {9, 12}
    assert any(re.fullmatch(r"[0-9]{12}", text) for text in texts)
    assert any(not re.fullmatch(r"[0-9]{12}", text) for text in texts)


def test_paper_gives_days_in_every_shape(records):
    days = [row[3] for row in records]
    texts = ["" if day is None else day for day in days if day is None or isinstance(day, str)]

    missing = {
        name for name, shape in DATE_SHAPES.items() if not any(re.fullmatch(shape, text) for text in texts)
    }
    assert missing == set()
    assert any(isinstance(day, date | datetime) for day in days)
    assert any(isinstance(day, int) and 30_000 < day < 45_000 for day in days)


def test_paper_has_every_local_category(records):
    wordings = {wording for of_list in CATEGORIES.values() for wording in of_list}

    # List 1 is so short that nobody of it need be on paper.
    assert wordings - {row[4] for row in records} <= {"Участник ВОВ"}


def test_paper_has_names_in_other_letters_spaces_and_order(records):
    names = [row[1] for row in records if row[1]]

    assert any(name.endswith(" ") for name in names)
    assert any("\u00a0" in name for name in names)
    assert any(re.search("[A-Za-z]", name) for name in names)


def test_rshep_is_cp1251_with_question_marks_for_lost_letters_and_half_in_capitals(contents):
    text = contents["rshep.csv"].decode("cp1251")
    names = [row["FIO"] for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";")]

    assert any("?" in name for name in names)
    assert not re.search("[ӘҒҚҢӨҰҮҺәғқңөұүһ]", text)
    assert 0.3 < sum(name.isupper() for name in names) / len(names) < 0.7


def test_spp_has_a_byte_order_mark_and_moments_with_and_without_a_time(contents):
    assert contents["spp.csv"].startswith(b"\xef\xbb\xbfapplication_number,")
    text = contents["spp.csv"].decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    times = {row["registered_at"][10:] for row in rows}

    assert "T00:00:00+05:00" in times
    assert len(times) > 100
    assert any(";" in row["family_iins"] for row in rows)
