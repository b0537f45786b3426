"""One sheet of a legacy list from top to bottom: its header, its records, what is no record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from queue_registry.legacy_files.columns import SheetColumns
from queue_registry.legacy_files.errors import FileProblem, LegacyFileError
from queue_registry.legacy_files.grids import Grid
from queue_registry.legacy_files.headers import (
    Header,
    column_title,
    goes_on_below,
    looks_like_header,
    read_header,
)
from queue_registry.legacy_files.row_cells import (
    by_field_of,
    has_iin,
    is_application_number,
    is_filled,
    numbers_columns,
    text_of_row,
)
from queue_registry.legacy_files.shapes import fits_one_to_the_left, is_shifted, missing_cell
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


# One of these besides the name makes a row a record; a name alone is a heading or a signature.
_MAKE_A_RECORD: Final = (Field.IIN, Field.DATE, Field.CATEGORY, Field.FAMILY_COUNT)
_REQUIRED_CELLS: Final = {
    Source.SPP: (Field.NUMBER, Field.LAST_NAME),
    Source.RSHEP: (Field.NUMBER, Field.NAME),
    Source.PAPER: (Field.NAME,),
}


class SheetReader:
    """Walks one sheet from top to bottom; `counted` are its records, `others` what is none."""

    def __init__(
        self,
        grid: Grid,
        source: Source,
        file_name: str,
        *,
        earlier_records: int = 0,
        columns: SheetColumns | None = None,
    ) -> None:
        self.others: list[OtherRow] = []
        self.counted = 0
        self._grid = grid
        self._source = source
        self._file_name = file_name
        self._earlier_records = earlier_records
        self._since_total = 0
        self._columns = columns
        self._headers: dict[str, Header] = {}

    def records(self) -> Iterator[RawRow]:
        """
        Give the records as they are come to, and fill `others`.

        :raises LegacyFileError: HEADER, SEPARATOR, CELL_MISSING, CELL_EMPTY, FORMULA_WITHOUT_VALUE.
        """
        if self._columns is not None and self._columns.is_no_list:
            self._add_titles(len(self._grid.rows))
            return
        header, top = self._find_header() if self._columns is None else self._said_header(self._columns)
        last = 0
        for number, cells in self._numbered(top):
            texts = list(map(text_of, cells))
            kind = self._kind(cells, texts, header)
            if kind is RowKind.HEADER:
                header = self._headers.get(text_of_row(cells)) or self._header_again(cells, header)
            if kind is None:
                self.counted += 1
                self._since_total += 1
                last = number
                yield self._record(number, cells, texts, header)
            elif kind is RowKind.TOTAL:
                self._add_total(number, cells)
            else:
                self._add_other(kind, number, cells)
        self._mark_subtotals(last)

    def guess_header(self) -> tuple[Header, int, int]:
        """Return the likeliest header, complete or not, with its first and last row."""
        rows = self._grid.rows
        best, first, last = read_header((), source=self._source), 1, 1
        for index, cells in enumerate(rows):
            one = read_header(cells, source=self._source)
            below = rows[index + 1] if one.fields and index + 1 < len(rows) else ()
            two = read_header(cells, below, source=self._source)
            goes_on = goes_on_below(cells, below, source=self._source)
            for header, height in ((two, 2), (one, 1)) if goes_on else ((one, 1), (two, 2)):
                if not header.missing(self._source):
                    return header, index + 1, index + height
            if len(one.fields) > len(best.fields):
                best, first, last = one, index + 1, index + 1
        return best, first, last

    def _numbered(self, top: int) -> Iterator[tuple[int, Sequence[Cell]]]:
        return enumerate(self._grid.rows[top:], start=top + 1)

    def _find_header(self) -> tuple[Header, int]:
        """Return the header and the number of rows down to it; it may take two rows."""
        header, first, last = self.guess_header()
        missing = header.missing(self._source)
        if missing:
            columns = ", ".join(column_title(field, source=self._source) for field in missing)
            code = FileProblem.SEPARATOR if self._is_cut_otherwise(first) else FileProblem.HEADER
            raise self._error(f"The header lacks: {columns}.", code=code, row=first, column=columns)
        self._add_top(first, last, header)
        return header, last

    def _said_header(self, columns: SheetColumns) -> tuple[Header, int]:
        """Return the header that a person pointed at, with the fields that the person gave its columns."""
        rows = self._grid.rows[columns.first - 1 : columns.last]
        upper, lower = rows[0] if rows else (), rows[1] if len(rows) > 1 else ()
        guessed = read_header(upper, lower, source=self._source)
        width = max(len(guessed.texts), len(columns.fields))
        texts = (*guessed.texts, *[""] * (width - len(guessed.texts)))
        fields = {index: field for index, field in enumerate(columns.fields) if field is not None}
        header = Header(MappingProxyType(fields), texts)
        missing = header.missing(self._source)
        if missing or len(fields) != len(set(fields.values())):
            lacks = ", ".join(column_title(field, source=self._source) for field in missing)
            raise self._error(
                f"The header lacks: {lacks}.", code=FileProblem.HEADER, row=columns.first, column=lacks
            )
        self._add_top(columns.first, columns.last, header)
        return header, columns.last

    def _is_cut_otherwise(self, row: int) -> bool:
        """Say whether a csv is one column wide only because another sign separates its cells."""
        cells = self._grid.rows[row - 1] if self._grid.rows else ()
        text = "".join(text_of(cell) for cell in cells)
        return self._grid.is_csv and len(cells) < 3 and any(text.count(sign) > 1 for sign in ",;\t|")

    def _header_again(self, cells: Sequence[Cell], header: Header) -> Header:
        """Return the header that rules from here on; one that says the same may name fewer columns."""
        again = read_header(cells, source=self._source)
        return header if again.missing(self._source) or again.fields == header.fields else again

    def _add_titles(self, rows: int) -> None:
        for number, cells in enumerate(self._grid.rows[:rows], start=1):
            self._add_other(RowKind.TITLE if any(map(is_filled, cells)) else RowKind.EMPTY, number, cells)

    def _add_top(self, first: int, last: int, header: Header) -> None:
        self._add_titles(first - 1)
        for number, cells in enumerate(self._grid.rows[first - 1 : last], start=first):
            self._headers[text_of_row(cells)] = header
            self._add_other(RowKind.HEADER, number, cells)

    def _kind(self, cells: Sequence[Cell], texts: Sequence[str], header: Header) -> RowKind | None:
        """Return what the row is if it is no record."""
        if has_iin(texts, header):
            return None
        filled = [index for index, text in enumerate(texts) if text]
        if not filled:
            return RowKind.EMPTY
        if is_total(texts):
            return RowKind.TOTAL
        if self._is_header(cells, texts) or numbers_columns(texts, filled):
            return RowKind.HEADER
        return None if self._is_record(texts, filled, header) else RowKind.TITLE

    def _is_header(self, cells: Sequence[Cell], texts: Sequence[str]) -> bool:
        if looks_like_header(texts, source=self._source):
            return read_header(cells, source=self._source).looks_like_one()
        return " ".join(filter(None, texts)) in self._headers

    def _is_record(self, texts: Sequence[str], filled: Sequence[int], header: Header) -> bool:
        if self._source is not Source.PAPER and len(filled) > 1:
            return True
        fields = {header.fields.get(index): texts[index] for index in filled}
        if self._source is not Source.PAPER:
            # A number and nothing else is a torn row; words that stand alone are somebody's remark.
            return is_application_number(fields.get(Field.NUMBER, ""))
        if Field.IIN in fields or Field.DATE in fields:
            return len(filled) > 1
        is_numbered = fields.get(Field.ORDINAL, " ")[0].isdigit()
        return Field.NAME in fields and (is_numbered or not fields.keys().isdisjoint(_MAKE_A_RECORD))

    def _record(self, number: int, cells: Sequence[Cell], texts: Sequence[str], header: Header) -> RawRow:
        width = len(header.texts)
        if self._grid.is_csv and len(cells) < width:
            fields = [header.fields.get(index) for index in range(width)]
            column = header.name_of(missing_cell(cells, fields))
            raise self._error(
                "The row has a cell too few.", code=FileProblem.CELL_MISSING, row=number, column=column
            )
        if self._grid.unseen.formulas:
            self._check_formulas(number, header)
        if self._grid.merged:
            cells = self._grid.with_merged(number, cells)
            texts = list(map(text_of, cells))
        by_field, texts_by_field = by_field_of(cells, header), by_field_of(texts, header)
        overflows = self._grid.is_csv and any(is_filled(cell) for cell in cells[width:])
        malformed = (
            overflows
            or is_shifted(by_field, texts_by_field, source=self._source)
            or fits_one_to_the_left(cells, header.fields)
        )
        if not malformed:
            self._check_required(number, texts_by_field, header)
        return RawRow(
            source=self._source,
            sheet=self._grid.sheet,
            sheet_no=self._grid.sheet_no,
            row=number,
            cells=by_field,
            malformed=malformed,
            texts=texts_by_field,
        )

    def _check_formulas(self, number: int, header: Header) -> None:
        """A formula that no program computed holds nothing: the reader would take it for an empty cell."""
        for index in sorted(header.fields):
            if (number, index) in self._grid.unseen.formulas:
                raise self._error(
                    "The cell is a formula without a value; open the file and save it again.",
                    code=FileProblem.FORMULA_WITHOUT_VALUE,
                    row=number,
                    column=header.name_of(index),
                )

    def _check_required(self, number: int, texts: Mapping[str, str], header: Header) -> None:
        for field in _REQUIRED_CELLS[self._source]:
            if not texts.get(field):
                column = next(
                    header.name_of(index) for index, known in header.fields.items() if known is field
                )
                raise self._error(
                    "The cell is empty; a record cannot do without it.",
                    code=FileProblem.CELL_EMPTY,
                    row=number,
                    column=column,
                )

    def _add_other(self, kind: RowKind, number: int, cells: Sequence[Cell]) -> None:
        self.others.append(
            OtherRow(
                kind=kind,
                sheet=self._grid.sheet,
                sheet_no=self._grid.sheet_no,
                row=number,
                text=text_of_row(cells),
            )
        )

    def _add_total(self, number: int, cells: Sequence[Cell]) -> None:
        stated = stated_count(cells)
        in_sheet = self.counted
        self.others.append(
            OtherRow(
                kind=RowKind.TOTAL,
                sheet=self._grid.sheet,
                sheet_no=self._grid.sheet_no,
                row=number,
                text=text_of_row(cells),
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

    def _mark_subtotals(self, last: int) -> None:
        """A total with records below it in its sheet is a subtotal; `last` is the row of the last record."""
        for index, other in enumerate(self.others):
            if other.kind is RowKind.TOTAL and other.row < last:
                self.others[index] = replace(other, kind=RowKind.SUBTOTAL)

    def _error(self, problem: str, *, code: FileProblem, row: int, column: str) -> LegacyFileError:
        return LegacyFileError(
            problem, code=code, file_name=self._file_name, sheet=self._grid.sheet, row=row, column=column
        )
