"""Cells of one row of a sheet: what is filled, what looks like a record, which field each belongs to."""

from collections.abc import Sequence
from typing import Final, TypeVar

from queue_registry.legacy_files.headers import Header, column_letter
from queue_registry.rules.iin import IIN_LENGTH
from queue_registry.rules.legacy.cells import Cell, text_of
from queue_registry.rules.legacy.rows import Field

_FIELDS: Final = frozenset(Field)
_NAMES: Final = {field: field.value for field in Field}


def is_filled(cell: Cell) -> bool:
    """Say whether a cell holds anything that can be seen."""
    return cell is not None and text_of(cell) != ""


def text_of_row(cells: Sequence[Cell]) -> str:
    """Return all that can be seen in a row as one text."""
    return " ".join(text_of(cell) for cell in cells if is_filled(cell))


def has_iin(texts: Sequence[str], header: Header) -> bool:
    """Say whether twelve digits stand under the header of the IIN, and something beside them: a record."""
    column = header.iin_column
    if column is None or column >= len(texts) or len(texts) - texts.count("") < 2:
        return False
    text = texts[column]
    return len(text) == IIN_LENGTH and text.isdecimal()


def is_application_number(text: str) -> bool:
    """Say whether a text may be the number of an application: in one piece, with a digit."""
    return " " not in text and any(sign.isdigit() for sign in text)


def numbers_columns(texts: Sequence[str], filled: Sequence[int]) -> bool:
    """Say whether the row only numbers the columns, 1 2 3, as printed forms do below their header."""
    if texts[filled[0]] != "1":
        return False
    numbers = [texts[index] for index in filled]
    return len(numbers) >= 3 and numbers == [str(number) for number in range(1, len(numbers) + 1)]


_CellT = TypeVar("_CellT", bound=Cell)


def by_field_of(cells: Sequence[_CellT], header: Header) -> dict[str, _CellT]:
    """Return the cells by field, other columns by their header; cells beyond the header by their letter."""
    if header.names is not None and len(cells) == len(header.names):
        return dict(zip(header.names, cells, strict=True))
    by_field: dict[str, _CellT] = {}
    for index, cell in enumerate(cells):
        known = header.fields.get(index)
        if known is not None:
            by_field[_NAMES[known]] = cell
        elif is_filled(cell):
            name = header.name_of(index)
            taken = name in by_field or name in _FIELDS
            by_field[f"{name} ({column_letter(index)})" if taken else name] = cell
    return by_field
