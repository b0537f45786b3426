"""
A register of any size with the mix of a real country, invented, the same for the same seed, put in by COPY.

It stands in a database of its own beside the command's, made for the measurement and dropped after it: rows
that nobody may delete must not get among real ones.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any, Final

import psycopg
from django.db import connection, transaction
from psycopg.rows import tuple_row

from housing_queue.benchmarks import bulk_loading
from housing_queue.benchmarks.synthetic_round import LISTS, SEED
from queue_registry.models import Akimat, User, WaitingList
from queue_registry.rules.file_number import file_number
from queue_registry.services import audit

AKIMATS: Final = 220
# Of a thousand entries of the country, so many stand in one queue: 150,000 of a million.
BIGGEST: Final = 150
# The day on which paper became rows, the day that is looked back to, and those on which homes were given and,
# before, offered.
DIGITIZED: Final = datetime(2025, 3, 3, 4, tzinfo=UTC)
LOOKED_BACK_TO: Final = datetime(2025, 12, 31, 19, tzinfo=UTC)
HOUSED: Final = datetime(2026, 4, 1, 4, tzinfo=UTC)
OFFERED: Final = HOUSED - timedelta(days=7)
# Of so many entries one has a home by now.
HOUSED_ONE_OF: Final = 10

_PERSON: Final = "queue_registry_person"
_APPLICATION: Final = "queue_registry_application"
_ENTRY: Final = "queue_registry_queueentry"
_EVENT: Final = "queue_registry_queueentryevent"
_NAMES: Final = ("last_name", "first_name", "middle_name")
_APPLICATION_COLUMNS: Final = (
    "id",
    "akimat_id",
    "running_number",
    "file_number",
    "applicant_id",
    "applicant_name",
    "origin",
    "entered_by_id",
    "entered_at",
    "status",
    "refusal_ground",
    "decision",
    "claims",
)
_ENTRY_COLUMNS: Final = (
    "id",
    "akimat_id",
    "application_id",
    "applicant_id",
    "waiting_list_id",
    "file_number",
    "registered_at",
    "time_known",
    "provisional",
    "status",
)
_EVENT_COLUMNS: Final = (
    "entry_id",
    "kind",
    "moved_from",
    "moved_to",
    "registered_at",
    "list_number",
    "waiting_list_id",
    "holds_from",
    "recorded_at",
    "ground",
    "document",
)
# What refuses a move without its event and its record.
_GUARDS: Final = (
    (_ENTRY, "queue_entry_enters_with_its_event"),
    (_ENTRY, "queue_entry_moves_with_its_event"),
    (_EVENT, "queue_entry_event_has_its_record"),
)

_FIRST_DAY: Final = datetime(1995, 1, 1, tzinfo=UTC)
_MINUTES: Final = 30 * 365 * 24 * 60
# How many of a thousand entries stand on each list (the biggest queue is one list, to be deep enough).
_MIX: Final = (1, 95, 210, 390, 300, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What was put in: how many entries and events, the biggest list, how long entries took, and a user."""

    entries: int
    events: int
    biggest: WaitingList
    akimats: tuple[Akimat, ...]
    user: User
    seconds: float


@contextmanager
def database_of_its_own() -> Iterator[None]:
    """A fresh database on the command's server, migrated; dropped when the measurement ends."""
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"{name}_benchmark"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def connect(*, autocommit: bool = True) -> "psycopg.Connection[Any]":
    """A connection of the driver itself to the command's database: it can prepare statements."""
    parameters = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}
    parameters.pop("context", None)
    return psycopg.connect(**parameters, autocommit=autocommit, row_factory=tuple_row)


@contextmanager
def without_guards(driver: "psycopg.Connection[Any]") -> Iterator[None]:
    """While inside, an entry may be changed by a bare statement, without event and record."""
    for table, guard in _GUARDS:
        driver.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
    try:
        yield
    finally:
        for table, guard in _GUARDS:
            driver.execute(f"ALTER TABLE {table} ENABLE TRIGGER {guard}")


