"""From the bytes of a legacy list to its record rows, with everything that is no record listed too."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from queue_registry.legacy_files.errors import LegacyFileError, NoRecords
from queue_registry.legacy_files.grids import Grid, read_grids
from queue_registry.legacy_files.headers import Header, column_letter, column_title, read_header
from queue_registry.legacy_files.shapes import is_shifted, missing_cell
from queue_registry.legacy_files.totals import counted_rows, is_total, stated_count
from queue_registry.rules.legacy.cells import Cell, text_of
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.rows import Field, RawRow


class RowKind(StrEnum):
    """What a row that is no record is."""

    TITLE = "TITLE"
    HEADER = "HEADER"
    EMPTY = "EMPTY"
    TOTAL = "TOTAL"
    SUBTOTAL = "SUBTOTAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRow:
    """A row that is no record; totals have what they state and what the rows above them add up to."""

    kind: RowKind
    sheet: str
    sheet_no: int
    row: int
    text: str = ""
    stated: int | None = None
    counted: int | None = None

    @property
    def total_differs(self) -> bool:
        """TOTAL_DIFFERS: a stated total is another than the number of its rows."""
        return self.stated is not None and self.stated != self.counted


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyFile:
    """A file as read: its digest, its records in order, its other rows in order."""

    source: Source
    file_name: str
    sha256: str
    rows: tuple[RawRow, ...]
    others: tuple[OtherRow, ...]


# One of these besides the name makes a row a record; a name alone is a heading or a signature.
_MAKE_A_RECORD: Final = (Field.IIN, Field.DATE, Field.CATEGORY, Field.FAMILY_COUNT)
_REQUIRED_CELLS: Final = {
    Source.SPP: (Field.NUMBER, Field.LAST_NAME),
    Source.RSHEP: (Field.NUMBER, Field.NAME),
    Source.PAPER: (Field.NAME,),
}


def read(content: bytes, *, file_name: str, source: Source) -> LegacyFile:
    """
    Read a file of legacy lists; row numbers are those that a spreadsheet shows.

    :raises LegacyFileError: if it is empty, unreadable, of a foreign encoding, without its header, or if a
        record lacks a cell. It names file, sheet, row and column; nothing is half read.
    :raises NoRecords: if it is in good order and has no record.
    """
    rows: list[RawRow] = []
    others: list[OtherRow] = []
    for grid in read_grids(content, source=source, file_name=file_name):
        if any(any(_is_filled(cell) for cell in row) for row in grid.rows):
            sheet = _Sheet(grid, source, file_name, earlier_records=len(rows))
            sheet.read()
            rows += sheet.records
            others += sheet.others
    if not rows:
        raise NoRecords("The file has no records.", file_name=file_name)
    return LegacyFile(
        source=source,
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=tuple(rows),
        others=tuple(others),
    )


class _Sheet:
    """Walks one sheet from top to bottom."""

    def __init__(self, grid: Grid, source: Source, file_name: str, *, earlier_records: int) -> None:
        self.records: list[RawRow] = []
        self.others: list[OtherRow] = []
        self._grid = grid
        self._source = source
        self._file_name = file_name
        self._earlier_records = earlier_records
        self._since_total = 0
        self._headers: dict[str, Header] = {}

    def read(self) -> None:
        header, top = self._find_header()
        for number, cells in self._numbered(top):
            kind = self._kind(cells, header)
            if kind is RowKind.HEADER:
                header = self._headers.get(_text(cells)) or self._header_again(cells) or header
            if kind is None:
                self.records.append(self._record(number, cells, header))
                self._since_total += 1
            elif kind is RowKind.TOTAL:
                self._add_total(number, cells)
            else:
                self._add_other(kind, number, cells)
        self._mark_subtotals()

    def _numbered(self, top: int) -> Iterator[tuple[int, Sequence[Cell]]]:
        return enumerate(self._grid.rows[top:], start=top + 1)

    def _find_header(self) -> tuple[Header, int]:
        """Return the header and the number of rows down to it; it may take two rows."""
        rows = self._grid.rows
        best, best_row = read_header((), source=self._source), 1
        for index, cells in enumerate(rows):
            one = read_header(cells, source=self._source)
            below = rows[index + 1] if one.fields and index + 1 < len(rows) else ()
            for header, height in ((one, 1), (read_header(cells, below, source=self._source), 2)):
                if not header.missing(self._source):
                    self._add_top(index, height, header)
                    return header, index + height
            if len(one.fields) > len(best.fields):
                best, best_row = one, index + 1
        columns = ", ".join(column_title(field, source=self._source) for field in best.missing(self._source))
        raise self._error(f"The header lacks: {columns}.", row=best_row, column=columns)

    def _header_again(self, cells: Sequence[Cell]) -> Header | None:
        again = read_header(cells, source=self._source)
        return None if again.missing(self._source) else again

    def _add_top(self, index: int, height: int, header: Header) -> None:
        for number, cells in enumerate(self._grid.rows[:index], start=1):
            self._add_other(RowKind.TITLE if any(map(_is_filled, cells)) else RowKind.EMPTY, number, cells)
        for number in range(index + 1, index + height + 1):
            cells = self._grid.rows[number - 1]
            self._headers[_text(cells)] = header
            self._add_other(RowKind.HEADER, number, cells)

    def _kind(self, cells: Sequence[Cell], header: Header) -> RowKind | None:
        """Return what the row is if it is no record."""
        filled = [index for index, cell in enumerate(cells) if _is_filled(cell)]
        if not filled:
            return RowKind.EMPTY
        if is_total(cells):
            return RowKind.TOTAL
        if self._is_header(cells) or _numbers_columns(cells, filled):
            return RowKind.HEADER
        return None if self._is_record(cells, filled, header) else RowKind.TITLE

    def _is_header(self, cells: Sequence[Cell]) -> bool:
        again = read_header(cells, source=self._source).looks_like_one()
        return again or _text(cells) in self._headers

    def _is_record(self, cells: Sequence[Cell], filled: Sequence[int], header: Header) -> bool:
        fields = {header.fields.get(index): text_of(cells[index]) for index in filled}
        if self._source is not Source.PAPER:
            # A number and nothing else is a torn row; words that stand alone are somebody's remark.
            return len(filled) > 1 or _is_application_number(fields.get(Field.NUMBER, ""))
        if Field.IIN in fields or Field.DATE in fields:
            return len(filled) > 1
        is_numbered = fields.get(Field.ORDINAL, " ")[0].isdigit()
        return Field.NAME in fields and (is_numbered or not fields.keys().isdisjoint(_MAKE_A_RECORD))

    def _record(self, number: int, cells: Sequence[Cell], header: Header) -> RawRow:
        width = len(header.texts)
        if self._grid.is_csv and len(cells) < width:
            fields = [header.fields.get(index) for index in range(width)]
            column = header.name_of(missing_cell(cells, fields))
            raise self._error("The row has a cell too few.", row=number, column=column)
        by_field = _by_field(self._grid.with_merged(number, cells), header)
        overflows = self._grid.is_csv and any(_is_filled(cell) for cell in cells[width:])
        malformed = overflows or is_shifted(by_field, source=self._source)
        if not malformed:
            self._check_required(number, by_field, header)
        return RawRow(
            source=self._source,
            sheet=self._grid.sheet,
            sheet_no=self._grid.sheet_no,
            row=number,
            cells=by_field,
            malformed=malformed,
        )

    def _check_required(self, number: int, cells: Mapping[str, Cell], header: Header) -> None:
        for field in _REQUIRED_CELLS[self._source]:
            if not text_of(cells.get(field)):
                column = next(
                    header.name_of(index) for index, known in header.fields.items() if known is field
                )
                raise self._error(
                    "The cell is empty; a record cannot do without it.", row=number, column=column
                )

    def _add_other(self, kind: RowKind, number: int, cells: Sequence[Cell]) -> None:
        self.others.append(
            OtherRow(
                kind=kind, sheet=self._grid.sheet, sheet_no=self._grid.sheet_no, row=number, text=_text(cells)
            )
        )

    def _add_total(self, number: int, cells: Sequence[Cell]) -> None:
        stated = stated_count(cells)
        in_sheet = len(self.records)
        self.others.append(
            OtherRow(
                kind=RowKind.TOTAL,
                sheet=self._grid.sheet,
                sheet_no=self._grid.sheet_no,
                row=number,
                text=_text(cells),
                stated=stated,
                counted=counted_rows(
                    stated,
                    since_total=self._since_total,
                    in_sheet=in_sheet,
                    in_file=self._earlier_records + in_sheet,
                ),
            )
        )
        self._since_total = 0

    def _mark_subtotals(self) -> None:
        """A total with records below it in its sheet is a subtotal."""
        last = self.records[-1].row if self.records else 0
        for index, other in enumerate(self.others):
            if other.kind is RowKind.TOTAL and other.row < last:
                self.others[index] = replace(other, kind=RowKind.SUBTOTAL)

    def _error(self, problem: str, *, row: int, column: str) -> LegacyFileError:
        return LegacyFileError(
            problem, file_name=self._file_name, sheet=self._grid.sheet, row=row, column=column
        )


def _is_filled(cell: Cell) -> bool:
    return cell is not None and text_of(cell) != ""


def _text(cells: Sequence[Cell]) -> str:
    return " ".join(text_of(cell) for cell in cells if _is_filled(cell))


def _is_application_number(text: str) -> bool:
    return " " not in text and any(sign.isdigit() for sign in text)


def _numbers_columns(cells: Sequence[Cell], filled: Sequence[int]) -> bool:
    """Say whether the row only numbers the columns, 1 2 3, as printed forms do below their header."""
    numbers = [text_of(cells[index]) for index in filled]
    return len(numbers) >= 3 and numbers == [str(number) for number in range(1, len(numbers) + 1)]


def _by_field(cells: Sequence[Cell], header: Header) -> dict[str, Cell]:
    """Return the cells by field, other columns by their header; cells beyond the header by their letter."""
    by_field: dict[str, Cell] = {}
    for index, cell in enumerate(cells):
        known = header.fields.get(index)
        if known is not None:
            by_field[known.value] = cell
        elif _is_filled(cell):
            name = header.name_of(index)
            taken = name in by_field or name in set(Field)
            by_field[f"{name} ({column_letter(index)})" if taken else name] = cell
    return by_field
