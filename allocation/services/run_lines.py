"""
The lines of a run, put in by COPY: a big queue has a hundred thousand of them, and as the values of
statements they would take ten times as long.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection
from psycopg.types.json import Jsonb

from allocation import engine_io
from allocation.engine.document import ReadInput
from allocation.models import AllocationRun
from queue_registry.models import Akimat, QueueEntry

_COLUMNS: Final = {
    "run_id": "int8",
    "entry_id": "int8",
    "list_number": "varchar",
    "place": "int4",
    "registered_at": "timestamptz",
    "tier": "int2",
    "dwelling_id": "int8",
    "turn": "int4",
    "level": "varchar",
    "reserve": "jsonb",
    "code": "varchar",
    "witness": "varchar",
}
_COPY: Final = f"COPY allocation_allocationline ({', '.join(_COLUMNS)}) FROM STDIN WITH (FORMAT BINARY)"
_NOBODY: Final = Jsonb([])


def store(run: AllocationRun, read: ReadInput, result: engine_io.Document) -> None:
    """Store the lines of a result in its own order: the served first, then who was passed over."""
    entries = _entries(run.round.akimat)
    dwellings = dict(run.round.round_dwellings.values_list("dwelling__number", "dwelling_id"))
    instants = {entry.id: entry.registered_at for entry in read.values.entries}
    # While it copies, a connection answers nothing else.
    with connection.cursor() as cursor, cursor.copy(_COPY) as copied:
        copied.set_types(list(_COLUMNS.values()))
        for row in result["allotments"]:
            reserve = Jsonb([entries[key] for key in row["reserve"]])
            stands = _stands(run, row, entries, instants)
            copied.write_row(
                (*stands, dwellings[row["dwelling"]], row["turn"], row["level"], reserve, "", "")
            )
        for row in result["passed_over"]:
            stands = _stands(run, row, entries, instants)
            copied.write_row((*stands, None, None, "", _NOBODY, row["code"], row.get("witness", "")))


def _stands(
    run: AllocationRun, row: engine_io.Document, entries: Mapping[str, int], instants: Mapping[str, int]
) -> tuple[Any, ...]:
    """Which entry a line is of, where it stood when it was frozen, and which tier looked at it."""
    key = row["entry"]
    moment = engine_io.moment_of(instants[key])
    return run.pk, entries[key], row["list"], row["place"], moment, row["tier"]


def _entries(akimat: Akimat) -> dict[str, int]:
    """Every entry of an akimat by its public key."""
    rows = QueueEntry.objects.filter(akimat=akimat)
    return {
        engine_io.entry_key(file_number=file_number, list_number=number): key
        for key, file_number, number in rows.values_list("pk", "file_number", "waiting_list__number")
    }
