"""A record row of a legacy list: as the file has it, and as it reads."""

import hashlib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Final, NamedTuple

from queue_registry.rules.legacy.cells import (
    Cell,
    FamilyCell,
    IinCell,
    read_count,
    read_family,
    read_iin,
    text_of,
)
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.dates import DateCell, read_date


class Field(StrEnum):
    """What a column of a list holds, whatever its header calls it."""

    ORDINAL = "ordinal"
    NUMBER = "number"
    IIN = "iin"
    NAME = "name"
    LAST_NAME = "last_name"
    FIRST_NAME = "first_name"
    MIDDLE_NAME = "middle_name"
    DATE = "date"
    CATEGORY = "category"
    LIST_CODE = "list_code"
    FAMILY_COUNT = "family_count"
    FAMILY_IINS = "family_iins"
    PHONE = "phone"
    ADDRESS = "address"
    STATUS = "status"
    NOTE = "note"


class RawRow(NamedTuple):
    """
    A record row as the file has it.

    `cells` is keyed by `Field` value, columns that we do not know by their header; `row` is the number that a
    spreadsheet shows; `sheet_no` counts sheets from 0. `malformed`: cells stand under other cells' headers.
    `texts` are the cells as `text_of` gives them, where somebody has them already.
    """

    source: Source
    sheet: str
    sheet_no: int
    row: int
    cells: Mapping[str, Cell]
    malformed: bool = False
    texts: Mapping[str, str] | None = None


class ParsedRow(NamedTuple):
    """
    A record row as it reads.

    `file_no` orders confirmed files of one source; `digest` is the same for literal repeats only. `category`
    is a paper list's local wording, `list_code` another system's number: one of them is empty.
    """

    source: Source
    file_no: int
    sheet: str
    sheet_no: int
    row: int
    digest: str
    malformed: bool
    number: str
    name: str
    iin: IinCell
    date: DateCell
    category: str
    list_code: str
    family_count: int | None
    family: FamilyCell
    status: str | None
    note: str
    phone: str = ""

    @property
    def position(self) -> tuple[int, int, int]:
        """Where the row stands among all rows of its source."""
        return (self.file_no, self.sheet_no, self.row)


# Says where a row stood when it was typed, not what it says: a copy further down is the same row.
_NOT_IN_DIGEST: Final = Field.ORDINAL


def digest(raw: RawRow) -> str:
    """Return SHA-256 over the cells as text, with the headers; equal for literal repeats of a row."""
    return _digest(_texts(raw))


def _texts(raw: RawRow) -> Mapping[str, str]:
    return raw.texts or {name: text_of(cell) for name, cell in raw.cells.items()}


def _digest(texts: Mapping[str, str]) -> str:
    # The same as json.dumps with sorted keys, which makes an encoder for every row.
    written = [
        quoted + encode_basestring(text)
        for name, quoted in _names_in_order(tuple(texts))
        if (text := texts[name])
    ]
    return hashlib.sha256(f"{{{', '.join(written)}}}".encode()).hexdigest()


# The rows of a sheet have the same names.
@lru_cache(maxsize=1_000)
def _names_in_order(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, f"{encode_basestring(name)}: ") for name in sorted(names) if name != _NOT_IN_DIGEST)


def parse(raw: RawRow, *, imported_on: date, file_no: int = 0) -> ParsedRow:
    """Read the cells of a record row; what cannot be read becomes a code of its cell, never an error."""
    cells, texts = raw.cells, _texts(raw)
    text = texts.get
    name = text(Field.NAME)
    if name is None:
        parts = (text(field) for field in (Field.LAST_NAME, Field.FIRST_NAME, Field.MIDDLE_NAME))
        name = " ".join(filter(None, parts))
    return ParsedRow(
        source=raw.source,
        file_no=file_no,
        sheet=raw.sheet,
        sheet_no=raw.sheet_no,
        row=raw.row,
        digest=_digest(texts),
        malformed=raw.malformed,
        number=text(Field.NUMBER, ""),
        name=name,
        iin=read_iin(cells.get(Field.IIN)),
        date=read_date(cells.get(Field.DATE), imported_on=imported_on),
        category=text(Field.CATEGORY, ""),
        list_code=text(Field.LIST_CODE, ""),
        family_count=read_count(text(Field.FAMILY_COUNT)),
        family=read_family(text(Field.FAMILY_IINS)),
        status=text(Field.STATUS),
        note=text(Field.NOTE, ""),
        phone=text(Field.PHONE, ""),
    )


def renumbered(row: ParsedRow, current: Mapping[str, str]) -> ParsedRow:
    """Return a row with the numbers of today of those whose former ones it names, by `current`."""
    iin = row.iin.iin
    family = tuple(dict.fromkeys(current.get(one, one) for one in row.family.iins))
    if iin not in current and family == row.family.iins:
        return row
    return row._replace(
        iin=row.iin._replace(iin=current.get(iin, iin) if iin else iin),
        family=row.family._replace(iins=family),
    )
