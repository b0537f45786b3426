"""From the bytes of a file to sheets of cells, numbered as a spreadsheet numbers them."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from types import MappingProxyType
from typing import Any, Final

import python_calamine

from queue_registry.legacy_files import workbooks
from queue_registry.legacy_files.encodings import decode
from queue_registry.legacy_files.errors import FileProblem, LegacyFileError
from queue_registry.legacy_files.workbooks import Unseen
from queue_registry.rules.legacy.cells import Cell, text_of
from queue_registry.rules.legacy.codes import Source

_WORKBOOK_STARTS: Final = (workbooks.ZIP, workbooks.COMPOUND)
# More people than any akimat of the country has waiting.
_MOST_ROWS: Final = 300_000
_SEPARATORS: Final = {Source.RSHEP: ";", Source.SPP: ","}


@dataclass(frozen=True, slots=True)
class Grid:
    """
    One sheet; `rows[0]` is row 1. A csv file is one sheet without a name.

    `merged` has what a cell merged with the ones above it shows, by row number and column.
    """

    sheet: str
    sheet_no: int
    rows: Sequence[Sequence[Cell]]
    is_csv: bool = False
    merged: Mapping[tuple[int, int], Cell] = field(default_factory=lambda: MappingProxyType({}))
    unseen: Unseen = field(default_factory=Unseen)

    def with_merged(self, number: int, cells: Sequence[Cell]) -> Sequence[Cell]:
        """Return the cells of a row as a reader sees them: one merged over several rows is said of each."""
        if not self.merged:
            return cells
        return [self.merged.get((number, column), cell) for column, cell in enumerate(cells)]


def read_grids(content: bytes, *, source: Source, file_name: str) -> list[Grid]:
    """
    Return the sheets of a workbook or the one sheet of a csv file.

    :raises LegacyFileError: if it is empty, unreadable or of a foreign encoding.
    """
    if not content.strip():
        raise LegacyFileError("The file is empty.", code=FileProblem.EMPTY, file_name=file_name)
    if content.startswith(_WORKBOOK_STARTS):
        workbooks.check(content, file_name=file_name)
        grids = _workbook(content, file_name)
    elif source is Source.PAPER and file_name.lower().endswith((".xlsx", ".xls", ".ods")):
        raise _unreadable(file_name)
    else:
        grids = [_csv(content, source, file_name)]
    if sum(len(grid.rows) for grid in grids) > _MOST_ROWS:
        raise _too_many_rows(file_name)
    return grids


def _too_many_rows(file_name: str, sheet: str = "") -> LegacyFileError:
    return LegacyFileError(
        "The file has more rows than a list.",
        code=FileProblem.TOO_MANY_ROWS,
        file_name=file_name,
        sheet=sheet,
    )


def _unreadable(file_name: str, sheet: str = "") -> LegacyFileError:
    return LegacyFileError(
        "The file is no workbook that can be read.",
        code=FileProblem.UNREADABLE,
        file_name=file_name,
        sheet=sheet,
    )


def _workbook(content: bytes, file_name: str) -> list[Grid]:
    grids = []
    sheet = ""
    unseen = workbooks.unseen(content)
    for sheet in (name for name, one in unseen.items() if one.is_too_wide):
        raise _too_many_rows(file_name, sheet)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        for number, sheet in enumerate(workbook.sheet_names):
            read = workbook.get_sheet_by_index(number)
            rows = [[_cell(value) for value in row] for row in read.to_python(skip_empty_area=False)]
            while rows and not any(map(text_of, rows[-1])):
                rows.pop()
            merged = _merged(rows, read.merged_cell_ranges or ())
            grids.append(Grid(sheet, number, rows, merged=merged, unseen=unseen.get(sheet, Unseen())))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise _unreadable(file_name, sheet) from error
    return grids


def _merged(
    rows: Sequence[Sequence[Cell]], ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]
) -> dict[tuple[int, int], Cell]:
    """Return the cells below the first of those merged down one column; a title over several is no cell."""
    return {
        (row + 1, left): rows[top][left]
        for (top, left), (bottom, right) in ranges
        if left == right and top < len(rows) and left < len(rows[top])
        for row in range(top + 1, min(bottom + 1, len(rows)))
    }


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool | time | timedelta) or (isinstance(value, float) and not isfinite(value)):
        return str(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(repr(value))
    if isinstance(value, int | datetime | date):
        return value
    return None


def _csv(content: bytes, source: Source, file_name: str) -> Grid:
    text = decode(content, source=source, file_name=file_name)
    separator = _SEPARATORS.get(source) or _commonest_separator(text)
    rows: list[list[Cell]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        rows.extend([value or None for value in row] for row in reader)
    except csv.Error:
        raise LegacyFileError(
            "The quotes of the csv file do not match.",
            code=FileProblem.QUOTES,
            file_name=file_name,
            row=len(rows) + 1,
        ) from None
    return Grid("", 0, rows, is_csv=True)


def _commonest_separator(text: str) -> str:
    return max((";", ",", "\t"), key=text[:10_000].count)
