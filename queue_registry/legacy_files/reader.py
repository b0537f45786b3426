"""From the bytes of a legacy list to its record rows, with everything that is no record listed too."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from queue_registry.legacy_files.columns import SheetColumns
from queue_registry.legacy_files.errors import FileProblem, NoRecords
from queue_registry.legacy_files.grids import read_grids
from queue_registry.legacy_files.row_cells import is_filled
from queue_registry.legacy_files.sheets import OtherRow, RowKind, SheetReader
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
    walk = FileReader(content, file_name=file_name, source=source, columns=columns)
    rows = tuple(walk.records())
    return LegacyFile(
        source=source,
        file_name=file_name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=rows,
        others=tuple(walk.others),
    )


class FileReader:
    """
    Walks a file from its first line to its last, so that nobody has to hold all its records: `lines` is how
    many it has, `others` what the lines so far were that are no records.

    :raises LegacyFileError: as `read`; where it is about one row, when the records are come to.
    """

    def __init__(
        self, content: bytes, *, file_name: str, source: Source, columns: Sequence[SheetColumns] = ()
    ) -> None:
        self.others: list[OtherRow] = []
        self._grids = read_grids(content, source=source, file_name=file_name)
        self._source = source
        self._file_name = file_name
        self._said = {one.sheet_no: one for one in columns}
        self.lines = sum(len(grid.rows) for grid in self._grids)

    def records(self) -> Iterator[RawRow]:
        """Give the records in order, once."""
        counted = 0
        for grid in self._grids:
            if not any(any(is_filled(cell) for cell in row) for row in grid.rows):
                continue
            said = self._said.get(grid.sheet_no)
            sheet = SheetReader(grid, self._source, self._file_name, earlier_records=counted, columns=said)
            yield from sheet.records()
            counted += sheet.counted
            self.others += sheet.others
        if not counted:
            code = FileProblem.NO_RECORDS
            raise NoRecords("The file has no records.", code=code, file_name=self._file_name)
