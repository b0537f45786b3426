"""Changes of one entry of a long list, each in its transaction, beside the same change of a plain table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any, Final

import psycopg

from housing_queue.benchmarks import synthetic_register
from housing_queue.benchmarks.measuring import Measured, pairs_in_turn
from housing_queue.benchmarks.synthetic_register import Built
from queue_registry.models import QueueEntry, QueueEntryEvent, RegistrationChange, RemovalCase, User
from queue_registry.rules.reasons import RegistrationChangeGround
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.services import audit, entry_changes, entry_records, queue_entries

_MOVED: Final = 500
# Moved before them, so that plans are made and pages are read; and acts through the services.
_WARM_UP: Final = 50
_ACTS: Final = 100
_ENTRIES: Final = "queue_registry_queueentry"
_PLAIN: Final = "benchmark_plain_entry"
_GROUND: Final = "OWN_REQUEST"
_DOCUMENT: Final = "invented"
_NINE_YEARS: Final = timedelta(days=9 * 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """A change of an entry: by a bare statement, by the services' one, and how it is undone for the next."""

    work: str
    change: str
    kind: QueueEntryEvent.Kind
    holds_from: datetime
    make: Callable[[QueueEntry], None]
    act: Callable[[QueueEntry, User], object]
    back: str


def _make_removed(entry: QueueEntry) -> None:
    entry.status = QueueEntryStatus.DEREGISTERED


def _make_earlier(entry: QueueEntry) -> None:
    entry.registered_at -= _NINE_YEARS


def _remove(entry: QueueEntry, user: User) -> object:
    case = RemovalCase(entry=entry, ground=_GROUND, decision=_DOCUMENT, outcome=RemovalCase.Outcome.REMOVED)
    return queue_entries.deregister(case=case, by=user, at=synthetic_register.HOUSED)


def _redate(entry: QueueEntry, user: User) -> object:
    change = RegistrationChange(
        entry=entry,
        ground=RegistrationChangeGround.GROUNDS_AROSE_LATER,
        registered_at=entry.registered_at - _NINE_YEARS,
        document=_DOCUMENT,
    )
    return entry_changes.change_registered_at(change=change, by=user, at=synthetic_register.HOUSED)


_MOVES: Final = (
    _Move(
        work="register.removal",
        change="UPDATE {table} SET status = 'DEREGISTERED' WHERE id = %s",
        kind=QueueEntryEvent.Kind.MOVED,
        holds_from=synthetic_register.HOUSED,
        make=_make_removed,
        act=_remove,
        back="UPDATE {table} SET status = 'WAITING' WHERE id = ANY(%s)",
    ),
    _Move(
        work="register.backdate",
        change="UPDATE {table} SET registered_at = registered_at - interval '3285 days' WHERE id = %s",
        kind=QueueEntryEvent.Kind.REGISTERED_AT_CHANGED,
        holds_from=synthetic_register.DIGITIZED,
        make=_make_earlier,
        act=_redate,
        back="UPDATE {table} SET registered_at = registered_at + interval '3285 days' WHERE id = ANY(%s)",
    ),
)


def measure(driver: "psycopg.Connection[Any]", built: Built, subjects: Sequence[int]) -> Iterator[Measured]:
    """
    A change of status or moment beside the same of a plain table with the same rows and indexes; then the
    same with its event and its record in the trail, by the one statement of the services.
    """
    driver.execute(f"CREATE TABLE {_PLAIN} (LIKE {_ENTRIES} INCLUDING ALL)")
    driver.execute(f"INSERT INTO {_PLAIN} SELECT * FROM {_ENTRIES}")  # noqa: S608 - names of ours
    driver.execute(f"VACUUM ANALYZE {_PLAIN}")
    _allow_removal(driver, subjects[: _WARM_UP + _MOVED], user=built.user.pk)
    for move in _MOVES:
        _visit(driver, move, subjects[: _WARM_UP + _MOVED], user=built.user)
        yield _measure_bare(driver, move, subjects)
        yield _measure_with_trail(driver, move, subjects, user=built.user)


def _measure_bare(driver: "psycopg.Connection[Any]", move: _Move, subjects: Sequence[int]) -> Measured:
    with synthetic_register.without_guards(driver):
        seconds, floor = _beside_plain(
            driver, move, subjects, work=partial(_execute, driver, move.change.format(table=_ENTRIES))
        )
    note = "counters and the case of a removal inside; a bare statement, the guard of events switched off"
    return Measured(work=move.work, value=seconds, floor=floor, note=f"{_durability(driver)}; {note}")


