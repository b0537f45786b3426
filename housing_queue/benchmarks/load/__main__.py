"""One run: `python -m housing_queue.benchmarks.load SECONDS`; rows go out as lines of JSON."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Final

import django

from housing_queue.benchmarks.installation import machine
from housing_queue.benchmarks.installation.crowd import Crowd
from housing_queue.benchmarks.load.arrivals import arrivals, peak
from housing_queue.benchmarks.measuring import Measured

OPENING_DAY: Final = 70_000
_CITIZENS: Final = 2_000
_CLERKS: Final = 50
# Applications sent at a time: while the capacity is measured, and at the most on the day.
_PROBES: Final = 4
_SENDERS: Final = 16
_LOOKERS: Final = 8
# So much of what the machine takes in when it does nothing else comes on the mean of the day.
_SHARE: Final = 0.15
_MOST_A_SECOND: Final = 8
_PAGES: Final = ("application", "work", "case", "registration", "place", "country", "rounds")
_DRAIN_SECONDS: Final = 600


def main(seconds: int) -> None:
    """Run, and print what was seen."""
    folder = Path(tempfile.mkdtemp(prefix="kezek-load-"))
    try:
        with machine.running(folder, workers=2) as running:
            django.setup()
            for measured in _run(running, seconds):
                sys.stdout.write(json.dumps(asdict(measured)) + "\n")
                sys.stdout.flush()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(running: machine.Machine, seconds: int) -> Iterator[Measured]:
    # Only now there is a database to be asked.
    from housing_queue.benchmarks.endurance import town, world
    from housing_queue.benchmarks.installation import reckoning, settling, waiting
    from housing_queue.benchmarks.load import neighbor
    from queue_registry.models import Akimat
    from queue_registry.rules.calendar import civil_day
    from queue_registry.selectors import clock
    from queue_registry.services import sweeps

    at = clock.now()
    # In the short form as many citizens less.
    citizens = min(_CITIZENS, _CITIZENS * seconds // 600 + 100)
    numbers = settling.numbers_of_all()
    neighbors = neighbor.households(at=at, numbers=numbers)
    settled = settling.settle(
        running,
        waiting=citizens,
        applying=_MOST_A_SECOND * seconds * 3,
        clerks=_CLERKS,
        at=at,
        numbers=numbers,
        elsewhere=neighbors,
    )
    akimat = neighbor.settle(neighbors, at=at)
    running.run_all()
    waiting.until_ready(running)
    town.ask_everything(neighbors, at=at)
    waiting.until_done(seconds=_DRAIN_SECONDS)

    crowd = Crowd(port=running.port, settled=settled, find=settling.key_of)
    capacity, used = _capacity(crowd, seconds=max(3.0, seconds / 60))
    many = min(int(capacity * _SHARE * seconds), len(settled.applicants) - used)
    crowd.log.clear()
    depths = _Depths(waiting.depth)
    sweeps.start_inventory(akimat=Akimat.objects.get(kato=world.KATO), by=None, at=clock.now())
    _begin_the_day(crowd, range(used, used + many), seconds=seconds, citizens=citizens)
    start = time.monotonic()
    round_took, offers = neighbor.confirm_round(akimat)
    time.sleep(max(0.0, seconds - (time.monotonic() - start)))
    crowd.end()
    depths.end()
    left, took = waiting.until_done(seconds=_DRAIN_SECONDS)

    yield Measured(
        work="load.errors",
        value=float(crowd.log.failed()),
        note=f"of {crowd.log.total()} visits in {seconds} s: {crowd.log.told()}",
    )
    yield Measured(
        work="load.applications",
        value=float(many),
        note=f"{many / OPENING_DAY:.1%} of {OPENING_DAY:,}; the machine takes {capacity:.1f} a second when "
        f"it does nothing else; {peak():.1f} times the mean at first; {civil_day(at)}",
    )
    for page in _PAGES:
        if page in crowd.log.seconds:
            yield Measured(
                work=f"load.p95.{page}",
                value=crowd.log.p95(page),
                note=f"seconds, {len(crowd.log.seconds[page])} visits; an application from when it was due",
            )
    yield Measured(
        work="load.depth",
        value=float(max(depths.seen, default=0)),
        note=f"questions and judgments due at the most; {left} left {took:.0f} s after the day",
    )
    yield Measured(work="load.left", value=float(left), note="questions and judgments left after the day")
    yield Measured(
        work="load.round", value=round_took, note=f"seconds from homes to decision; {offers} offers"
    )
    yield from reckoning.reckon(crowd.acts, name="load")


def _capacity(crowd: Crowd, *, seconds: float) -> tuple[float, int]:
    """Applications a second that the machine takes in, and how many households that took."""
    until, sent = perf_counter() + seconds, [0] * _PROBES

    def probe(number: int) -> None:
        while perf_counter() < until:
            crowd.apply(number + sent[number] * _PROBES)
            sent[number] += 1

    _together(probe, _PROBES)
    return sum(sent) / seconds, max(sent) * _PROBES


def _begin_the_day(crowd: Crowd, households: range, *, seconds: float, citizens: int) -> None:
    """Everybody begins: households when they are due, clerks and citizens evenly over the day."""
    start = perf_counter()
    due = [start + moment for moment in arrivals(len(households), seconds=seconds)]

    def send(number: int) -> None:
        for place in range(number, len(due), _SENDERS):
            crowd.enough.wait(max(0.0, due[place] - perf_counter()))
            crowd.apply(households[place], since=due[place])

    crowd.begin(send, _SENDERS)
    crowd.begin(lambda number: crowd.register(number, pause=max(3.0, seconds / 30)), _CLERKS)
    pause = seconds / citizens * _LOOKERS
    crowd.begin(lambda number: crowd.look(number, pause=pause, of=_LOOKERS), _LOOKERS)


class _Depths:
    """How much was due, second by second."""

    def __init__(self, look: Callable[[], int | None]) -> None:
        self.seen: list[int] = []
        self._enough = Event()
        self._thread = Thread(target=self._watch, args=(look,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._enough.set()
        self._thread.join()

    def _watch(self, look: Callable[[], int | None]) -> None:
        while not self._enough.wait(1):
            depth = look()
            if depth is not None:
                self.seen.append(depth)


def _together(act: Callable[[int], None], count: int) -> None:
    threads = [Thread(target=act, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]))
