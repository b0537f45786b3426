"""The trail beside the same rows without a chain: a long one in bulk, and writers side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Thread
from time import perf_counter
from types import MappingProxyType
from typing import Final

from django.db import connection, transaction

from housing_queue.benchmarks import synthetic_register
from housing_queue.benchmarks.measuring import Measured, in_turn
from queue_registry.models import Akimat
from queue_registry.rules.trail import GENESIS, canonical
from queue_registry.services import audit

_EVENTS: Final = 1_000_000
_WRITERS: Final = 8
_WRITTEN_BY_EACH: Final = 100
_PLAIN: Final = "benchmark_plain_event"
_COLUMNS: Final = "akimat_kato, at, actor, seq, event, target, data, previous_sha256, sha256"
_AT: Final = synthetic_register.HOUSED


def measure_trail(entries: int = _EVENTS) -> Iterator[Measured]:
    """So many events, in a database of their own."""
    with synthetic_register.database_of_its_own():
        akimats = Akimat.objects.bulk_create(
            Akimat(kato=f"{100_000_000 + 1_000 * index}", name_kk="Ойдан", name_ru="Вымышленный")
            for index in range(synthetic_register.AKIMATS)
        )
        yield from measure(entries, akimats=akimats)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType(
    {"trail": measure_trail}
)


def measure(events: int, *, akimats: Sequence[Akimat]) -> Iterator[Measured]:
    """In bulk, then by writers side by side."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {_PLAIN} (LIKE queue_registry_auditevent INCLUDING ALL)")
        cursor.execute("CREATE SEQUENCE benchmark_plain_seq START 1000000000")
    yield _measure_bulk(events, akimats)
    yield _measure_writers(akimats)


def _measure_bulk(events: int, akimats: Sequence[Akimat]) -> Measured:
    """An act of thousands of events in each akimat, and a COPY of rows of the same size without a chain."""
    times, share = 3, max(1, events // len(akimats))
    acts = [
        audit.Act(
            event="queue_entry.registered",
            target=f"queue_entry:{number}",
            data={"file_number": "271010-0000001-0", "list": "4", "ground": "IMPORT", "provisional": False},
        )
        for number in range(share)
    ]
    round_number = 0

    def chain() -> None:
        for akimat in akimats:
            with transaction.atomic():
                audit.record_many(akimat=akimat, by="benchmark", at=_AT, acts=acts)

    def copy() -> None:
        nonlocal round_number
        round_number += 1
        for akimat in akimats:
            _copy(akimat, acts, first=round_number * share)

    seconds, floor = in_turn(work=chain, floor=copy, times=times)
    note = f"{share * len(akimats):,} events on {len(akimats)} chains; seconds, median of {times}"
    return Measured(work="trail.bulk", value=seconds, floor=floor, note=note)


def _copy(akimat: Akimat, acts: Sequence[audit.Act], *, first: int) -> None:
    """The same COPY without the chain: its digests are any 64 digits."""
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {_PLAIN} ({_COLUMNS}) FROM STDIN") as copy,
    ):
        for seq, act in enumerate(acts, first):
            data = canonical(act.data).decode()
            row = (akimat.kato, _AT, "benchmark", seq, act.event, act.target, data, GENESIS, GENESIS)
            copy.write_row(row)


def _measure_writers(akimats: Sequence[Akimat]) -> Measured:
    """Durable single records by writers side by side, and single inserts of the same rows without a chain."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        (fsync,) = cursor.fetchone()
    floors, works = [], []
    for _ in range(3):
        floors.append(_rate(akimats, _insert))
        works.append(_rate(akimats, _record))
    note = f"{_WRITERS} writers on {len(akimats)} chains, fsync {fsync}; events a second, median of three"
    return Measured(work="trail.writers", value=sorted(works)[1], floor=sorted(floors)[1], note=note)


def _rate(akimats: Sequence[Akimat], write: Callable[[Akimat, int], None]) -> float:
    """Events a second."""

    def work(writer: int) -> None:
        for number in range(_WRITTEN_BY_EACH):
            write(akimats[(number * _WRITERS + writer) * 37 % len(akimats)], number)
        connection.close()

    threads = [Thread(target=work, args=(writer,)) for writer in range(_WRITERS)]
    begin = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _WRITERS * _WRITTEN_BY_EACH / (perf_counter() - begin)


def _record(akimat: Akimat, number: int) -> None:
    with transaction.atomic():
        audit.record(
            akimat=akimat, by="benchmark", at=_AT, event="thing.done", target=f"thing:{number}", kind="any"
        )


def _insert(akimat: Akimat, number: int) -> None:
    statement = (
        f"INSERT INTO {_PLAIN} ({_COLUMNS})"  # noqa: S608 - names of ours
        " VALUES (%s, %s, %s, nextval('benchmark_plain_seq'), %s, %s, %s, %s, %s)"
    )
    row = (akimat.kato, _AT, "benchmark", "thing.done", f"thing:{number}", '{"kind":"any"}', GENESIS, GENESIS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, row)
