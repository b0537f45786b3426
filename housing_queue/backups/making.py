"""Making a backup: pg_dump and the documents, sealed as they come; nothing of them lies open on the disk."""

import hashlib
import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from housing_queue.backups import contents, programs
from housing_queue.backups.contents import Content
from housing_queue.backups.sealed_stream import Sealer, secret

_MODE: Final = 0o600


class BackupFailed(Exception):
    """Nothing was kept."""


def make(folder: Path, *, at: datetime, tell: Callable[[str], None] = lambda _line: None) -> Path:
    """
    Write a backup into a folder and return its path; it gets its name when it is whole.

    :raises BackupFailed: if pg_dump failed.
    """
    key = secret()
    pg_dump = programs.find("pg_dump")
    programs.must_serve(pg_dump)
    path = folder / f"kezek-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup"
    part = path.with_suffix(".part")
    try:
        part.touch(mode=_MODE, exist_ok=False)
        with part.open("wb") as out:
            sealer = Sealer(out, key)
            with tarfile.open(fileobj=sealer, mode="w|", bufsize=1 << 20) as archive:  # type: ignore[call-overload]
                _fill(archive, pg_dump=pg_dump, at=at, tell=tell)
            sealer.close()
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _fill(archive: tarfile.TarFile, *, pg_dump: str, at: datetime, tell: Callable[[str], None]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # pg_dump and we see the same moment, however long it takes.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        state = contents.state()
        tell(f"{len(state.counts)} tables, {sum(state.counts.values())} rows")
        database = _dump(archive, pg_dump=pg_dump, snapshot=snapshot, at=at)
    tell(f"database: {database.size} bytes")
    media = {}
    # Documents are only ever added: those of the snapshot were there before it.
    for name in contents.document_names(default_storage):
        media[name] = _add_document(archive, name, at=at)
    tell(f"documents: {len(media)}")
    manifest = {
        "format": contents.FORMAT,
        "made_at": at.astimezone(UTC).isoformat(),
        "postgresql": connection.pg_version,  # type: ignore[attr-defined,unused-ignore]
        "database": database.as_json(),
        "media": {name: content.as_json() for name, content in media.items()},
        **state.as_json(),
    }
    _add(archive, contents.MANIFEST, contents.manifest_bytes(manifest), at=at)


def _dump(archive: tarfile.TarFile, *, pg_dump: str, snapshot: str, at: datetime) -> Content:
    """The dump as it comes, cut into pieces of which one is in memory."""
    command = [pg_dump, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    digest, size, number = hashlib.sha256(), 0, 0
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(  # noqa: S603 - a program of PostgreSQL
            [*command, f"--dbname={programs.address()}"],
            env=programs.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as process,
    ):
        while process.stdout and (piece := process.stdout.read(contents.PIECE)):
            _add(archive, f"{contents.DATABASE}{number:08}", piece, at=at)
            digest.update(piece)
            size, number = size + len(piece), number + 1
        if process.wait() != 0:
            errors.seek(0)
            raise BackupFailed(f"pg_dump: {errors.read().decode(errors='replace').strip()}")
    return Content(sha256=digest.hexdigest(), size=size)


def _add(archive: tarfile.TarFile, name: str, content: bytes, *, at: datetime) -> None:
    archive.addfile(_member(name, len(content), at=at), io.BytesIO(content))


def _add_document(archive: tarfile.TarFile, name: str, *, at: datetime) -> Content:
    with default_storage.open(name) as document:
        size = document.size
        reading = _Digesting(document)
        archive.addfile(_member(f"{contents.MEDIA}{name}", size, at=at), reading)  # type: ignore[arg-type]
    return Content(sha256=reading.digest.hexdigest(), size=size)


class _Digesting:
    """Hashes what is read through it."""

    def __init__(self, source: "File[bytes]") -> None:
        self._source, self.digest = source, hashlib.sha256()

    def read(self, size: int) -> bytes:
        content: bytes = self._source.read(size)
        self.digest.update(content)
        return content


def _member(name: str, size: int, *, at: datetime) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, int(at.timestamp()), _MODE
    return member
