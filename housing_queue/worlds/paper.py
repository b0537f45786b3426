"""The workbook into which clerks typed the paper lists; the same rows give the same bytes."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from random import Random
from typing import Any, Final

import openpyxl
from openpyxl.cell import Cell
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.worksheet.worksheet import Worksheet

from housing_queue.worlds.lists import SHEETS, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    """What one sheet's clerk called things; `subtotal` is empty where pages were not summed up."""

    header: tuple[str, ...]
    total: str
    subtotal: str = ""


_RUSSIAN: Final = _Language(
    header=(
        "№ п/п",
        "Фамилия, имя, отчество",
        "ИИН",
        "Дата постановки на учет",
        "Категория",
        "Состав семьи",
        "Адрес",
        "Примечание",
    ),
    total="Итого:",
)
_KAZAKH: Final = _Language(
    header=("№", "Т.А.Ә.", "ЖСН", "Есепке қойылған күні", "Санаты", "Отбасы құрамы", "Мекенжайы", "Ескерту"),
    total="Барлығы:",
    subtotal="Бет бойынша барлығы:",
)
_LONGEST_PAGE, _SHORTEST_PAGE = 250, 5
_EMPTY_ROWS: Final = 0.01
_TITLE: Final = "Список граждан, состоящих в очереди на жилье из государственного жилищного фонда"
_MONTHS: Final = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
)  # fmt: skip
_MONTHS_KK: Final = (
    "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан", "қараша",
    "желтоқсан",
)  # fmt: skip
_DAY_ZERO: Final = date(1899, 12, 30)
# Spreadsheets and archives carry the time at which they were written; ours always say the same one.
_WRITTEN_AT: Final = (2026, 1, 1, 0, 0, 0)
_STAMP: Final = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z")


def paper_file(
    rng: Random, entries: Sequence[Entry], *, totals_off: Sequence[int]
) -> tuple[bytes, list[int]]:
    """
    Return `paper.xlsx` and the row number of each entry.

    :param totals_off: by how much the total of each sheet is wrong.
    """
    book = openpyxl.Workbook(write_only=True)
    numbers: list[int] = []
    for title, language, off in zip(SHEETS, (_RUSSIAN, _KAZAKH), totals_off, strict=True):
        sheet = book.create_sheet(title)
        sheet.merged_cells.add(f"A1:{'ABCDEFGH'[len(language.header) - 1]}1")
        mine = [entry for entry in entries if entry.sheet == title]
        for number, (cells, is_record) in enumerate(_rows(rng, sheet, language, mine, off), start=1):
            sheet.append(cells)
            if is_record:
                numbers.append(number)
    buffer = io.BytesIO()
    book.save(buffer)
    return without_clock(buffer.getvalue()), numbers


def _rows(
    rng: Random, sheet: Worksheet, language: _Language, entries: Sequence[Entry], off: int
) -> Iterator[tuple[list[Any], bool]]:
    """
    Yield the rows from title to total, each with whether it is a record.

    Empty rows stand here and there, one always above the last record. Where the clerk turned a page the
    header stands again, in the Kazakh list below a subtotal of the page.
    """
    header = list(language.header)
    yield [_TITLE], False
    yield [], False
    yield header, False
    page = min(_LONGEST_PAGE, max(len(entries) // 2, _SHORTEST_PAGE))
    for ordinal, entry in enumerate(entries, start=1):
        if rng.random() < _EMPTY_ROWS or ordinal == len(entries) > 1:
            yield [], False
        if ordinal > 1 and ordinal % page == 1:
            if language.subtotal:
                yield [None, language.subtotal, page], False
            yield header, False
        yield _paper_cells(sheet, ordinal, entry), True
    yield [None, language.total, len(entries) + off], False


def _paper_cells(sheet: Worksheet, ordinal: int, entry: Entry) -> list[Any]:
    cells = [
        day_cell(sheet, value) if isinstance(value, datetime) else value
        for value in paper_values(ordinal, entry).values()
    ]
    return [cells[0], None, *cells[1:-1]] if entry.shifted else cells


def paper_values(ordinal: int, entry: Entry) -> dict[str, Any]:
    """Return the cells of a row by what they are, in the order of the columns."""
    name = entry.name_text or str(entry.name)
    return {
        "ordinal": ordinal,
        "name": name + " " if entry.trailing_space else name,
        "iin": int(entry.iin) if entry.iin_as_number else entry.iin or None,
        "date": _written_day(entry),
        "category": entry.category,
        "family_count": entry.family_size,
        "address": entry.address,
        "note": entry.note or None,
    }


def day_cell(sheet: Worksheet, day: datetime) -> Cell:
    """Return a cell that holds a day as a spreadsheet does."""
    cell = WriteOnlyCell(sheet, value=day)
    cell.number_format = "DD.MM.YYYY"
    return cell


def _written_day(entry: Entry) -> str | int | datetime | None:
    """Return the registration day as the row's clerk wrote it."""
    if entry.day is None:
        return entry.date_text or None
    day = entry.day
    if entry.style == "cell":
        return datetime.combine(day, time(0))
    if entry.style == "serial":
        return (day - _DAY_ZERO).days
    return {
        "dotted": f"{day:%d.%m.%Y}",
        "dotted_g": f"{day:%d.%m.%Y} г.",
        "slashes": f"{day:%d/%m/%Y}",
        "short": f"{day:%d.%m.%y}",
        "words": f"{day.day} {_MONTHS[day.month - 1]} {day.year} г.",
        "kazakh": f"{day.year} ж. {day.day} {_MONTHS_KK[day.month - 1]}",
    }[entry.style]


def without_clock(content: bytes) -> bytes:
    """Write the workbook's archive again with fixed times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _STAMP.sub(b"2026-01-01T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, _WRITTEN_AT), data, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
