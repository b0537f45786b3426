"""Rows as CSV, JSON or a workbook. Whatever a spreadsheet would take for a formula is kept from being one."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from queue_registry.exports import safe

CONTENT_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Spreadsheets read the mark and so know that the text is UTF-8.
_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
_ROWS_AT_ONCE: Final = 500

Row = Sequence[str | int]


class _Line:
    """Takes what a writer writes, and gives it back."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: str) -> None:
        self.parts.append(text)

    def taken(self) -> str:
        text = "".join(self.parts)
        self.parts.clear()
        return text


def csv_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a table as CSV: UTF-8 with a byte order mark, commas, CRLF."""
    line = _Line()
    writer = csv.writer(line, lineterminator="\r\n")
    writer.writerow(columns)
    yield (_BOM + line.taken()).encode()
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(value) for value in row])
        if number % _ROWS_AT_ONCE == 0:
            yield line.taken().encode()
    yield line.taken().encode()


def json_parts(about: Mapping[str, Any], columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a JSON object: what it is about, and its rows as objects."""
    head = json.dumps(dict(about), ensure_ascii=False, indent=1)
    yield (head.removesuffix("\n}") + ',\n "rows": [').encode()
    parts: list[str] = []
    for number, row in enumerate(rows):
        one = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)
        parts.append(f"{',' if number else ''}\n  {one}")
        if len(parts) == _ROWS_AT_ONCE:
            yield "".join(parts).encode()
            parts.clear()
    yield ("".join(parts) + "\n ]\n}\n").encode()


def workbook(title: str, columns: Sequence[str], rows: Iterable[Row]) -> io.BytesIO:
    """Return a workbook of one sheet, written row by row: what is kept meanwhile is packed."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_xlsx_cell(sheet, value) for value in row])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def cell(value: str | int) -> str | int:
    """Return a value that no spreadsheet takes for a formula."""
    return safe(value) if isinstance(value, str) else value


def _xlsx_cell(sheet: Any, value: str | int) -> Any:
    found = WriteOnlyCell(sheet, value=cell(value))
    if isinstance(value, str):
        found.data_type = "s"
    return found
