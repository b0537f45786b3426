"""
The register at the size of the country: a place, a removal, a new moment, a past day, a long trail; each
beside the least that it could be.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from threading import Event, Thread
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final

import psycopg
from django.db import connection, transaction

from housing_queue.benchmarks import synthetic_register, trail
from housing_queue.benchmarks.measuring import Measured, in_turn
from housing_queue.benchmarks.synthetic_register import Built
from queue_registry.models import Akimat
from queue_registry.models.counting import ACTIVE_SQL
from queue_registry.selectors import as_of, queue
from queue_registry.services import audit

ENTRIES: Final = 1_000_000
# A place is asked for at this part of all entries: 100,000 of a million.
_DEPTH: Final = 10
_ASKED: Final = 2_000
_MOVED: Final = 200
_CHECKED: Final = 100
_WRITERS: Final = 4
_ENTRIES: Final = "queue_registry_queueentry"
_PLAIN: Final = "benchmark_plain_entry"


def measure_register(entries: int = ENTRIES) -> Iterator[Measured]:
    """Everything of the register, on one built register."""
    with synthetic_register.database_of_its_own():
        yield from measure(entries)


def measure(entries: int) -> Iterator[Measured]:
    """The same in the database that is connected, which holds no register yet."""
    built = synthetic_register.build(entries)
    with synthetic_register.connect() as driver:
        subjects = _subjects(driver, built)
        size = f"{entries:,} entries, {built.events:,} events, put in within {built.seconds:.0f} s"
        yield from _measure_place(driver, subjects, note=f"{size}; depth {entries // _DEPTH:,}; milliseconds")
        yield _wrong_under_writers(driver, built, subjects)
        yield from _measure_moves(driver, built, subjects)
        yield _measure_as_of(built)
        yield from trail.measure(entries, akimats=built.akimats)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType(
    {"register": measure_register}
)


def _subjects(driver: "psycopg.Connection[Any]", built: Built) -> list[int]:
    """Keys of the entries about the depth that is asked for, in order."""
    return [
        key
        for (key,) in driver.execute(
            f"SELECT id FROM {_ENTRIES} WHERE waiting_list_id = %s AND status IN ({ACTIVE_SQL})"  # noqa: S608
            " ORDER BY registered_at, file_number OFFSET %s LIMIT %s",
            [built.biggest.pk, max(built.entries // _DEPTH - _ASKED // 4, 0), _ASKED],
        )
    ]


_PLACE: Final = f"""
    SELECT 1 + queue_registry_ahead(waiting_list_id, registered_at, file_number)
    FROM {_ENTRIES} WHERE id = %s AND status IN ({ACTIVE_SQL})
