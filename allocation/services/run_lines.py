"""
The lines of a run. Whoever is passed over stands in the result as in the table, and a big queue has a hundred
thousand of them: the database reads them there, while a thread of the run goes on.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db import connection

from allocation import engine_io
from allocation.engine.document import ReadInput
from allocation.models import AllocationLine, AllocationRun
from queue_registry.models import Akimat, QueueEntry

_PASSED_OVER: Final = """
    INSERT INTO allocation_allocationline
        (run_id, entry_id, list_number, place, registered_at, tier, level, reserve, code, witness)
    SELECT %(run)s, entry.id, passed.list, passed.place, passed.moment, passed.tier, '', '[]', passed.code,
        coalesce(passed.witness, '')
    FROM ROWS FROM (
        json_to_recordset(%(result)s::json -> 'passed_over')
            AS (entry text, list text, place int, tier int, code text, witness text),
        unnest(%(moments)s::timestamptz[])
    ) WITH ORDINALITY AS passed (entry, list, place, tier, code, witness, moment, turn)
    JOIN queue_registry_queueentry AS entry
        ON entry.akimat_id = %(akimat)s AND entry.file_number = split_part(passed.entry, '/', 1)
    JOIN queue_registry_waitinglist AS list
        ON list.id = entry.waiting_list_id AND list.number = split_part(passed.entry, '/', 2)
    ORDER BY passed.turn
"""


class LinesLost(RuntimeError):
    """A result names an entry that the register does not have."""


Moments = Mapping[str, datetime]


def moments_of(read: ReadInput) -> Moments:
    """Return the registration moment of each entry of an input, by its public key."""
    return {entry.id: engine_io.moment_of(entry.registered_at) for entry in read.values.entries}


def store(run: AllocationRun, result: engine_io.Document, answer: bytes, moments: Moments) -> None:
    """
    Store the lines of a result in its own order: the served first, then who was passed over.

    :param answer: what the result is written as.
    :param moments: when each entry was registered, as it was frozen.
    :raises LinesLost: as it says; the caller's transaction is given up.
    """
    _store_served(run, result["allotments"], moments)
    _store_passed_over(run, result["passed_over"], moments, answer)


def _store_served(run: AllocationRun, rows: Iterable[engine_io.Document], moments: Moments) -> None:
    entries = _entries(run.round.akimat, {key for row in rows for key in (row["entry"], *row["reserve"])})
    dwellings = dict(run.round.round_dwellings.values_list("dwelling__number", "dwelling_id"))
    AllocationLine.objects.bulk_create(
        AllocationLine(
            run=run,
            entry_id=entries[row["entry"]],
            list_number=row["list"],
            place=row["place"],
            registered_at=moments[row["entry"]],
            tier=row["tier"],
            dwelling_id=dwellings[row["dwelling"]],
            turn=row["turn"],
            level=row["level"],
            reserve=[entries[key] for key in row["reserve"]],
        )
        for row in rows
    )


def _store_passed_over(
    run: AllocationRun, rows: list[engine_io.Document], moments: Moments, answer: bytes
) -> None:
    values: dict[str, int | str] = {
        "run": run.pk,
        "akimat": run.round.akimat_id,
        "result": answer.decode(),
        "moments": f"{{{','.join(moments[row['entry']].isoformat() for row in rows)}}}",
    }
    with connection.cursor() as cursor:
        cursor.execute(_PASSED_OVER, values)
        if cursor.rowcount != len(rows):
            raise LinesLost(f"{run.round.number}: {cursor.rowcount} of {len(rows)} lines")


def _entries(akimat: Akimat, keys: Iterable[str]) -> dict[str, int]:
    """Entries of an akimat by their public keys, and those beside them on other lists."""
    numbers = {engine_io.file_number_of(key) for key in keys}
    rows = QueueEntry.objects.filter(akimat=akimat, file_number__in=numbers)
    return {
        engine_io.entry_key(file_number=file_number, list_number=number): key
        for key, file_number, number in rows.values_list("pk", "file_number", "waiting_list__number")
    }
