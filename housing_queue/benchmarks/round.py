"""A whole round from the database: sealed, worked out, stored, bundled; then confirmed by the commission."""

import gc
import os
import resource
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from time import perf_counter, process_time
from types import MappingProxyType
from typing import Any, Final, TypeVar

from django.db import connection

from allocation.models import AllocationRound, AllocationRun, Dwelling, Vote
from allocation.services import attendance, decisions, dwellings, rounds, runs, sittings
from housing_queue import founding
from housing_queue.benchmarks import synthetic_households, synthetic_register, synthetic_round
from housing_queue.benchmarks.measuring import Measured, forget_peak, peak
from housing_queue.benchmarks.synthetic_households import AT
from housing_queue.founding import Founded

ENTRIES: Final = 150_000
# So many entries stand for one home: 1,550 homes of 150,000 entries.
_ENTRIES_A_HOME: Final = Decimal(150_000) / 1_550
_QUOTA_PART: Final = 4
_KATO: Final = "271010000"
T = TypeVar("T")


def measure_round(entries: int = ENTRIES) -> Iterator[Measured]:
    """On a queue of its own, in a database of its own."""
    with synthetic_register.database_of_its_own():
        yield from measure(entries)


def measure(entries: int) -> Iterator[Measured]:
    """The same in the database that is connected, which holds no register yet."""
    founded = founding.found(kato=_KATO, at=AT, on=AT.date())
    synthetic_households.build(entries, akimat=founded.akimat, user=founded.staff["clerk"])
    homes = _stock(founded, int(entries / _ENTRIES_A_HOME))
    size = f"{len(homes):,} homes, {entries:,} entries"
    opened = _opened(founded, homes)
    os.sync()  # what the building wrote is no part of the work
    forget_peak()
    steps: dict[str, float] = {}
    worked = _processor_time()
    frozen = _timed(steps, "freeze", lambda: _freeze(founded, opened))
    run = _timed(steps, "run, store, bundle", lambda: _run(founded, frozen))
    told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in steps.items())
    told += f"; {_processor_time() - worked:.1f} at the processors, the database apart"
    yield Measured(work="round.whole", value=sum(steps.values()), note=f"{size}; seconds: {told}")
    yield Measured(work="round.memory", value=peak(), note=f"{size}; megabytes of both processes")
    yield _measure_confirm(founded, run, size)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType(
    {"round": measure_round}
)


def seal_and_work_out(founded: Founded, entries: int) -> AllocationRun:
    """A round of as many homes as stand for a queue of so many entries, all of it but the commission."""
    opened = _opened(founded, _stock(founded, int(entries / _ENTRIES_A_HOME)))
    return _run(founded, _freeze(founded, opened))


def _stock(founded: Founded, number: int) -> list[Dwelling]:
    rows = [
        dwellings.NewDwelling(
            number=record["id"],
            address_kk="Ойдан көшесі",
            address_ru="улица Вымышленная",
            rooms=record["rooms"],
            area=Decimal(record["area"]),
            floor=record["floor"],
            lift=record["lift"],
            accessible=record["accessible"],
        )
        for record in synthetic_round.dwellings(number)
    ]
    return dwellings.add_many(
        akimat=founded.akimat, dwellings=rows, by=founded.staff["clerk"], at=AT, document="Acceptance act"
    )


def _opened(founded: Founded, homes: list[Dwelling]) -> AllocationRound:
    quota = {"dwellings": len(homes) // _QUOTA_PART, "document": "Programme passport No 7"}
    return rounds.open_round(
        akimat=founded.akimat,
        dwelling_ids=[home.pk for home in homes],
        quotas={"3": quota},
        by=founded.staff["clerk"],
        at=AT,
    )


def _freeze(founded: Founded, opened: AllocationRound) -> AllocationRound:
    return rounds.freeze(round_id=opened.pk, by=founded.staff["clerk"], at=AT)


def _run(founded: Founded, frozen: AllocationRound) -> AllocationRun:
    requested = runs.request(round_id=frozen.pk, by=founded.staff["clerk"], at=AT)
    run = runs.execute(run_id=requested.pk, at=AT)
    if run is None or run.refusal:
        raise RuntimeError(f"the run was not executed: {run and run.refusal}")
    return run


def _timed(steps: dict[str, float], name: str, act: Callable[[], T]) -> T:
    gc.collect()
    start = perf_counter()
    made = act()
    steps[name] = perf_counter() - start
    return made


def _processor_time() -> float:
    """Of this process, and of those beside it that have ended."""
    beside = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + beside.ru_utime + beside.ru_stime


def _measure_confirm(founded: Founded, run: AllocationRun, size: str) -> Measured:
    """The commission confirms; the locks are held from the first of them to the end of the transaction."""
    sitting = sittings.convene(run_id=run.pk, by=founded.staff["secretary"], at=AT)
    digest = run.result_sha256
    for member in sitting.members.filter(recusal_ground="").select_related("user"):
        attendance.attend(sitting_id=sitting.pk, user_id=member.user_id, by=member.user, at=AT)
        decisions.vote(
            sitting_id=sitting.pk, choice=Vote.Choice.FOR, result_sha256=digest, by=member.user, at=AT
        )
    _days_go_by()
    with _since_first_lock() as held:
        start = perf_counter()
        decisions.confirm(sitting_id=sitting.pk, result_sha256=digest, by=founded.staff["chair"], at=AT)
        end = perf_counter()
    note = f"{size}; seconds that locks are held, of {end - start:.1f} in all"
    return Measured(work="round.confirm_locks", value=end - held[0], note=note)


def _days_go_by() -> None:
    """Between a run and the sitting on it are days: disks are at rest, statistics are those of the rows."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    os.sync()


@contextmanager
def _since_first_lock() -> Iterator[list[float]]:
    """Note when the first row is locked."""
    moments: list[float] = []

    def look(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not moments and " FOR " in str(sql) and "UPDATE" in str(sql):
            moments.append(perf_counter())
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        yield moments
