"""Numbers that were given in order, at the desk and in each sheet of an old list; days of its rows."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from queue_registry.legacy_files.stored import unpacked
from queue_registry.models import Akimat, Application, ImportRow
from queue_registry.rules.legacy.dates import read_date
from queue_registry.rules.legacy.rows import Field

_NUMBER: Final = re.compile(r"(?P<before>.*?)(?P<digits>[0-9]{1,9})\s*")


def series_of(akimat: Akimat, application: Application, rows: Sequence[ImportRow]) -> tuple[str, int]:
    """
    Return the series of an application's number and the number; an empty series: it says nothing.

    What came by an old list got its file number sorted by moment, which proves nothing: there the old number
    counts, within its sheet and behind the same letters.
    """
    for row in rows:
        found = _NUMBER.fullmatch(row.number)
        if found is not None:
            return f"list:{row.batch_id}:{row.sheet_no}:{found['before']}", int(found["digits"])
    if rows or application.origin == Application.Origin.IMPORT:
        return "", 0
    return f"desk:{akimat.kato}", application.running_number


def day_of(row: ImportRow) -> date | None:
    """Return the day that a row of an old list shows, or None if it shows no full one."""
    read = read_date(unpacked(row.cells).get(Field.DATE), imported_on=row.batch.imported_on)
    return read.day if read.is_full else None
