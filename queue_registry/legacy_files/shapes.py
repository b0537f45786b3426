"""Whether the cells of a record stand under their own headers, judged by what kind of thing they hold."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from queue_registry.rules.legacy.cells import SHORTEST_PADDED, Cell, is_nothing, text_of
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.rows import Field

_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"[0-9]")
_IIN: Final = re.compile(r"[0-9]{9,12}")
_DATE: Final = re.compile(r"([0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}).*")
_NAME: Final = re.compile(r"[^\W\d_?][^\d]*\s[^\d]+|\?[^\d]*\s[^\d]+")
_FAMILY: Final = re.compile(r"[0-9;,\s]*")
_PHONE: Final = re.compile(r"\+?[0-9()\s-]{5,}")
_SHORT: Final = re.compile(r"\S{1,2}")

_BAD_ENOUGH: Final = 2
# A date may be nine or ten digits.
_SHORTEST_SHIFTED: Final = 11

_Test = Callable[[Cell], bool]


def _is_iin(cell: Cell) -> bool:
    return _IIN.fullmatch(text_of(cell).replace(" ", "")) is not None


def _is_date(cell: Cell) -> bool:
    return isinstance(cell, date) or _DATE.fullmatch(text_of(cell)) is not None


def _is_name(cell: Cell) -> bool:
    return isinstance(cell, str) and _NAME.fullmatch(text_of(cell)) is not None


def _has_letter(cell: Cell) -> bool:
    return _LETTER.search(text_of(cell)) is not None


def _is_word(cell: Cell) -> bool:
    return _has_letter(cell) and _DIGIT.search(text_of(cell)) is None


def _is_number(cell: Cell) -> bool:
    return text_of(cell).isdecimal()


def _matches(pattern: re.Pattern[str]) -> _Test:
    return lambda cell: pattern.fullmatch(text_of(cell)) is not None


# How a cell of each field looks when it is filled in well.
_SHAPES: Final[Mapping[Field, _Test]] = MappingProxyType(
    {
        Field.NUMBER: lambda cell: not _is_iin(cell) and not _is_name(cell) and len(text_of(cell)) > 3,
        Field.IIN: lambda cell: _is_iin(cell) or is_nothing(cell),
        Field.NAME: _is_name,
        Field.LAST_NAME: _is_word,
        Field.FIRST_NAME: _is_word,
        Field.MIDDLE_NAME: _is_word,
        Field.DATE: lambda cell: _is_date(cell) or is_nothing(cell),
        Field.LIST_CODE: _matches(_SHORT),
        Field.FAMILY_COUNT: _is_number,
        Field.FAMILY_IINS: _matches(_FAMILY),
        Field.PHONE: _matches(_PHONE),
        Field.STATUS: lambda cell: _has_letter(cell) and not _is_name(cell),
    }
)


_WITHOUT_WORDS: Final = (Field.FAMILY_COUNT, Field.FAMILY_IINS, Field.PHONE)
_MAY_BE_EMPTY: Final = frozenset({Field.MIDDLE_NAME, Field.FAMILY_IINS, Field.PHONE})


def is_shifted(cells: Mapping[str, Cell], texts: Mapping[str, str], *, source: Source) -> bool:
    """Say whether what belongs under one header stands under another; `texts` are the cells as text."""
    field = Field.LAST_NAME if source is Source.SPP else Field.NAME
    name, iin, day = cells.get(field), cells.get(Field.IIN), cells.get(Field.DATE)
    if name is not None and not _LETTER.search(texts[field]) and (_is_iin(name) or _is_date(name)):
        return True
    if len(texts.get(Field.DATE, "")) >= _SHORTEST_SHIFTED and _is_iin(day):
        return True
    if not texts.get(Field.IIN, "").isdecimal() and (_is_name(iin) or _is_date(iin)) and not _is_name(name):
        return True
    return source is not Source.PAPER and _is_shifted_at_the_end(texts)


def _is_shifted_at_the_end(texts: Mapping[str, str]) -> bool:
    """Words in a count of people, among IINs or in a phone: a system writes none there, but for "нет"."""
    spoken = [texts.get(field, "") for field in _WITHOUT_WORDS]
    # Most rows have no letter there, and are known by one look.
    if _LETTER.search("".join(spoken)) and any(
        _LETTER.search(text) and not is_nothing(text) for text in spoken
    ):
        return True
    code = texts.get(Field.LIST_CODE, "")
    return _is_phone(code) or (len(code) >= SHORTEST_PADDED and _is_iin(code))


def _is_phone(text: str) -> bool:
    return text.startswith("+")


def fits_one_to_the_left(cells: Sequence[Cell], fields: Mapping[int, Field]) -> bool:
    """
    Say whether a record that begins with an empty cell would be in good order one column further to the left.

    Cells that a clerk left empty or spoiled stay as bad wherever they stand; these fit as soon as they move.
    """
    start = 1 if fields.get(0) is Field.ORDINAL else 0
    if len(cells) <= start or text_of(cells[start]):
        return False
    judged = [
        (index, field) for index, field in fields.items() if field in _SHAPES and start <= index < len(cells)
    ]
    bad = sum(not _fits(field, cells[index]) for index, field in judged)
    moved = (_fits(field, cells[index + 1]) for index, field in judged if index + 1 < len(cells))
    return bad >= _BAD_ENOUGH and all(moved)


def missing_cell(cells: Sequence[Cell], fields: Sequence[Field | None]) -> int:
    """
    Return the index of the cell that is missing from a row that is one or more cells short.

    It is the one that, put back, leaves most of the others looking like what they should be.
    """

    def fitting(missing: int) -> int:
        under = [*fields[:missing], *fields[missing + 1 :]]
        return sum(_fits(field, cell) for field, cell in zip(under, cells, strict=False))

    return max(range(len(fields)), key=lambda index: (fitting(index), index))


def _fits(field: Field | None, cell: Cell) -> bool:
    if cell is None:
        return field in _MAY_BE_EMPTY
    return field is not None and field in _SHAPES and _SHAPES[field](cell)
