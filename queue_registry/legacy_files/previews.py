"""How a file looks before anybody takes it: its sheets, their headers, what the columns seem to hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from queue_registry.legacy_files.columns import SheetColumns
from queue_registry.legacy_files.grids import Grid, read_grids
from queue_registry.legacy_files.headers import Header, column_letter, read_header
from queue_registry.legacy_files.row_cells import is_filled
from queue_registry.legacy_files.sheets import SheetReader
from queue_registry.rules.legacy.cells import text_of
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.rows import Field

_SHOWN: Final = 5
_WIDEST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its letter, its header's text, what it is read as, the first cells below the header."""

    letter: str
    header: str
    field: Field | None
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPreview:
    """
    One sheet as it will be read. `missing` are the fields that a list of this source must have and no column
    holds; `numbers` are the rows whose cells the columns show.
    """

    sheet: str
    sheet_no: int
    is_hidden: bool
    hidden_rows: int
    filled_rows: int
    first: int
    last: int
    is_no_list: bool
    columns: tuple[Column, ...]
    numbers: tuple[int, ...]
    missing: tuple[Field, ...]

    @property
    def said(self) -> SheetColumns:
        """What a person would say who changes nothing."""
        return SheetColumns(
            sheet_no=self.sheet_no,
            first=self.first,
            last=self.last,
            fields=tuple(column.field for column in self.columns),
        )


def look(
    content: bytes, *, file_name: str, source: Source, columns: Sequence[SheetColumns] = ()
) -> list[SheetPreview]:
    """
    Return the sheets that hold anything, as they look or as a person said that they are.

    :raises LegacyFileError: if no cell of the file can be read.
    """
    said = {one.sheet_no: one for one in columns}
    return [
        _look(grid, source, file_name, said.get(grid.sheet_no))
        for grid in read_grids(content, source=source, file_name=file_name)
        if any(any(map(is_filled, row)) for row in grid.rows)
    ]


def _look(grid: Grid, source: Source, file_name: str, said: SheetColumns | None) -> SheetPreview:
    guessed, first, last = SheetReader(grid, source, file_name).guess_header()
    if said is None and not guessed.fields:
        first = last = _wordiest(grid)
    elif said is not None:
        first, last = said.first, said.last
    if said is not None or not guessed.fields:
        above, below = (grid.rows[number - 1] if number <= len(grid.rows) else () for number in (first, last))
        guessed = read_header(above, below if last > first else (), source=source)
    shown = [
        (number, row)
        for number, row in islice(enumerate(grid.rows[last:], start=last + 1), _SHOWN * 10)
        if any(map(is_filled, row))
    ][:_SHOWN]
    width = min(max((len(guessed.texts), *(_width(row) for _, row in shown))), _WIDEST)
    fields = _fields(guessed, said, width)
    return SheetPreview(
        sheet=grid.sheet,
        sheet_no=grid.sheet_no,
        is_hidden=grid.unseen.is_hidden,
        hidden_rows=grid.unseen.hidden_rows,
        filled_rows=sum(any(map(is_filled, row)) for row in grid.rows),
        first=first,
        last=last,
        is_no_list=said is not None and said.is_no_list,
        columns=tuple(
            Column(
                letter=column_letter(index),
                header=guessed.texts[index] if index < len(guessed.texts) else "",
                field=fields[index],
                cells=tuple(text_of(row[index]) if index < len(row) else "" for _, row in shown),
            )
            for index in range(width)
        ),
        numbers=tuple(number for number, _ in shown),
        missing=tuple(field for field in Header({}, ()).missing(source) if field not in fields),
    )


def _wordiest(grid: Grid) -> int:
    """Return the number of the row with most words among the first: where nothing is known, the header."""
    words = [sum(isinstance(cell, str) for cell in row) for row in grid.rows[: _SHOWN * 6]]
    return words.index(max(words)) + 1


def _width(row: Sequence[object]) -> int:
    return max((index + 1 for index, cell in enumerate(row) if cell not in (None, "")), default=0)


def _fields(guessed: Header, said: SheetColumns | None, width: int) -> list[Field | None]:
    if said is None:
        return [guessed.fields.get(index) for index in range(width)]
    return [said.fields[index] if index < len(said.fields) else None for index in range(width)]
