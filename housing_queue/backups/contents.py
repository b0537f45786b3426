"""
What a backup holds: the manifest, and the state of the database that it tells.

Inside the sealed stream is a tar: `database/00000000` and on (the pieces of pg_dump's custom format),
`media/NAME` for every document, and `manifest.json` at the end.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.files.storage import Storage
from django.db import connection

FORMAT: Final = "backup/1"
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database/"
MEDIA: Final = "media/"
# One piece is in memory at a time.
PIECE: Final = 8 << 20
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Digest and length of a file."""

    sha256: str
    size: int

    def as_json(self) -> dict[str, Any]:
        return {"sha256": self.sha256, "bytes": self.size}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the database held: rows of each table, head of each trail, newest migration of each app."""

    counts: Mapping[str, int]
    heads: Mapping[str, tuple[int, str]]
    migrations: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            "trail_heads": {
                kato: {"seq": seq, "sha256": digest} for kato, (seq, digest) in self.heads.items()
            },
            "migrations": dict(self.migrations),
        }

    @classmethod
    def from_json(cls, manifest: Mapping[str, Any]) -> "State":
        return cls(
            counts={name: int(count) for name, count in manifest["counts"].items()},
            heads={
                kato: (int(head["seq"]), head["sha256"]) for kato, head in manifest["trail_heads"].items()
            },
            migrations=dict(manifest["migrations"]),
        )


def state() -> State:
    """Read the state of the database within the transaction that is open."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        counts = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            (counts[table],) = cursor.fetchone()
        cursor.execute("SELECT akimat_kato, seq, sha256 FROM queue_registry_trailhead ORDER BY akimat_kato")
        heads = {kato: (seq, digest) for kato, seq, digest in cursor.fetchall()}
        cursor.execute("SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app")
        migrations = dict(cursor.fetchall())
    return State(counts=counts, heads=heads, migrations=migrations)


def state_check(expected: State) -> str:
    """Return SQL that fails, and so undoes its transaction, if a table or a trail is not as it was."""
    checks = [
        f"IF (SELECT count(*) FROM public.{_checked(name)}) <> {count:d} THEN\n"  # noqa: S608
        f"RAISE EXCEPTION 'restore_differs: rows of {name}'; END IF;"
        for name, count in expected.counts.items()
    ]
    for kato, (seq, digest) in expected.heads.items():
        if not re.fullmatch(r"[0-9]{9}", kato) or not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise ValueError("The manifest names a head of a trail that can't be one.")
        checks.append(
            f"IF NOT EXISTS (SELECT FROM public.queue_registry_trailhead WHERE akimat_kato = '{kato}'"
            f" AND seq = {seq:d} AND sha256 = '{digest}') THEN\n"
            f"RAISE EXCEPTION 'restore_differs: trail of {kato}'; END IF;"
        )
    body = "\n".join(checks)
    return f"\nDO $check$ BEGIN\n{body}\nEND $check$;\n"


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("The manifest names a table that can't be one.")
    return name


def document_names(storage: Storage) -> Iterator[str]:
    """Yield the name of every stored document, folder by folder."""
    for _prefix, names in documents_by_folder(storage):
        yield from names


def documents_by_folder(storage: Storage, folder: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield how the names of each folder begin, and the names in it, before the next one is read."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    yield prefix, [f"{prefix}{name}" for name in sorted(files)]
    for name in sorted(folders):
        yield from documents_by_folder(storage, f"{prefix}{name}")


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """Return a manifest as it is stored."""
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