def _measure_with_trail(
    driver: "psycopg.Connection[Any]", move: _Move, subjects: Sequence[int], *, user: User
) -> Measured:
    """The services' statement in the floor's place; what Python does for event and record is in it."""
    entries = _entries(subjects[: _WARM_UP + _MOVED])

    def record(key: int) -> None:
        _record(driver, move, entries[key], user=user)

    seconds, floor = _beside_plain(driver, move, subjects, work=record)
    acts = []
    for entry in QueueEntry.objects.in_bulk(subjects[:_ACTS]).values():
        begin = perf_counter()
        move.act(entry, user)
        acts.append(perf_counter() - begin)
    _undo(driver, move, subjects[:_ACTS], tables=[_ENTRIES])
    whole = f"the whole act through Django with lock and looks {median(acts) * 1000:.2f}"
    note = f"counters, case, event, record and guards inside, in one statement as services write it; {whole}"
    return Measured(
        work=f"{move.work}.trail", value=seconds, floor=floor, note=f"{_durability(driver)}; {note}"
    )


def _record(driver: "psycopg.Connection[Any]", move: _Move, entry: QueueEntry, *, user: User) -> None:
    """What `entry_records.write` does, by the driver's own connection."""
    move.make(entry)
    act = audit.Act(
        event=f"queue_entry.{move.kind.lower()}",
        target=f"queue_entry:{entry.pk}",
        data={
            "moved_from": QueueEntryStatus.WAITING,
            "moved_to": entry.status,
            "ground": _GROUND,
            "document": _DOCUMENT,
        },
    )
    values = entry_records.move_values(
        entry,
        move.kind,
        audit.single(akimat=entry.akimat, by=user, at=synthetic_register.HOUSED, act=act),
        by=user,
        holds_from=move.holds_from,
        moved_from=QueueEntryStatus.WAITING,
        ground=_GROUND,
        document=_DOCUMENT,
    )
    driver.execute(entry_records.MOVE, values, prepare=True)


def _beside_plain(
    driver: "psycopg.Connection[Any]",
    move: _Move,
    subjects: Sequence[int],
    *,
    work: Callable[[int], object],
) -> tuple[float, float]:
    """Median milliseconds of the work and of the bare change of the plain table; then both are undone."""
    warm_up, keys = subjects[:_WARM_UP], subjects[_WARM_UP : _WARM_UP + _MOVED]
    worked, floored = pairs_in_turn(
        keys,
        work=work,
        floor=partial(_execute, driver, move.change.format(table=_PLAIN)),
        warm_up=warm_up,
    )
    _undo(driver, move, [*warm_up, *keys], tables=[_PLAIN, _ENTRIES])
    return median(worked) * 1000, median(floored) * 1000


def _visit(driver: "psycopg.Connection[Any]", move: _Move, keys: Sequence[int], *, user: User) -> None:
    """
    Move all there and back in both tables, by the bare statement and with record: the plain one is newly
    written, so that its pages would be in memory and those of register and trail would not, or be full of
    what writers before left behind.
    """
    with synthetic_register.without_guards(driver):
        for table in (_PLAIN, _ENTRIES):
            for key in keys:
                _execute(driver, move.change.format(table=table), key)
    _undo(driver, move, keys, tables=[_PLAIN, _ENTRIES])
    for entry in _entries(keys).values():
        _record(driver, move, entry, user=user)
    _undo(driver, move, keys, tables=[_ENTRIES])
    for table in (_PLAIN, _ENTRIES):
        driver.execute(f"VACUUM ANALYZE {table}")


def _entries(keys: Sequence[int]) -> dict[int, QueueEntry]:
    """As a service has one when it writes it."""
    return QueueEntry.objects.select_related("akimat", "waiting_list").in_bulk(keys)


def _undo(
    driver: "psycopg.Connection[Any]", move: _Move, keys: Sequence[int], *, tables: Sequence[str]
) -> None:
    with synthetic_register.without_guards(driver):
        for table in tables:
            driver.execute(move.back.format(table=table), [list(keys)])


def _durability(driver: "psycopg.Connection[Any]") -> str:
    (fsync,) = driver.execute("SHOW fsync").fetchone() or ("",)
    return f"a transaction each, fsync {fsync}; milliseconds, median of {_MOVED}"


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
    # Of rows as new as these the planner knows nothing yet.
    driver.execute("ANALYZE queue_registry_removalcase")
