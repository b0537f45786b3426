"""
The web pages of a register of the country's size, as production serves them, beside the least they could be.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median, quantiles
from types import MappingProxyType
from typing import Final

from housing_queue.benchmarks import serving, synthetic_register
from housing_queue.benchmarks.measuring import TIMES, Measured
from housing_queue.benchmarks.serving import Loaded
from queue_registry.models import QueueEntry
from queue_registry.rules.calendar import TIME_ZONE
from queue_registry.rules.statuses import ACTIVE
from queue_registry.services import expected_waiting, list_pasts

ENTRIES: Final = 1_000_000
# A place is asked for at this part of all entries: 100,000 of a million.
_DEPTH: Final = 10
_REQUESTS: Final = 960
_WARM_UP: Final = 64
_CACHED: Final = "/kk/country/"
_HELLO: Final = "housing_queue.benchmarks.floors.hello"
_LOOK_UP: Final = "housing_queue.benchmarks.floors.look_up"


@dataclass(frozen=True, slots=True)
class Pair:
    """File number and IIN of one household."""

    file_number: str
    iin: str


def measure_web(entries: int = ENTRIES) -> Iterator[Measured]:
    """A public page that is cached, and the place page, in one register of its own."""
    with synthetic_register.database_of_its_own():
        yield from measure(entries)


def measure(entries: int, requests: int = _REQUESTS) -> Iterator[Measured]:
    """The same in the database that is connected, which holds no register yet."""
    built = synthetic_register.build(entries)
    settle(built)
    pairs = subjects(built.biggest.pk, depth=max(entries // _DEPTH - requests // 2, 0), count=requests)
    with serving.server() as port:
        with serving.server(settings_module=_HELLO) as floor:
            yield _cached(port, floor, requests, entries)
        with serving.server(settings_module=_LOOK_UP) as floor:
            yield from _mine(port, floor, pairs, entries)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType({"web": measure_web})


def settle(built: synthetic_register.Built) -> None:
    """Leave what a night's tasks leave of the biggest list: what is foreseen, and its past summed up."""
    expected_waiting.renew(waiting_list_id=built.biggest.pk, on=date(2026, 9, 1))
    list_pasts.sum_up(waiting_list_id=built.biggest.pk, until=datetime(2026, 8, 31, tzinfo=TIME_ZONE))


def subjects(waiting_list_id: int, *, depth: int, count: int) -> list[Pair]:
    """The numbers of so many households about a depth of a list."""
    rows = (
        QueueEntry.objects.filter(waiting_list=waiting_list_id, status__in=ACTIVE)
        .order_by("registered_at", "file_number")
        .values_list("file_number", "applicant__iin")
    )
    return [Pair(*row) for row in rows[depth : depth + count]]


def _cached(port: int, floor: int, count: int, entries: int) -> Measured:
    page = [serving.request(_CACHED)] * count
    hello = [serving.request("/hello/")] * count
    worked, floored = _in_turn(port, lambda _turn: page, floor, lambda _turn: hello)
    return Measured(
        work="web.cached",
        value=median(one.per_second for one in worked),
        floor=median(one.per_second for one in floored),
        note=f"{_CACHED} over {entries:,} entries; requests a second, {serving.CONNECTIONS} connections",
    )


def _mine(port: int, floor: int, pairs: Sequence[Pair], entries: int) -> Iterator[Measured]:
    def asked(turn: int) -> list[bytes]:
        # Each request comes from an address of its own: the limits are on.
        return [
            serving.request(
                "/kk/",
                form={"file_number": pair.file_number, "iin": pair.iin},
                address=turn * len(pairs) + number + 1,
            )
            for number, pair in enumerate(pairs)
        ]

    look_ups = [serving.request("/", form={"file_number": pair.file_number}) for pair in pairs]
    worked, floored = _in_turn(port, asked, floor, lambda _turn: look_ups)
    note = f"{entries:,} entries, depth {entries // _DEPTH:,}, {serving.CONNECTIONS} connections"
    yield Measured(
        work="web.mine",
        value=median(one.per_second for one in worked),
        floor=median(one.per_second for one in floored),
        note=f"{note}; requests a second",
    )
    seconds = [second for one in worked for second in one.seconds]
    yield Measured(
        work="web.mine.p99",
        value=quantiles(seconds, n=100)[98] * 1000,
        floor=median(seconds) * 1000,
        note=f"{note}; milliseconds",
    )


def _in_turn(
    port: int, work: Callable[[int], list[bytes]], floor_port: int, floor: Callable[[int], list[bytes]]
) -> tuple[list[Loaded], list[Loaded]]:
    """Load floor and work in turn, after some requests of each that do not count."""
    serving.load(floor_port, floor(0)[:_WARM_UP])
    serving.load(port, work(0)[:_WARM_UP])
    worked, floored = [], []
    for turn in range(1, TIMES + 1):
        floored.append(serving.load(floor_port, floor(turn)))
        worked.append(serving.load(port, work(turn)))
    return worked, floored
