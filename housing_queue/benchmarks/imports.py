"""
Old lists put in, beside a bare binary COPY of the same rows into the same table.

All checks are in it: decoding, header and shape of every row, every cell read, digest, rows kept with their
batch and its record in the trail, and the ledger of them with every code. Only the registers' answers are
none: nobody was asked yet.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Final

from django.db import connection, transaction

from housing_queue import founding
from housing_queue.benchmarks import synthetic_lists, synthetic_register
from housing_queue.benchmarks.measuring import MEGABYTE, Measured, in_turn
from queue_registry.models import Akimat, ImportBatch, User
from queue_registry.rules.legacy.codes import Source
from queue_registry.selectors import ledgers
from queue_registry.services import imports

ENTRIES: Final = 100_000
_AT: Final = datetime(2026, 9, 1, 4, tzinfo=UTC)
_ROWS: Final = (
    "batch_id, sheet, sheet_no, row, cells, malformed, digest, iin, number, state, codes, answered, remarks,"
    " questions"
)
_OUT: Final = f"COPY (SELECT {_ROWS} FROM queue_registry_importrow) TO STDOUT (FORMAT BINARY)"  # noqa: S608
_IN: Final = f"COPY queue_registry_importrow ({_ROWS}) FROM STDIN (FORMAT BINARY)"
_BLOCK: Final = 1_000_000


def measure_imports(entries: int = ENTRIES) -> Iterator[Measured]:
    """A csv beside its floor, memory, and a whole import of a workbook with its second person."""
    with synthetic_register.database_of_its_own():
        yield from measure(entries)


def measure(entries: int) -> Iterator[Measured]:
    """The same in the database that is connected, which holds no register yet."""
    founded = founding.found(kato="271010000", at=_AT, on=date(2026, 9, 1))
    work = _Import(founded.akimat, founded.staff["clerk"])
    csv = imports.GivenFile(source=Source.SPP, name="spp.csv", content=synthetic_lists.spp_list(entries))
    # First of all: later the process holds what earlier turns have let go of.
    yield work.memory(csv, entries)
    yield from work.beside_copy("import.csv", csv, entries)
    del csv
    book = imports.GivenFile(
        source=Source.PAPER, name="paper.xlsx", content=synthetic_lists.paper_list(entries)
    )
    yield work.whole("import.xlsx", book, founded.staff["supervisor"], entries)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType(
    {"import": measure_imports}
)


class _Import:
    """One akimat and one clerk who puts files in, each time as if for the first time."""

    def __init__(self, akimat: Akimat, clerk: User) -> None:
        self._akimat = akimat
        self._clerk = clerk

    def beside_copy(self, work: str, file: imports.GivenFile, entries: int) -> Iterator[Measured]:
        """A file put in and its ledger made, and the COPY of its rows; both are rolled back."""
        batch, rows = self._copied_out(file)

        def floor() -> None:
            with _rolled_back():
                batch.save(force_insert=True)
                with connection.cursor() as cursor, cursor.copy(_IN) as copied:
                    for start in range(0, len(rows), _BLOCK):
                        copied.write(rows[start : start + _BLOCK])

        seconds, least = in_turn(work=lambda: self._put_in_and_reckon(file), floor=floor)
        yield Measured(
            work=work,
            value=seconds,
            floor=least,
            note=f"{entries:,} rows, {len(file.content) / MEGABYTE:.0f} MB; seconds, median of five",
        )

    def memory(self, file: imports.GivenFile, entries: int) -> Measured:
        """What the process takes at the most above what it held before, by the system's own count."""
        gc.collect()
        before = _status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        self._put_in_and_reckon(file)
        most = _status("VmHWM") - before
        return Measured(
            work="import.rss", value=most, note=f"{entries:,} rows of csv; megabytes above before"
        )

    def whole(self, work: str, file: imports.GivenFile, supervisor: User, entries: int) -> Measured:
        """From the file to entries in the queue: put in, confirmed, settled, committed."""
        gc.collect()
        begin = perf_counter()
        imports.put_in(akimat=self._akimat, file=file, by=self._clerk, at=_AT)
        between = perf_counter()
        imports.confirm(akimat=self._akimat, by=supervisor, at=_AT)
        seconds = perf_counter() - begin
        note = f"{entries:,} rows, of them putting in {between - begin:.1f} s; seconds, once"
        return Measured(work=work, value=seconds, note=note)

    def _put_in_and_reckon(self, file: imports.GivenFile) -> None:
        with _rolled_back():
            made = imports.read_in(akimat=self._akimat, file=file, by=self._clerk, at=_AT)
            ledgers.make(made.rows, akimat=self._akimat, on=_AT.date())

    def _copied_out(self, file: imports.GivenFile) -> tuple[ImportBatch, bytes]:
        """The rows of a file as PostgreSQL itself writes them, and the batch that they name."""
        with _rolled_back():
            batch = imports.put_in(akimat=self._akimat, file=file, by=self._clerk, at=_AT)
            with connection.cursor() as cursor, cursor.copy(_OUT) as copied:
                return batch, b"".join(bytes(block) for block in copied)


@contextmanager
def _rolled_back() -> Iterator[None]:
    """One transaction that ends as a commit would, every deferred check made, and leaves nothing."""
    with transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def _status(name: str) -> float:
    """Megabytes of a line of this process's status."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    line = next(line for line in lines if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024 / MEGABYTE
