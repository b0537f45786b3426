"""
Taking a queue in: the files checked, every row under its own key; trail, places and rounds compared.

One transaction: the database looks at every row as at a new one (an entry without its event is refused, a
removal without its case is refused), and what differs in the end undoes all of it.
"""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from allocation.models import AllocationRun
from allocation.services.replays import replay
from housing_queue import privileges
from housing_queue.handover import filling, verifier
from housing_queue.handover.schema import migrations
from housing_queue.handover.tables import EXPORTED, Table
from queue_registry import signing
from queue_registry.models import Akimat, QueueKeeper
from queue_registry.selectors import trail
from queue_registry.services import keepers

Tell = Callable[[str], None]
_PLACES: Final = """
SELECT count(*) FROM handover_lines
LEFT JOIN queue_registry_queueentry AS entry ON entry.id = (line->>'entry')::bigint
LEFT JOIN queue_registry_waitinglist AS list ON list.id = entry.waiting_list_id
WHERE (line->>'file_number', line->>'list', (line->>'place')::bigint) IS DISTINCT FROM (
    entry.file_number, list.number,
    1 + queue_registry_ahead(entry.waiting_list_id, entry.registered_at, entry.file_number)
)
"""


class Refused(Exception):
    """The hand-over was not taken in, and nothing of it is here."""


def take_in(
    *, folder: Path, key: str, is_rehearsal: bool, at: datetime, tell: Tell = lambda _line: None
) -> dict[str, Any]:
    """
    Take a queue into an empty installation and return the manifest.

    :param key: the public key of the keeper before, as PEM, from elsewhere than the folder.
    :raises Refused: naming the first thing that is in the way.
    """
    _must_own_the_tables()
    manifest = _checked(folder, key=key, is_rehearsal=is_rehearsal)
    tell("the files are those of the manifest; the trail is whole, the places follow from the entries")
    kept: list[Path] = []
    try:
        with transaction.atomic():
            _must_be_empty()
            for table in EXPORTED:
                _fill(table, folder, rows=_rows(manifest, table.file), tell=tell)
            _advance(manifest["sequences"])
            _settle()
            _compare(folder, manifest, tell=tell)
            _record(folder, manifest, is_rehearsal=is_rehearsal, at=at)
            _lay_documents(folder, kept)
    except BaseException as error:
        for path in kept:
            path.unlink(missing_ok=True)
        if isinstance(error, IntegrityError):
            raise Refused(f"The database refuses a row: {filling.said(error)}") from error
        if isinstance(error, filling.RowRefused):
            raise Refused(str(error)) from error
        raise
    tell(f"documents: {manifest['documents']}")
    return manifest


def _must_own_the_tables() -> None:
    """Who only works with rows cannot say behind which number keys go on, and would fail at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
    if not privileges.is_owner(role):
        raise Refused(f"{role} does not own the tables; who does takes a queue in (docs/handover.md).")


def _checked(folder: Path, *, key: str, is_rehearsal: bool) -> dict[str, Any]:
    try:
        signature = (folder / verifier.SIGNATURE).read_bytes()
        is_signed = signing.is_signed((folder / verifier.MANIFEST).read_bytes(), signature, by=key)
        manifest = verifier.read_manifest(folder)
        if not is_signed:
            raise Refused("The manifest is not signed with this key.")
        if manifest["migrations"] != migrations():
            raise Refused("Another version wrote it: both installations have to be of the same.")
        if not (manifest["is_final"] or is_rehearsal):
            raise Refused("It is a rehearsal: its keeper has not changed yet, and the queue goes on there.")
        return verifier.verify(folder)
    except (OSError, ValueError, verifier.Differs) as error:
        raise Refused(str(error)) from error


def _rows(manifest: Mapping[str, Any], name: str) -> int:
    return next((int(row["rows"]) for row in manifest["files"] if row["name"] == name), 0)


def _must_be_empty() -> None:
    for table in EXPORTED:
        if table.everywhere().exists():
            raise Refused(f"This installation is not empty: {table.label} has rows.")


def _fill(table: Table, folder: Path, *, rows: int, tell: Tell) -> None:
    if rows:
        filling.fill(table, folder, rows=rows)
        tell(f"{table.label}: {rows}")


def _advance(sequences: Mapping[str, int]) -> None:
    """No key that the trail or a document names may be given a second time."""
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in EXPORTED:
            if table.name in sequences:
                newest = f"SELECT coalesce(max({quoted(table.key)}), 1) FROM {quoted(table.name)}"  # noqa: S608
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence(%s, %s), greatest(%s, ({newest})))",
                    [table.name, table.key, sequences[table.name]],
                )


def _settle() -> None:
    """What the database asks at the end of a transaction is asked now, and its plans know the rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ANALYZE")


def _compare(folder: Path, manifest: Mapping[str, Any], *, tell: Tell) -> None:
    """The trail, the places and the rounds are here what they were there."""
    kato = manifest["akimat"]["kato"]
    chain = trail.walk(kato, published_head=manifest["trail"]["sha256"])
    if chain.fault or (chain.links, chain.sha256) != (manifest["trail"]["seq"], manifest["trail"]["sha256"]):
        raise Refused(f"The trail differs: {chain.fault or 'its end is another'}.")
    tell(f"the same trail: {chain.links} rows, digest {chain.sha256}")
    filling.load(folder / verifier.PLACES)
    with connection.cursor() as cursor:
        cursor.execute(_PLACES)
        (wrong,) = cursor.fetchone()
    if wrong:
        raise Refused(f"{wrong} places differ.")
    tell(f"the same places: {_rows(manifest, verifier.PLACES)}")
    runs = AllocationRun.objects.filter(executed_at__isnull=False).select_related("round__akimat")
    for run in runs.order_by("pk").iterator(chunk_size=1):
        if differences := replay(run):
            raise Refused(f"Run {run.pk} of round {run.round.number} differs: {differences[0].where}.")
    tell(f"the same rounds: {runs.count()} runs repeated, the same bytes")


def _record(folder: Path, manifest: Mapping[str, Any], *, is_rehearsal: bool, at: datetime) -> None:
    kept = QueueKeeper.objects.filter(pk=manifest["keeper"]).first()
    keepers.take_over(
        akimat=Akimat.objects.get(kato=manifest["akimat"]["kato"]),
        keeper=None if is_rehearsal else kept,
        handed_over=keepers.HandedOver(
            by=manifest["by"],
            manifest_sha256=_sha256(folder / verifier.MANIFEST),
            trail_head=manifest["trail"]["sha256"],
        ),
        at=at,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lay_documents(folder: Path, kept: list[Path]) -> None:
    """Documents keep their names; what was laid is known, so that it can be taken away again."""
    store = Path(settings.MEDIA_ROOT)
    with verifier.rows_of(folder, verifier.DOCUMENTS) as rows:
        for row in rows:
            path = store / row["name"]
            is_there = path.exists()
            # The same one was left by an import that was killed: no row names it.
            if is_there and _sha256(path) != row["sha256"]:
                raise Refused(f"{row['name']}: another document lies under this name.")
            kept.append(path)
            if not is_there:
                _lay(folder / verifier.MEDIA / row["name"], path)


def _lay(source: Path, path: Path) -> None:
    """Whole or not at all: what was killed in between leaves nothing under the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        shutil.copyfile(source, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
