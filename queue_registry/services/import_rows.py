"""Rows of a legacy list on their way into the table, many at once by COPY."""

import json
from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db import connection

from queue_registry.legacy_files.stored import packed
from queue_registry.models import ImportBatch
from queue_registry.rules.legacy.rows import ParsedRow, RawRow

_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class NewRow(NamedTuple):
    """A record row as it will be kept; `cells` is JSON."""

    sheet: str
    sheet_no: int
    row: int
    cells: str
    malformed: bool
    digest: str
    iin: str
    number: str


# What nobody settled yet.
_UNSETTLED: Final = {"state": "", "codes": "[]", "answered": "[]", "remarks": "[]", "questions": "[]"}
_COLUMNS: Final = ("batch_id", *NewRow._fields, *_UNSETTLED)
_COPY: Final = "COPY queue_registry_importrow ({}) FROM STDIN".format(
    ", ".join(f'"{column}"' for column in _COLUMNS)
)


def new_row(raw: RawRow, row: ParsedRow, *, iin: str, number: str) -> NewRow:
    """Return a row as it will be kept: its cells as the file has them."""
    return NewRow(
        sheet=row.sheet,
        sheet_no=row.sheet_no,
        row=row.row,
        cells=_JSON(packed(raw.cells)),
        malformed=row.malformed,
        digest=row.digest,
        iin=iin,
        number=number,
    )


def copy_in(batch: ImportBatch, rows: Iterable[NewRow]) -> None:
    """Write the rows of a new file, inside the caller's transaction."""
    rest = tuple(_UNSETTLED.values())
    with connection.cursor() as cursor, cursor.copy(_COPY) as copied:
        for row in rows:
            copied.write_row((batch.pk, *row, *rest))
