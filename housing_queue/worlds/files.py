"""The bytes of a world's files; the same world gives the same bytes."""

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from random import Random
from typing import Any, Final

import openpyxl
from openpyxl.cell import Cell
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.worksheet.worksheet import Worksheet

from housing_queue.worlds.lists import SHEETS, Entry
from housing_queue.worlds.people import Person

_SPP: Final = (
    "application_number", "iin", "last_name", "first_name", "middle_name", "registered_at", "list_code",
    "family_iins", "phone", "status",
)  # fmt: skip
_RSHEP: Final = ("REG_NUM", "IIN", "FIO", "REG_DATE", "CATEGORY_CODE", "FAMILY_COUNT", "STATUS")
_RUSSIAN: Final = (
    "№ п/п", "Фамилия, имя, отчество", "ИИН", "Дата постановки на учет", "Категория", "Состав семьи", "Адрес",
    "Примечание",
)  # fmt: skip
_KAZAKH: Final = (
    "№",
    "Т.А.Ә.",
    "ЖСН",
    "Есепке қойылған күні",
    "Санаты",
    "Отбасы құрамы",
    "Мекенжайы",
    "Ескерту",
)
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


def world_file(people: Iterable[Person]) -> bytes:
    """Return `world.jsonl.gz`."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        for person in people:
            file.write(json.dumps(person.line(), ensure_ascii=False).encode() + b"\n")
    return buffer.getvalue()


def spp_file(entries: Sequence[Entry]) -> bytes:
    """Return `spp.csv`: UTF-8 with a byte order mark."""
    rows = (_shift(entry, _spp_cells(entry)) for entry in entries)
    return _csv(_SPP, rows, delimiter=",").encode("utf-8-sig")


def _spp_cells(entry: Entry) -> list[str]:
    moment = "" if entry.day is None else f"{entry.day.isoformat()}T{entry.time}+05:00"
    return [
        entry.number,
        entry.iin,
        entry.name.last,
        entry.name.first,
        entry.name.middle,
        moment,
        _list_code(entry),
        ";".join(entry.family),
        entry.phone,
        "active" if entry.status is None else entry.status,
    ]


def rshep_file(entries: Sequence[Entry]) -> bytes:
    """Return `rshep.csv`: cp1251, where Kazakh letters became question marks."""
    rows = (_shift(entry, _rshep_cells(entry)) for entry in entries)
    return _csv(_RSHEP, rows, delimiter=";").encode("cp1251", errors="replace")


def _rshep_cells(entry: Entry) -> list[str]:
    name = entry.name_text or str(entry.name)
    return [
        entry.number,
        entry.iin,
        name.upper() if entry.capitals else name,
        f"{entry.day:%d.%m.%Y}" if entry.day else "",
        _list_code(entry),
        str(_family_count(entry)),
        "Действующий" if entry.status is None else entry.status,
    ]


def _list_code(entry: Entry) -> str:
    return entry.list_number if entry.list_code is None else entry.list_code


def _family_count(entry: Entry) -> int:
    return len(entry.family) + 1 if entry.family_count is None else entry.family_count


def _shift(entry: Entry, cells: list[str]) -> list[str]:
    """Move the cells of a shifted row one column to the right; the last one falls off."""
    return ["", *cells[:-1]] if entry.shifted else cells


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]], *, delimiter: str) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def paper_file(
    rng: Random, entries: Sequence[Entry], *, totals_off: Sequence[int]
) -> tuple[bytes, list[int]]:
    """
    Return `paper.xlsx` and the row number of each entry.

    :param totals_off: by how much the total of each sheet is wrong.
    """
    book = openpyxl.Workbook(write_only=True)
    numbers: list[int] = []
    for title, header, off in zip(SHEETS, (_RUSSIAN, _KAZAKH), totals_off, strict=True):
        sheet = book.create_sheet(title)
        mine = [entry for entry in entries if entry.sheet == title]
        numbers += _write_sheet(rng, sheet, header, mine, off)
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_clock(buffer.getvalue()), numbers


def _write_sheet(
    rng: Random, sheet: Worksheet, header: Sequence[str], entries: Sequence[Entry], off: int
) -> list[int]:
    """Write title, header, records among empty rows and repeated headers, total; return row numbers."""
    sheet.append([_TITLE])
    sheet.append([])
    sheet.append(header)
    row, numbers = 3, []
    for ordinal, entry in enumerate(entries, start=1):
        if rng.random() < 0.01:
            sheet.append([])
            row += 1
        if ordinal % 250 == 120:
            sheet.append(header)
            row += 1
        sheet.append(_paper_cells(sheet, ordinal, entry))
        row += 1
        numbers.append(row)
    sheet.append([None, "Итого:" if header is _RUSSIAN else "Барлығы:", len(entries) + off])
    return numbers


def _paper_cells(sheet: Worksheet, ordinal: int, entry: Entry) -> list[Any]:
    name = entry.name_text or str(entry.name)
    cells: list[Any] = [
        ordinal,
        name + " " if entry.trailing_space else name,
        int(entry.iin) if entry.iin_as_number else entry.iin or None,
        _paper_date(sheet, entry),
        entry.category,
        _family_count(entry),
        entry.address,
        entry.note or None,
    ]
    return [cells[0], None, *cells[1:-1]] if entry.shifted else cells


def _paper_date(sheet: Worksheet, entry: Entry) -> str | int | Cell | None:
    if entry.day is None:
        return entry.date_text or None
    day = entry.day
    if entry.style == "cell":
        cell = WriteOnlyCell(sheet, value=datetime.combine(day, time(0)))
        cell.number_format = "DD.MM.YYYY"
        return cell
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


def _without_clock(content: bytes) -> bytes:
    """Write the workbook's archive again with fixed times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _STAMP.sub(b"2026-01-01T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, _WRITTEN_AT), data, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
