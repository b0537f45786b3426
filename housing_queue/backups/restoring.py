"""
The way back: a backup into an empty database and an empty store of documents, all of it or nothing.

The file is read twice. First to its end, writing nothing; then the database is filled in one transaction,
which ends with a comparison of every table's rows and every trail's head with the manifest. The documents are
laid beside their place and moved there when the database has said yes.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from django.conf import settings
from django.db import connection

from housing_queue.backups import contents, reading
from housing_queue.backups.contents import State
from housing_queue.backups.filling import filling

_NOTHING_THERE: Final = """
SELECT NOT EXISTS (
    SELECT FROM pg_class JOIN pg_namespace AS schema ON schema.oid = relnamespace
    WHERE schema.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND relkind IN ('r', 'p', 'S', 'v', 'm')
)
"""


class NotEmpty(Exception):
    """There is something where the backup would go."""


def restore(path: Path, *, tell: Callable[[str], None] = lambda _line: None) -> State:
    """
    Bring a backup back and return the state that it was checked against.

    :raises NotEmpty: if the database has a table, or the store a document.
    :raises housing_queue.backups.sealed_stream.Unreadable: if the file does not hold; nothing was written.
    :raises housing_queue.backups.filling.RestoreFailed: if PostgreSQL refused; nothing was kept.
    """
    store = Path(settings.MEDIA_ROOT)
    _must_be_empty(store)
    manifest = reading.check(path)
    state = State.from_json(manifest)
    tell(
        f"made at {manifest['made_at']}: whole, {sum(state.counts.values())} rows,"
        f" {len(manifest['media'])} documents"
    )
    aside = store.with_name(f"{store.name}.restoring")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        with filling() as database:
            for name, content in reading.members(path):
                if name.startswith(contents.DATABASE):
                    database.write(content)
                elif name.startswith(contents.MEDIA):
                    _lay(aside, name.removeprefix(contents.MEDIA), content)
            database.finish(contents.state_check(state))
        if store.exists():
            store.rmdir()
        aside.rename(store)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    tell("database and documents are back; rows and heads of the trails are those of the manifest")
    return state


def _must_be_empty(store: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_NOTHING_THERE)
        (nothing_there,) = cursor.fetchone()
    if not nothing_there:
        raise NotEmpty("The database is not empty: a backup goes into a new one, without tables.")
    if store.exists() and any(store.iterdir()):
        raise NotEmpty("The store of documents is not empty.")


def _lay(folder: Path, name: str, content: IO[bytes]) -> None:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise reading.ManifestDiffers("A document of the backup lies outside of the store.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as out:
        shutil.copyfileobj(content, out, 1 << 20)
