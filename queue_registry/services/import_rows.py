"""Rows of a legacy list on their way into the table, and where they ended: many at once."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from django.db import connection

from queue_registry.legacy_files.stored import written
from queue_registry.models import ImportBatch, ImportRow
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


_COPY: Final = "COPY queue_registry_importrow ({}) FROM STDIN".format(
    ", ".join(f'"{column}"' for column in ("batch_id", *NewRow._fields))
)


def new_row(raw: RawRow, row: ParsedRow, *, iin: str, number: str) -> NewRow:
    """Return a row as it will be kept: its cells as the file has them."""
    return NewRow(
        sheet=row.sheet,
        sheet_no=row.sheet_no,
        row=row.row,
        cells=written(raw.cells),
        malformed=row.malformed,
        digest=row.digest,
        iin=iin,
        number=number,
    )


@contextmanager
def copying_into(batch: ImportBatch) -> Iterator[Callable[[NewRow], None]]:
    """
    Write the rows of a new file one by one, inside the caller's transaction: the database stores them while
    the next ones are read.
    """
    key = batch.pk
    with connection.cursor() as cursor, cursor.copy(_COPY) as copied:
        yield lambda row: copied.write_row((key, *row))


SETTLED: Final = ("state", "codes", "answered", "remarks", "questions", "application_id")
_AT_ONCE: Final = 10_000
_OUTCOMES: Final = """
    UPDATE queue_registry_importrow AS row
    SET state = outcome.state, codes = outcome.codes::jsonb, answered = outcome.answered::jsonb,
        remarks = outcome.remarks::jsonb, questions = outcome.questions::jsonb,
        application_id = outcome.application_id
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
        AS outcome (id, state, codes, answered, remarks, questions, application_id)
    WHERE row.id = outcome.id
"""


def write_outcomes(rows: Sequence[ImportRow]) -> None:
    """Write where rows ended, inside the caller's transaction: one statement for thousands of them."""
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _AT_ONCE):
            chunk = rows[start : start + _AT_ONCE]
            cursor.execute(
                _OUTCOMES,
                [
                    [row.pk for row in chunk],
                    [row.state for row in chunk],
                    *([_JSON(getattr(row, name)) for row in chunk] for name in SETTLED[1:5]),
                    [row.application_id for row in chunk],
                ],
            )
