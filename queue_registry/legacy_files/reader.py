"""From the bytes of a legacy list to its record rows, with everything that is no record listed too."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from queue_registry.legacy_files.columns import SheetColumns
from queue_registry.legacy_files.errors import FileProblem, NoRecords
from queue_registry.legacy_files.grids import read_grids
from queue_registry.legacy_files.sheets import OtherRow, RowKind, SheetReader, is_filled
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.rows import RawRow

__all__ = ["LegacyFile", "OtherRow", "RowKind", "read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyFile:
    """A file as read: its digest, its records in order, its other rows in order."""

    source: Source
    file_name: str
    sha256: str
    rows: tuple[RawRow, ...]
    others: tuple[OtherRow, ...]


def read(
    content: bytes, *, file_name: str, source: Source, columns: Sequence[SheetColumns] = ()
) -> LegacyFile:
    """
    Read a file of legacy lists; row numbers are those that a spreadsheet shows.

    :param columns: what a person said the columns of some sheets hold; the others are read as they look.
    :raises LegacyFileError: if it is empty, unreadable, of a foreign encoding, without its header, or if a
        record lacks a cell. It names file, sheet, row and column; nothing is half read.
    :raises NoRecords: if it is in good order and has no record.
    """
    said = {one.sheet_no: one for one in columns}
    rows: list[RawRow] = []
    others: list[OtherRow] = []
    for grid in read_grids(content, source=source, file_name=file_name):
        if any(any(is_filled(cell) for cell in row) for row in grid.rows):
            sheet = SheetReader(
                grid, source, file_name, earlier_records=len(rows), columns=said.get(grid.sheet_no)
            )
            sheet.read()
            rows += sheet.records
            others += sheet.others
    if not rows:
        raise NoRecords("The file has no records.", code=FileProblem.NO_RECORDS, file_name=file_name)
    return LegacyFile(
        source=source,
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=tuple(rows),
        others=tuple(others),
    )
