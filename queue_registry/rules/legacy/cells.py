"""
Reading single cells of a legacy list: IIN, family, counts, text. Dates are in `dates`, names in `names`.

A cell is what the file holds: text, a whole number, a decimal, a day, a moment, or nothing.
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from queue_registry.rules.iin import IIN_LENGTH, is_iin
from queue_registry.rules.legacy.codes import Code

Cell = str | int | Decimal | date | datetime | None

# How clerks wrote "there is none".
_NOTHING: Final = frozenset({"", "-", "нет", "б/н", "жоқ"})
_LONGEST_NOTHING: Final = max(map(len, _NOTHING))
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012–—−", "-") | {"\u00a0": " "})
# Signs that nobody sees and that come with pasted text: soft hyphen, zero-width space and the like.
_UNSEEN: Final = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_UNSEEN_OR_COMBINING: Final = re.compile(f"{_UNSEEN.pattern}|[\u0300-\u036f]")
_BETWEEN_NUMBERS: Final = re.compile(r"[;,\s]+")
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)
SHORTEST_PADDED: Final = 9


class IinCell(NamedTuple):
    """An IIN as a list gives it: the number if it is one, else the code that says why not."""

    iin: str | None
    code: Code | None
    padded: bool = False


def text_of(cell: Cell) -> str:
    """
    Return the cell as text: trimmed, inner white space (no-break spaces too) as single spaces.

    Signs without a shape are dropped, and a letter typed as two signs (и and breve for й) is one.
    """
    if isinstance(cell, str):
        return _clean(cell)
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell)


def _clean(cell: str) -> str:
    text = " ".join(cell.split())
    if text.isascii() or _UNSEEN_OR_COMBINING.search(text) is None:
        return text
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text)).strip()


def is_nothing(cell: Cell) -> bool:
    """Say whether the cell is empty or says in words that there is nothing."""
    if cell is None:
        return True
    core = text_of(cell).strip(" .")
    return len(core) <= _LONGEST_NOTHING and core.translate(_DASHES).strip(" .").casefold() in _NOTHING


def read_iin(cell: Cell) -> IinCell:
    """
    Read an IIN. Nine to eleven digits lost leading zeros in a spreadsheet: they are padded, then checked.

    Spaces and hyphens are forgiven; only ASCII digits are digits.
    """
    if isinstance(cell, str) and is_iin(cell):
        return IinCell(cell, None)
    if is_nothing(cell):
        return IinCell(None, Code.NO_IIN)
    text = text_of(cell).translate(_DASHES).replace(" ", "").replace("-", "")
    if _DIGITS.fullmatch(text) is None:
        return IinCell(None, Code.BAD_IIN)
    padded = SHORTEST_PADDED <= len(text) < IIN_LENGTH
    if padded:
        text = text.zfill(IIN_LENGTH)
    return IinCell(text, None, padded) if is_iin(text) else IinCell(None, Code.BAD_IIN, padded)


def read_count(cell: Cell) -> int | None:
    """Return a count of people, or None where the cell holds no whole number."""
    text = text_of(cell)
    return int(text) if _DIGITS.fullmatch(text) and len(text) <= 3 else None


class FamilyCell(NamedTuple):
    """The members that a list names: numbers that are IINs, and how many are none."""

    iins: tuple[str, ...]
    bad: int


_NO_FAMILY: Final = FamilyCell((), 0)


def read_family(cell: Cell) -> FamilyCell:
    """Read IINs separated by semicolons, commas or spaces; the order of the list is kept, repeats are not."""
    text = text_of(cell)
    if not text:
        return _NO_FAMILY
    numbers: dict[str, None] = {}
    bad = 0
    for part in _BETWEEN_NUMBERS.split(text):
        if not part:
            continue
        read = read_iin(part)
        if read.iin is None:
            bad += 1
        else:
            numbers[read.iin] = None
    return FamilyCell(tuple(numbers), bad)