"""  # noqa: S608 - names of ours


def _measure_place(
    driver: "psycopg.Connection[Any]", subjects: Sequence[int], *, note: str
) -> Iterator[Measured]:
    """The statement of `selectors.queue`, and a look-up by the key of the same row; each prepared."""
    look_up = f"SELECT id, status FROM {_ENTRIES} WHERE id = %s"  # noqa: S608 - names of ours
    places, floors = _pairs(
        subjects,
        work=lambda key: driver.execute(_PLACE, [key], prepare=True).fetchone(),
        floor=lambda key: driver.execute(look_up, [key], prepare=True).fetchone(),
    )
    yield Measured(
        work="register.place_p50", value=median(places) * 1000, floor=median(floors) * 1000, note=note
    )
    yield Measured(work="register.place_p99", value=_p99(places) * 1000, floor=_p99(floors) * 1000, note=note)


def _p99(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=100)[98]


def _pairs(
    keys: Sequence[int], *, work: Callable[[int], object], floor: Callable[[int], object]
) -> tuple[list[float], list[float]]:
    """Seconds of floor and work for each key, in turn, after some that do not count."""
    worked, floored = [], []
    for number, key in enumerate([*keys[:50], *keys]):
        begin = perf_counter()
        floor(key)
        between = perf_counter()
        work(key)
        end = perf_counter()
        if number >= min(50, len(keys)):
            floored.append(between - begin)
            worked.append(end - between)
    return worked, floored


def _wrong_under_writers(
    driver: "psycopg.Connection[Any]", built: Built, subjects: Sequence[int]
) -> Measured:
    """Places asked for while others remove, restore and re-date entries before them, beside a full count."""
    counted = f"""
        SELECT place FROM (
            SELECT id, row_number() OVER (ORDER BY registered_at, file_number) AS place
            FROM {_ENTRIES} WHERE waiting_list_id = %s AND status IN ({ACTIVE_SQL})
        ) AS ranked WHERE id = %s
    """  # noqa: S608 - names of ours
    wrong, places = 0, set()
    with _writers(built) as written:
        for number in range(_CHECKED):
            key = subjects[number * len(subjects) // _CHECKED]
            with driver.transaction():
                driver.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                place = driver.execute(_PLACE, [key], prepare=True).fetchone()
                wrong += place != driver.execute(counted, [built.biggest.pk, key]).fetchone()
                places.add(place)
    note = f"of {_CHECKED} asked while {_WRITERS} writers made {sum(written):,} changes to the same list"
    return Measured(work="register.place.wrong", value=wrong, note=note)


@contextmanager
def _writers(built: Built) -> Iterator[list[int]]:
    """Threads that change the biggest list while the block runs; each counts its changes."""
    enough, written = Event(), [0] * _WRITERS
    threads = [
        Thread(target=_write, args=(built, number, written, enough), daemon=True)
        for number in range(_WRITERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        enough.set()
        for thread in threads:
            thread.join()


def _write(built: Built, number: int, written: list[int], enough: Event) -> None:
    chance = random.Random(number)  # noqa: S311 - which entry is touched
    many = built.entries * synthetic_register.BIGGEST // 1000
    statements = (
        f"UPDATE {_ENTRIES} SET status = 'HOUSED' WHERE id = %s",  # noqa: S608 - names of ours
        f"UPDATE {_ENTRIES} SET status = 'WAITING' WHERE id = %s",  # noqa: S608 - names of ours
        f"UPDATE {_ENTRIES} SET registered_at = registered_at - interval '40 days' WHERE id = %s",  # noqa: S608
    )
    with synthetic_register.connect() as driver:
        while not enough.is_set():
            # Each writer has entries of its own.
            key = chance.randrange(many // _WRITERS) * _WRITERS + number + 1
            driver.execute(chance.choice(statements), [min(key, many)])
            written[number] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """A change of an entry, and how it is undone so that the next has an entry to change."""

    work: str
    change: str
    back: str


_MOVES: Final = (
    _Move(
        work="register.removal",
        change="UPDATE {table} SET status = 'DEREGISTERED' WHERE id = %s",
        back="UPDATE {table} SET status = 'WAITING' WHERE id = ANY(%s)",
    ),
    _Move(
        work="register.backdate",
        change="UPDATE {table} SET registered_at = registered_at - interval '9 years' WHERE id = %s",
        back="UPDATE {table} SET registered_at = registered_at + interval '9 years' WHERE id = ANY(%s)",
    ),
)


def _measure_moves(
    driver: "psycopg.Connection[Any]", built: Built, subjects: Sequence[int]
) -> Iterator[Measured]:
    """
    A change of status or moment beside the same of a plain table with the same rows and indexes; then the
    same with its record in the trail, by the service that writes it.
    """
    (fsync,) = driver.execute("SHOW fsync").fetchone() or ("",)
    driver.execute(f"CREATE TABLE {_PLAIN} (LIKE {_ENTRIES} INCLUDING ALL)")
    driver.execute(f"INSERT INTO {_PLAIN} SELECT * FROM {_ENTRIES}")  # noqa: S608 - names of ours
    driver.execute(f"ANALYZE {_PLAIN}")
    keys = subjects[:_MOVED]
    _allow_removal(driver, keys, user=built.user.pk)
    akimat = built.biggest.akimat
    note = f"a transaction each, fsync {fsync}; milliseconds, median of {len(keys)}"
    for move in _MOVES:
        change = move.change.format(table=_ENTRIES)
        acts = {
            move.work: partial(_execute, driver, change),
            f"{move.work}.trail": partial(_record, akimat, change),
        }
        for work, act in acts.items():
            worked, floored = _pairs(
                keys, work=act, floor=partial(_execute, driver, move.change.format(table=_PLAIN))
            )
            yield Measured(work=work, value=median(worked) * 1000, floor=median(floored) * 1000, note=note)
            for table in (_PLAIN, _ENTRIES):
                driver.execute(move.back.format(table=table), [keys])


def _execute(driver: "psycopg.Connection[Any]", statement: str, key: int) -> None:
    driver.execute(statement, [key], prepare=True)


def _allow_removal(driver: "psycopg.Connection[Any]", keys: Sequence[int], *, user: int) -> None:
    """The database removes nobody without a decided case."""
    driver.execute(
        """
        INSERT INTO queue_registry_removalcase (
            entry_id, ground, evidence, evidence_source, proposed_at, notified_at, objections_until,
            decision_from, objection, hearing, outcome, decided_by_id, decided_at, decision
        )
        SELECT
            key, 'OWN_REQUEST', 'invented', '', '2026-01-12', '2026-01-13', '2026-01-15', '2026-01-16', '',
            '', 'REMOVED', %s, '2026-02-02', 'invented'
        FROM unnest(%s::bigint[]) AS key
        """,
        [user, list(keys)],
    )


def _record(akimat: Akimat, statement: str, key: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [key])
        audit.record(
            akimat=akimat,
            by="benchmark",
            at=synthetic_register.HOUSED,
            event="queue_entry.moved",
            target=f"queue_entry:{key}",
            moved_from="WAITING",
            moved_to="DEREGISTERED",
        )


def _measure_as_of(built: Built) -> Measured:
    """The biggest list on a past day beside the same list today, all its rows fetched in order."""
    today = queue.list_in_order(built.biggest).values_list("pk", "file_number", "registered_at", "status")
    past = as_of.get_list(built.biggest, before=synthetic_register.LOOKED_BACK_TO)
    seconds, floor = in_turn(
        work=lambda: as_of.get_list(built.biggest, before=synthetic_register.LOOKED_BACK_TO),
        floor=lambda: list(today.all()),
    )
    return Measured(
        work="register.as_of",
        value=seconds,
        floor=floor,
        note=f"{past.length:,} entries then, {today.count():,} today; seconds, median of five",
    )
