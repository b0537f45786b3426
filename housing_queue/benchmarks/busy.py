"""
How long a household waits for its place page while a round is worked out, and while an old list is put in.

People come at a steady pace, as they do, not as many as the server can bear. The heavy work is done in a
process of its own that stands back as the worker's do (`housing_queue/standing_back.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import cycle
from multiprocessing import get_context
from statistics import median, quantiles
from threading import Event, Thread
from time import perf_counter, sleep
from types import MappingProxyType
from typing import Final

from django.db import connection
from django.db.models import Count

from housing_queue import founding, standing_back
from housing_queue.benchmarks import round as whole_round
from housing_queue.benchmarks import serving, synthetic_households, synthetic_lists, synthetic_register
from housing_queue.benchmarks.measuring import Measured
from housing_queue.benchmarks.synthetic_households import AT
from housing_queue.benchmarks.web import Pair, subjects
from housing_queue.founding import Founded
from queue_registry.models import Akimat, StaffMembership, WaitingList
from queue_registry.rules.calendar import TIME_ZONE
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.services import expected_waiting, imports, list_pasts, policies

ENTRIES: Final = 150_000
# So many entries of the round's queue stand for one row of the import: 100,000 rows beside 150,000 entries.
_ENTRIES_A_ROW: Final = 1.5
_KATO: Final = "271010000"
_OTHER_KATO: Final = "191010000"
_PAIRS: Final = 500
_PEOPLE: Final = 4
_EVERY: Final = 0.1
_REST_SECONDS: Final = 15

Act = Callable[[], object]


def measure_busy(entries: int = ENTRIES) -> Iterator[Measured]:
    """On a queue of its own, in a database of its own."""
    with synthetic_register.database_of_its_own():
        yield from measure(entries)


def measure(entries: int, rest_seconds: float = _REST_SECONDS) -> Iterator[Measured]:
    """The same in the database that is connected, which holds no register yet."""
    founded = founding.found(kato=_KATO, at=AT, on=AT.date())
    synthetic_households.build(entries, akimat=founded.akimat, user=founded.staff["clerk"])
    other = _another_akimat(founded)
    pairs = subjects(_settled_list(founded).pk, depth=entries // 10, count=_PAIRS)
    with serving.server() as port:
        visitors = _Visitors(port, pairs)
        visitors.come(until=_after(rest_seconds / 5))
        for work, act in (
            ("web.mine.during_round", lambda: _round(founded, entries)),
            ("web.mine.during_import", lambda: _import(other, founded, int(entries / _ENTRIES_A_ROW))),
        ):
            yield _beside(work, act, visitors, rest_seconds)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType({"busy": measure_busy})


class _Visitors:
    """People who ask for their places, a few at a time, at a steady pace, each from an address of its own."""

    def __init__(self, port: int, pairs: Sequence[Pair]) -> None:
        self._port = port
        self._pairs = cycle(pairs)
        self._came = 0

    def come(self, *, until: Callable[[], bool]) -> list[float]:
        """
        Return the seconds that each had to wait.

        :raises RuntimeError: if an answer is not 200.
        """
        seconds: list[float] = []
        bad: list[bytes] = []
        ended = Event()

        def ask() -> None:
            while not ended.is_set():
                begin = perf_counter()
                took, answer = serving.ask(self._port, self._next())
                seconds.append(took)
                if not answer.startswith(b"HTTP/1.1 200"):
                    bad.append(answer[:200])
                ended.wait(max(_EVERY - (perf_counter() - begin), 0))

        threads = [Thread(target=ask, daemon=True) for _ in range(_PEOPLE)]
        for thread in threads:
            thread.start()
        while not until():
            sleep(_EVERY)
        ended.set()
        for thread in threads:
            thread.join()
        if bad:
            raise RuntimeError(f"{len(bad)} of {len(seconds)} answers were not 200: {bad[0]!r}")
        return seconds

    def _next(self) -> bytes:
        pair = next(self._pairs)
        self._came += 1
        form = {"file_number": pair.file_number, "iin": pair.iin}
        return serving.request("/kk/", form=form, address=self._came)


def _beside(work: str, act: Act, visitors: _Visitors, rest_seconds: float) -> Measured:
    """The places asked for while an act is done, beside those asked for before and after it."""
    at_rest = visitors.come(until=_after(rest_seconds))
    connection.close()  # the act's process opens one of its own
    process = get_context("fork").Process(target=_stood_back, args=(act,))
    begin = perf_counter()
    process.start()
    during = visitors.come(until=lambda: not process.is_alive())
    took = perf_counter() - begin
    if process.exitcode != 0:
        raise RuntimeError(f"{work}: the work beside the pages failed")
    at_rest += visitors.come(until=_after(rest_seconds))
    return Measured(
        work=work,
        value=_p95(during),
        floor=_p95(at_rest),
        note=f"milliseconds of {len(during):,} and {len(at_rest):,} pages, median {median(during) * 1000:.1f}"
        f" and {median(at_rest) * 1000:.1f}; the work beside them took {took:.0f} s",
    )


def _stood_back(act: Act) -> None:
    standing_back.stand_back()
    act()


def _round(founded: Founded, entries: int) -> None:
    whole_round.seal_and_work_out(founded, entries)


def _another_akimat(founded: Founded) -> Akimat:
    """An akimat without a queue, with the same people in the same roles."""
    akimat = Akimat.objects.create(kato=_OTHER_KATO, name_kk="Ойдан", name_ru="Вымышленный", bin=founding.BIN)
    WaitingList.objects.bulk_create(WaitingList(akimat=akimat, number=number) for number in ListNumber)
    roles = list(StaffMembership.objects.filter(akimat=founded.akimat).order_by("pk"))
    for role in roles:
        role.pk, role.akimat = None, akimat
    StaffMembership.objects.bulk_create(roles)
    by = founded.staff["admin"]
    policies.put_in_force(akimat=akimat, code="akimat-2022", from_on=date(2022, 4, 15), by=by, at=AT)
    return akimat


def _import(akimat: Akimat, founded: Founded, rows: int) -> None:
    book = imports.GivenFile(source=Source.PAPER, name="paper.xlsx", content=synthetic_lists.paper_list(rows))
    imports.put_in(akimat=akimat, file=book, by=founded.staff["clerk"], at=AT)
    imports.confirm(akimat=akimat, by=founded.staff["supervisor"], at=AT)


def _settled_list(founded: Founded) -> WaitingList:
    """The longest list of the queue, with what a night's tasks leave of it."""
    lists = WaitingList.objects.filter(akimat=founded.akimat).annotate(length=Count("entries"))
    longest = lists.latest("length")
    expected_waiting.renew(waiting_list_id=longest.pk, on=date(2026, 9, 1))
    list_pasts.sum_up(waiting_list_id=longest.pk, until=datetime(2026, 8, 31, tzinfo=TIME_ZONE))
    return longest


def _after(seconds: float) -> Callable[[], bool]:
    until = perf_counter() + seconds
    return lambda: perf_counter() >= until


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=100)[94] * 1000
