"""
Writing a queue out: JSON Lines, a file for each table, the documents, a signed manifest, and a program that
checks it all.

One transaction sees one moment and records the act first, so the record is part of what is handed over. Rows
go from PostgreSQL to the file as they come; a hundred thousand entries need no more memory than one.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import BinaryField, FileField

from housing_queue.handover import consented, reach, verifier
from housing_queue.handover.schema import migrations
from housing_queue.handover.tables import ANSWERS, EXPORTED, PEOPLE, ROW, Table
from housing_queue.handover.writing import Written, write
from queue_registry import signing
from queue_registry.models import Akimat, QueueEntry, TrailHead, User
from queue_registry.models.counting import ACTIVE_SQL
from queue_registry.permissions import Permission, require
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.trail import canonical
from queue_registry.selectors import keepers
from queue_registry.services import audit

Tell = Callable[[str], None]
EVENT: Final = "register.exported"
_PLACES: Final = f"""
SELECT json_build_object(
    'entry', entry.id, 'file_number', entry.file_number, 'list', list.number,
    'place', 1 + queue_registry_ahead(entry.waiting_list_id, entry.registered_at, entry.file_number)
)
FROM queue_registry_queueentry AS entry
JOIN queue_registry_waitinglist AS list ON list.id = entry.waiting_list_id
WHERE entry.akimat_id = %s AND entry.status IN ({ACTIVE_SQL})
ORDER BY entry.id
"""  # noqa: S608 - names of ours
_WITHHELD: Final = f"""
SELECT count(*) FROM queue_registry_sourceanswer AS answer
WHERE person_id IN (SELECT id FROM {PEOPLE})
    AND NOT EXISTS (SELECT FROM {ANSWERS} AS given WHERE given.id = answer.id)
"""  # noqa: S608 - names of ours


class FolderTaken(Exception):
    """There is something in the folder already."""


def export(
    *, akimat: Akimat, folder: Path, by: User, at: datetime, tell: Tell = lambda _line: None
) -> dict[str, Any]:
    """
    Write the queue of an akimat into an empty folder and return the manifest.

    Before its keeper has changed it is a rehearsal; afterwards the queue rests here, and this is final.

    :raises NotAllowed: if the person may not hand the queue over.
    :raises FolderTaken: if the folder is not empty.
    """
    _take(folder)
    with transaction.atomic():
        manifest = _export(akimat, folder, by=by, at=at, tell=tell)
    # Only what was recorded for good is signed.
    _sign(folder, manifest)
    return manifest


def _export(akimat: Akimat, folder: Path, *, by: User, at: datetime, tell: Tell) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    on = civil_day(at)
    require(by, Permission.REGISTER_EXPORT, akimat, on)
    keeper = keepers.in_force(akimat, on=on)
    is_final = not keepers.is_kept_here(akimat, on=on)
    audit.record(akimat=akimat, by=by, at=at, event=EVENT, target=f"akimat:{akimat.kato}", is_final=is_final)
    reach.begin(akimat)
    reach.follow(akimat)
    consented.work_out(akimat, at=at)
    reach.follow(akimat)
    tell(f"{reach.count(PEOPLE)} people, {reach.count(ANSWERS)} answers of registers")
    files = [_write_table(table, akimat, folder, tell) for table in EXPORTED]
    files.append(write(folder / verifier.PLACES, _PLACES, [akimat.pk]))
    documents = _copy_documents(akimat, folder)
    files.append(documents)
    tell(f"documents: {documents.rows}")
    head = TrailHead.objects.get(pk=akimat.kato)
    return {
        "format": verifier.FORMAT,
        "akimat": {"kato": akimat.kato, "name_kk": akimat.name_kk, "name_ru": akimat.name_ru},
        "made_at": at.astimezone(UTC).isoformat(),
        "by": by.username,
        "is_final": is_final,
        "keeper": keeper.pk if keeper and is_final else None,
        "migrations": migrations(),
        "trail": {"seq": head.seq, "sha256": head.sha256},
        "entries": QueueEntry.objects.filter(akimat=akimat).count(),
        "documents": documents.rows,
        "sequences": _sequences(),
        "withheld_answers": _withheld(),
        "files": [one.as_json() for one in files],
    }


def _take(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderTaken(f"{folder} is not empty.")


def _write_table(table: Table, akimat: Akimat, folder: Path, tell: Tell) -> Written:
    rows, parameters = table.rows(akimat).values(*table.attributes).query.sql_with_params()
    quoted = connection.ops.quote_name
    columns = ", ".join(
        f"{table.replaced[name]} AS {quoted(name)}" if name in table.replaced else quoted(name)
        for name in table.columns
    )
    without = f" WHERE NOT ({table.without})" if table.without else ""
    statement = (
        f"SELECT row_to_json(given) FROM (SELECT {columns} FROM ({rows}) AS {ROW}{without}"  # noqa: S608
        f" ORDER BY {quoted(table.order or table.key)}) AS given"
    )
    statement = statement.replace("%(akimat)s", str(akimat.pk))
    has_papers = any(isinstance(field, BinaryField) for field in table.fields)
    written = write(folder / table.file, statement, list(parameters), in_pieces=has_papers)
    if written.rows:
        tell(f"{table.label}: {written.rows}")
    return written


def _copy_documents(akimat: Akimat, folder: Path) -> Written:
    (folder / verifier.MEDIA).mkdir()
    path = folder / verifier.DOCUMENTS
    digest, size, rows = hashlib.sha256(), 0, 0
    with path.open("xb") as out:
        for name in _document_names(akimat):
            line = canonical(_copy_document(name, folder / verifier.MEDIA)) + b"\n"
            out.write(line)
            digest.update(line)
            size, rows = size + len(line), rows + 1
    return Written(name=path.name, rows=rows, size=size, sha256=digest.hexdigest())


def _document_names(akimat: Akimat) -> Iterator[str]:
    for table in EXPORTED:
        for field in table.fields:
            if isinstance(field, FileField):
                names = table.rows(akimat).exclude(**{field.name: ""}).order_by("pk")
                yield from names.values_list(field.name, flat=True).iterator()


def _copy_document(name: str, folder: Path) -> dict[str, Any]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with default_storage.open(name) as document, path.open("xb") as out:
        for block in document.chunks():
            out.write(block)
            digest.update(block)
    return {"name": name, "sha256": digest.hexdigest(), "bytes": path.stat().st_size}


def _withheld() -> int:
    """How many answers about the people stay here."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHHELD)
        (answers,) = cursor.fetchone()
    return int(answers)


def _sequences() -> Mapping[str, int]:
    """The last key that each table gave: the trail names keys, and none may ever mean something else."""
    last = {}
    with connection.cursor() as cursor:
        for table in EXPORTED:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table.name, table.key])
            (sequence,) = cursor.fetchone()
            if sequence:
                cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
                (last[table.name],) = cursor.fetchone()
    return last


def _sign(folder: Path, manifest: Mapping[str, Any]) -> None:
    content = canonical(manifest)
    (folder / verifier.MANIFEST).write_bytes(content)
    (folder / verifier.SIGNATURE).write_bytes(signing.sign(content))
    (folder / verifier.KEY).write_text(signing.public_key())
    shutil.copyfile(Path(verifier.__file__), folder / verifier.VERIFIER)