def build(entries: int) -> Built:
    """
    Put in so many entries, one in seven of them on one list, each with its application, its events and their
    records: a register whose trail is empty is none, and PostgreSQL plans otherwise for it.
    """
    user = User.objects.create(username="benchmark")
    akimats = tuple(
        Akimat.objects.bulk_create(
            Akimat(kato=f"{100_000_000 + 1_000 * index}", name_kk="Ойдан", name_ru="Вымышленный")
            for index in range(AKIMATS)
        )
    )
    lists = {
        (one.akimat_id, one.number): one
        for one in WaitingList.objects.bulk_create(
            WaitingList(akimat=akimat, number=number) for akimat in akimats for number in LISTS
        )
    }
    biggest = lists[akimats[0].pk, "4"]
    places = _places(entries, akimats=akimats, lists=lists, biggest=biggest)
    bulk_loading.copy(
        _PERSON, ("id", "iin", *_NAMES), (f"{key}\t{_iin(key)}\t\t\t" for key in range(1, entries + 1))
    )
    start = perf_counter()
    with bulk_loading.unhindered(_APPLICATION, _ENTRY):
        bulk_loading.copy(_APPLICATION, _APPLICATION_COLUMNS, _applications(places, user=user))
        bulk_loading.copy(_ENTRY, _ENTRY_COLUMNS, _entries(places))
        bulk_loading.count_entries()
    seconds = perf_counter() - start
    with bulk_loading.unhindered(_EVENT):
        bulk_loading.copy(_EVENT, _EVENT_COLUMNS, _events(places))
    _record(places, user=user)
    _settle_sequences()
    return Built(
        entries=entries,
        events=entries + 2 * sum(one.is_housed for one in places),
        biggest=biggest,
        akimats=akimats,
        user=user,
        seconds=seconds,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """One household: its key everywhere, its list, its running number, its moment, whether it has a home."""

    key: int
    akimat: Akimat
    waiting_list: WaitingList
    running_number: int
    file_number: str
    registered_at: datetime
    is_housed: bool


def _places(
    entries: int,
    *,
    akimats: Sequence[Akimat],
    lists: dict[tuple[int, str], WaitingList],
    biggest: WaitingList,
) -> list[_Place]:
    chance = random.Random(SEED)  # noqa: S311 - invented households, no secret
    in_biggest = entries * BIGGEST // 1000
    numbers = chance.choices(LISTS, _MIX, k=entries)
    given = dict.fromkeys((akimat.pk for akimat in akimats), 0)
    made = []
    for index in range(entries):
        akimat = akimats[0] if index < in_biggest else akimats[1 + index % (len(akimats) - 1)]
        given[akimat.pk] += 1
        running = given[akimat.pk]
        made.append(
            _Place(
                key=index + 1,
                akimat=akimat,
                waiting_list=biggest if index < in_biggest else lists[akimat.pk, numbers[index]],
                running_number=running,
                file_number=file_number(kato=akimat.kato, running_number=running),
                registered_at=_FIRST_DAY + timedelta(minutes=chance.randrange(_MINUTES)),
                is_housed=chance.randrange(HOUSED_ONE_OF) == 0,
            )
        )
    return made


def _iin(index: int) -> str:
    """Twelve digits of the twentieth century before the last: nobody alive has them."""
    day, serial = divmod(index, 100_000)
    return f"99{day // 28 % 12 + 1:02d}{day % 28 + 1:02d}2{serial:05d}"


def _applications(places: Iterable[_Place], *, user: User) -> Iterator[str]:
    fixed = f"\tIMPORT\t{user.pk}\t{DIGITIZED.isoformat()}\tACCEPTED\t\t\t[]"
    for one in places:
        yield f"{one.key}\t{one.akimat.pk}\t{one.running_number}\t{one.file_number}\t{one.key}\t{fixed}"


def _entries(places: Iterable[_Place]) -> Iterator[str]:
    for one in places:
        status = "HOUSED" if one.is_housed else "WAITING"
        yield (
            f"{one.key}\t{one.akimat.pk}\t{one.key}\t{one.key}\t{one.waiting_list.pk}\t{one.file_number}"
            f"\t{one.registered_at.isoformat()}\tt\tf\t{status}"
        )


def _events(places: Iterable[_Place]) -> Iterator[str]:
    digitized, offered, housed = (moment.isoformat() for moment in (DIGITIZED, OFFERED, HOUSED))
    for one in places:
        stands = f"{one.registered_at.isoformat()}\t{one.waiting_list.number}\t{one.waiting_list.pk}"
        yield f"{one.key}\tREGISTERED\t\tWAITING\t{stands}\t{digitized}\t{digitized}\tIMPORT\t"
        if one.is_housed:
            yield f"{one.key}\tMOVED\tWAITING\tOFFERED\t{stands}\t{offered}\t{offered}\tOFFER_MADE\t"
            yield f"{one.key}\tMOVED\tOFFERED\tHOUSED\t{stands}\t{housed}\t{housed}\tOFFER_ACCEPTED\t"


def _record(places: Sequence[_Place], *, user: User) -> None:
    """The trail of each akimat: what its clerks entered on one day, then what became of it on two others."""
    of_akimat: dict[Akimat, list[_Place]] = {}
    for one in places:
        of_akimat.setdefault(one.akimat, []).append(one)
    for akimat, own in of_akimat.items():
        housed = [one for one in own if one.is_housed]
        for at, acts in (
            (DIGITIZED, [_registered(one) for one in own]),
            (OFFERED, [_moved(one, "WAITING", "OFFERED", ground="OFFER_MADE") for one in housed]),
            (HOUSED, [_moved(one, "OFFERED", "HOUSED", ground="OFFER_ACCEPTED") for one in housed]),
        ):
            with transaction.atomic():
                audit.record_many(akimat=akimat, by=user, at=at, acts=acts)


def _registered(one: _Place) -> audit.Act:
    data = {"file_number": one.file_number, "list": one.waiting_list.number, "ground": "IMPORT"}
    return audit.Act(event="queue_entry.registered", target=f"queue_entry:{one.key}", data=data)


def _moved(one: _Place, moved_from: str, moved_to: str, *, ground: str) -> audit.Act:
    data = {"moved_from": moved_from, "moved_to": moved_to, "ground": ground}
    return audit.Act(event="queue_entry.moved", target=f"queue_entry:{one.key}", data=data)


def _settle_sequences() -> None:
    """Keys were given by us; statistics and the map of visible pages are what a day's work would leave."""
    with connection.cursor() as cursor:
        for name in ("person", "application", "queueentry"):
            table = f"queue_registry_{name}"
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
            )
        cursor.execute("VACUUM ANALYZE")
