"""Readers of single cells of a spreadsheet of homes: a value, or what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from allocation.rules.stock import Fault
from queue_registry.rules.legacy.cells import Cell, text_of

Reader = Callable[[Cell], Any]

_YES: Final = frozenset({"иә", "бар", "да", "есть", "yes", "true", "1", "+"})
_NO: Final = frozenset({"жоқ", "нет", "no", "false", "0", "-"})
_PLACES: Final = 2


class CellFault(Exception):
    """A cell holds nothing that the field can be."""

    def __init__(self, fault: Fault, **detail: Any) -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.detail = detail


def text(*, most: int, required: bool = False) -> Reader:
    """Text of so many signs at most."""

    def read(cell: Cell) -> str:
        found = _filled(cell) if required else text_of(cell)
        if len(found) > most:
            raise CellFault(Fault.TOO_LONG, most=most)
        return found

    return read


def whole(*, least: int, most: int) -> Reader:
    """A whole number between two, both included."""

    def read(cell: Cell) -> int:
        found = _number(cell)
        if found != int(found):
            raise CellFault(Fault.NOT_A_NUMBER)
        if not least <= found <= most:
            raise CellFault(Fault.IMPOSSIBLE, least=least, most=most)
        return int(found)

    return read


def decimal(*, least: Decimal, most: Decimal) -> Reader:
    """A number between two, both included, with two places at most."""

    def read(cell: Cell) -> Decimal:
        found = _number(cell)
        if not least <= found <= most:
            raise CellFault(Fault.IMPOSSIBLE, least=least, most=most)
        if found != round(found, _PLACES):
            raise CellFault(Fault.TOO_PRECISE)
        return found

    return read


def yes_or_no() -> Reader:
    """Yes or no in one of three languages; empty is neither."""

    def read(cell: Cell) -> bool:
        found = _filled(cell).casefold()
        if found not in _YES | _NO:
            raise CellFault(Fault.UNKNOWN_WORD)
        return found in _YES

    return read


def word(words: Mapping[Any, Sequence[str]], *, empty: Any) -> Reader:
    """One of a few words, or its code."""
    meanings = {word: code for code, known in words.items() for word in (str(code).casefold(), *known)}

    def read(cell: Cell) -> Any:
        found = text_of(cell).casefold()
        if not found:
            return empty
        if found not in meanings:
            raise CellFault(Fault.UNKNOWN_WORD)
        return meanings[found]

    return read


def _filled(cell: Cell) -> str:
    found = text_of(cell)
    if not found:
        raise CellFault(Fault.EMPTY)
    return found


def _number(cell: Cell) -> Decimal:
    """A number as a spreadsheet has it, or as people write it: 52,4."""
    text = _filled(cell).replace(" ", "").replace(",", ".")
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise CellFault(Fault.NOT_A_NUMBER) from None
    if not text.isascii() or not found.is_finite():
        raise CellFault(Fault.NOT_A_NUMBER)
    return found
