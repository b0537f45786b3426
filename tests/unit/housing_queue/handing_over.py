"""What tests of a hand-over share: an installation emptied, a queue written out and taken in."""

import hashlib
import json
from datetime import timedelta

from django.core.management import call_command
from django.db import connection

from allocation.models import AllocationRun
from allocation.services.replays import replay
from housing_queue.handover import exporting, importing
from housing_queue.handover.tables import EXPORTED
from queue_registry import signing
from queue_registry.models import (
    ListYearCount,
    QueueEntry,
)
from queue_registry.rules.trail import canonical
from queue_registry.selectors import queue
from tests.whole_akimat import AFTER

TAKEN_AT = AFTER + timedelta(hours=1)
TABLES = {table.label: table for table in EXPORTED}


def rows_of(table):
    """Every row of a table as JSON, by its text."""
    columns = ", ".join(connection.ops.quote_name(name) for name in table.columns)
    with connection.cursor() as cursor:
        statement = f"SELECT to_jsonb(given)::text FROM (SELECT {columns} FROM {table.name}) AS given"  # noqa: S608
        cursor.execute(statement)
        return [json.loads(row) for row in sorted(row for (row,) in cursor.fetchall())]


def snapshot():
    """Everything that has to be the same: rows, places, counters, rounds repeated."""
    counters = ListYearCount.objects.order_by("waiting_list", "year")
    return {
        "rows": {table.label: rows_of(table) for table in EXPORTED},
        "places": {entry.pk: queue.place_of(entry) for entry in QueueEntry.objects.all()},
        "counters": list(counters.values_list("waiting_list", "year", "entries", "months")),
        "runs": {run.pk: (run.result_sha256, replay(run)) for run in AllocationRun.objects.all()},
    }


def files_below(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def empty_installation(settings, folder):
    """What `migrate` leaves: no row, and an empty store of documents."""
    call_command("flush", interactive=False, verbosity=0)
    settings.MEDIA_ROOT = folder / "media"


def written(town, folder, *, at=AFTER):
    exporting.export(akimat=town.akimat, folder=folder, by=town.admin, at=at)
    return folder


def taken_in(folder, **changes):
    given = {"key": signing.public_key(), "is_rehearsal": False, "at": TAKEN_AT} | changes
    return importing.take_in(folder=folder, **given)


def is_empty():
    return not any(table.everywhere().exists() for table in EXPORTED)


def changed(name, old, new):
    def change(folder):
        path = folder / name
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new, 1))

    return change


def changed_line(name, number, old, new):
    def change(folder):
        path = folder / name
        lines = path.read_bytes().splitlines(keepends=True)
        assert old in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        path.write_bytes(b"".join(lines))

    return change


def resigned(folder, **changes):
    """The folder as its own keeper would sign it, with a manifest that fits its files."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for row in manifest["files"]:
        content = (folder / row["name"]).read_bytes()
        row |= {
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "rows": content.count(b"\n"),
        }
    content = canonical(manifest | changes)
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sig").write_bytes(signing.sign(content))
