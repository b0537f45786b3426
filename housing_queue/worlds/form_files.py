"""The bytes of lists in the forms that were drawn for them; the same rows and forms give the same bytes."""

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from random import Random
from typing import Any, Final

import openpyxl

from housing_queue.worlds import files, forms
from housing_queue.worlds.form_pages import Page, joined, paper_page, system_page
from housing_queue.worlds.form_words import NO_LIST
from housing_queue.worlds.forms import ListForm
from housing_queue.worlds.lists import SHEETS, Entry
from housing_queue.worlds.paper import day_cell, without_clock

_SYSTEM_FIELDS: Final = {
    "spp": (
        "number", "iin", "last_name", "first_name", "middle_name", "date", "list_code", "family_iins",
        "phone", "status",
    ),
    "rshep": ("number", "iin", "name", "date", "list_code", "family_count", "status"),
}  # fmt: skip
_SYSTEM_FILES: Final = {
    "spp": (files.SPP, files.spp_cells, ",", "utf-8-sig"),
    "rshep": (files.RSHEP, files.rshep_cells, ";", "cp1251"),
}
# What a spreadsheet makes a number or a day of when it opens a csv.
_NUMBERS: Final = ("iin", "list_code", "family_count")
_DAY: Final = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})")
_VALUE: Final = re.compile(rb'(<c r="([A-Z]+[0-9]+)"[^>]*>)(<v>)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One list: its form, its bytes, the sheet and row of each entry, and what a person has to say of it."""

    form: ListForm
    content: bytes
    places: list[tuple[str, int]]
    said: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Return the form as `planted.json` tells it."""
        return {"file": self.form.file_name, "traits": self.form.traits, "columns": self.said}


def write(
    rng: Random, entries: Mapping[str, Sequence[Entry]], *, totals_off: Sequence[int]
) -> dict[str, Written]:
    """Draw a form for each list, and write it."""
    written = {source: _system(rng, source, entries[source]) for source in ("spp", "rshep")}
    return written | {"paper": _paper(rng, entries["paper"], totals_off)}


def _system(rng: Random, source: str, entries: Sequence[Entry]) -> Written:
    headers, cells_of, separator, encoding = _SYSTEM_FILES[source]
    fields = _SYSTEM_FIELDS[source]
    form = forms.draw_system(rng, source, list(zip(fields, headers, strict=True)))
    is_book = form.kind == "xlsx"
    rows = [dict(zip(fields, cells_of(entry), strict=True)) for entry in entries]
    if is_book:
        rows = [{name: _as_opened(name, text) for name, text in row.items()} for row in rows]
    page = system_page(rng, form, entries, rows, "Лист1" if is_book else "")
    content = _book([page]) if is_book else _csv(page, separator=separator, encoding=encoding)
    return Written(
        form=form,
        content=content,
        places=[(page.title, number) for number in page.records],
        said=_said(form, [page]),
    )


def _paper(rng: Random, entries: Sequence[Entry], totals_off: Sequence[int]) -> Written:
    lists = [[entry for entry in entries if entry.sheet == title] for title in SHEETS]
    # Of a list of nobody a program can't say where it ends once it stands below another.
    form = forms.draw_paper(rng, sheets=len(SHEETS), may_be_csv=all(lists))
    pages = [
        paper_page(rng, sheet, title, rows, off=off)
        for title, sheet, rows, off in zip(SHEETS, form.sheets, lists, totals_off, strict=True)
    ]
    if form.kind == "csv":
        pages = [joined(pages)]
        content = _csv(pages[0], separator=form.separator, encoding=form.encoding)
    else:
        no_list = [Page("Справка", rows=[list(row) for row in NO_LIST])] if form.has_no_list else []
        content = _book([*pages, *no_list])
    return Written(
        form=form,
        content=content,
        places=[(page.title, number) for page in pages for number in page.records],
        said=_said(form, pages),
    )


def _said(form: ListForm, pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Return what a person has to say of the columns of sheets that no program can read alone."""
    said = [
        {"sheet_no": number, "first": page.header[0], "last": page.header[1], "fields": sheet.said}
        for number, (page, sheet) in enumerate(zip(pages, form.sheets, strict=False))
        if sheet.is_strange
    ]
    if form.has_no_list:
        said.append({"sheet_no": len(pages), "first": 1, "last": 1, "fields": []})
    return said


def _as_opened(name: str, text: str) -> Any:
    """Return what a spreadsheet makes of a cell of a csv: numbers lose their zeros, days become days."""
    if not text:
        return None
    if name in _NUMBERS and text.isdecimal() and text.isascii():
        return int(text)
    day = _DAY.fullmatch(text) if name == "date" else None
    return datetime(int(day[3]), int(day[2]), int(day[1])) if day else text  # noqa: DTZ001


def _csv(page: Page, *, separator: str, encoding: str) -> bytes:
    width = max(map(len, page.rows))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    for row in page.rows:
        cells = [_text(value) for value in row]
        writer.writerow([*cells, *[""] * (width - len(cells))])
    return buffer.getvalue().encode(encoding, errors="replace")


def _text(value: Any) -> str:
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return "" if value is None else str(value)


def _book(pages: Sequence[Page]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for page in pages:
        sheet = book.create_sheet(page.title)
        for area in page.merged:
            sheet.merged_cells.add(area)
        for number in page.hidden:
            sheet.row_dimensions[number].hidden = True
        for row in page.rows:
            sheet.append([day_cell(sheet, one) if isinstance(one, datetime) else one for one in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return without_clock(_with_formulas(buffer.getvalue(), pages))


def _with_formulas(content: bytes, pages: Sequence[Page]) -> bytes:
    """Put formulas in front of the values that they have: the library writes either, a spreadsheet both."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            for number, page in enumerate(pages, start=1):
                if page.formulas and name == f"xl/worksheets/sheet{number}.xml":
                    data = _VALUE.sub(partial(_computed, page), data)
            new.writestr(name, data)
    return buffer.getvalue()


def _computed(page: Page, found: re.Match[bytes]) -> bytes:
    formula = page.formulas.get(found[2].decode())
    return found[0] if formula is None else found[1] + b"<f>" + formula.encode() + b"</f>" + found[3]
