"""pg_restore and psql, one after the other: the dump becomes SQL, and the SQL one transaction."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Thread
from typing import IO, Final

from housing_queue.backups import programs

_PSQL: Final = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction", "-f", "-")
# The extension and its comment are the database owner's, who is not us.
_PG_RESTORE: Final = ("--no-owner", "--no-privileges", "--no-comments", "-f", "-")


class RestoreFailed(Exception):
    """PostgreSQL refused; its transaction was undone."""


@dataclass(frozen=True, kw_only=True)
class Filling:
    """A database that is being filled: `write` the dump, then `finish`, which alone commits."""

    dump: IO[bytes]
    sql: IO[bytes]
    pg_restore: "subprocess.Popen[bytes]"
    psql: "subprocess.Popen[bytes]"
    between: Thread
    errors: IO[bytes]

    def write(self, content: IO[bytes]) -> None:
        """Hand a piece of the dump to pg_restore."""
        try:
            shutil.copyfileobj(content, self.dump, 1 << 20)
        except BrokenPipeError as error:
            raise self._failure() from error

    def finish(self, check: str) -> None:
        """
        End the dump, run the check in the same transaction, and commit.

        :raises RestoreFailed: if one of the programs or the check said no.
        """
        try:
            self.dump.close()
            self.between.join()
            if self.pg_restore.wait() != 0:
                raise self._failure()
            self.sql.write(check.encode())
            self.sql.close()
        except BrokenPipeError as error:
            raise self._failure() from error
        if self.psql.wait() != 0:
            raise self._failure()

    def _failure(self) -> RestoreFailed:
        end(self.psql, self.pg_restore)
        self.errors.seek(0)
        return RestoreFailed(self.errors.read().decode(errors="replace").strip() or "PostgreSQL ended early.")


@contextmanager
def filling() -> Iterator[Filling]:
    """While inside, the database of the settings can be filled; left without `finish`, nothing is kept."""
    psql, pg_restore = programs.find("psql"), programs.find("pg_restore")
    programs.must_serve(psql)
    with tempfile.TemporaryFile() as errors:
        filled = _start([psql, *_PSQL, f"--dbname={programs.address()}"], errors, reads_on=False)
        restored = _start([pg_restore, *_PG_RESTORE], errors, reads_on=True)
        between = Thread(target=_hand_on, args=(restored, filled), daemon=True)
        between.start()
        try:
            yield Filling(
                dump=_pipe(restored.stdin),
                sql=_pipe(filled.stdin),
                pg_restore=restored,
                psql=filled,
                between=between,
                errors=errors,
            )
        finally:
            # An uncommitted transaction goes with its connection.
            end(filled, restored)
            between.join()
            for pipe in (filled.stdin, restored.stdin, restored.stdout):
                with suppress(BrokenPipeError):
                    _pipe(pipe).close()


def end(*processes: "subprocess.Popen[bytes]") -> None:
    """Kill what still runs, and wait for all."""
    for process in processes:
        process.kill()
        process.wait()


def _start(command: list[str], errors: IO[bytes], *, reads_on: bool) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - programs of PostgreSQL
        command,
        env=programs.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE if reads_on else subprocess.DEVNULL,
        stderr=errors,
    )


def _hand_on(restored: "subprocess.Popen[bytes]", filled: "subprocess.Popen[bytes]") -> None:
    """From pg_restore to psql; if psql has ended, pg_restore need not go on."""
    try:
        shutil.copyfileobj(_pipe(restored.stdout), _pipe(filled.stdin), 1 << 20)
    except BrokenPipeError:
        restored.kill()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RestoreFailed("A program of PostgreSQL was started without its pipes.")
    return pipe
