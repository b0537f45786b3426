"""
The register at the size of the country: a place, a removal, a new moment, a past day, a long trail; each
beside the least that it could be.
"""

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median, quantiles
from threading import Event, Thread
from types import MappingProxyType
from typing import Any, Final

import psycopg

from housing_queue.benchmarks import moves, synthetic_register, trail
from housing_queue.benchmarks.measuring import Measured, in_turn, pairs_in_turn
from housing_queue.benchmarks.synthetic_register import Built
from queue_registry.models.counting import ACTIVE_SQL
from queue_registry.selectors import as_of, queue

ENTRIES: Final = 1_000_000
# A place is asked for at this part of all entries: 100,000 of a million.
_DEPTH: Final = 10
_ASKED: Final = 2_000
# Asked before them, so that plans are made and pages are read.
_WARM_UP: Final = 50
_CHECKED: Final = 100
_WRITERS: Final = 4
_ENTRIES: Final = "queue_registry_queueentry"


def measure_register(entries: int = ENTRIES) -> Iterator[Measured]:
    """Everything of the register, on one built register."""
    with synthetic_register.database_of_its_own():
        yield from measure(entries)


def measure(entries: int) -> Iterator[Measured]:
    """The same in the database that is connected, which holds no register yet."""
    built = _built(entries)
    with synthetic_register.connect() as driver:
        subjects = _subjects(driver, built)
        note = f"{entries:,} entries; their people and {built.events:,} events apart; seconds"
        yield Measured(work="base.1m", value=built.seconds, note=note)
        yield from _measure_place(driver, subjects, note=f"depth {entries // _DEPTH:,}; milliseconds")
        with synthetic_register.without_guards(driver):
            yield _wrong_under_writers(driver, built, subjects)
        yield from moves.measure(driver, built, subjects)
        yield _measure_as_of(built)
        yield from trail.measure(entries, akimats=built.akimats)


def measure_single(entries: int) -> Iterator[Measured]:
    """A place and the single changes alone, in a database of their own."""
    with synthetic_register.database_of_its_own():
        built = _built(entries)
        with synthetic_register.connect() as driver:
            subjects = _subjects(driver, built)
            yield from _measure_place(driver, subjects, note=f"depth {entries // _DEPTH:,}; milliseconds")
            yield from moves.measure(driver, built, subjects)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType(
    {"register": measure_register}
)


def _built(entries: int) -> Built:
    """A register on disk: what its building has still to write is no part of what is measured."""
    built = synthetic_register.build(entries)
    os.sync()
    return built


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
    places, floors = pairs_in_turn(
        subjects,
        work=lambda key: driver.execute(_PLACE, [key], prepare=True).fetchone(),
        floor=lambda key: driver.execute(look_up, [key], prepare=True).fetchone(),
        warm_up=subjects[:_WARM_UP],
    )
    yield Measured(
        work="register.place_p50", value=median(places) * 1000, floor=median(floors) * 1000, note=note
    )
    yield Measured(work="register.place_p99", value=_p99(places) * 1000, floor=_p99(floors) * 1000, note=note)


def _p99(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=100)[98]


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
