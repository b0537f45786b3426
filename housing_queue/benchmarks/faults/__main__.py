"""One run: `python -m housing_queue.benchmarks.faults SECONDS`; rows go out as lines of JSON."""

import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import django

from housing_queue.benchmarks.installation import machine
from housing_queue.benchmarks.installation.crowd import Crowd
from housing_queue.benchmarks.measuring import Measured

_SEED: Final = 8
_WAITING: Final = 300
# More than the machine can take in, four at a time.
_APPLYING_A_SECOND: Final = 25
_APPLICANTS: Final = 4
_CLERKS: Final = 3
_CITIZENS: Final = 2
_PAUSE: Final = 0.05
_DRAIN_SECONDS: Final = 240


def main(seconds: int) -> None:
    """Run, and print what was seen."""
    folder = Path(tempfile.mkdtemp(prefix="kezek-faults-"))
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
    from django.db import connection

    from housing_queue.benchmarks.faults.strikes import Strikes
    from housing_queue.benchmarks.installation import reckoning, settling, waiting
    from queue_registry.selectors import clock

    applying = _APPLYING_A_SECOND * seconds
    settled = settling.settle(
        running,
        waiting=_WAITING,
        applying=applying,
        clerks=_CLERKS,
        numbers=settling.numbers_of_all(),
        at=clock.now(),
    )
    running.run_all()
    waiting.until_ready(running)
    crowd = Crowd(port=running.port, settled=settled, find=settling.key_of)
    households = range(len(settled.applicants))
    crowd.begin(
        lambda number: crowd.apply_in_turn(households[number::_APPLICANTS], pause=_PAUSE), _APPLICANTS
    )
    crowd.begin(lambda number: crowd.register(number, pause=_PAUSE), _CLERKS)
    crowd.begin(lambda number: crowd.look(number, pause=_PAUSE, of=_CITIZENS), _CITIZENS)
    strikes = Strikes(machine=running, chance=random.Random(_SEED))  # noqa: S311 - who is struck
    strikes.go_on(seconds=seconds)
    crowd.end()
    # Our own connection was killed with all others.
    connection.close()
    back = waiting.until_ready(running)
    left, took = waiting.until_done(seconds=_DRAIN_SECONDS)
    yield Measured(
        work="faults.kills",
        value=float(strikes.kills.total()),
        note=f"{_told(strikes.kills)}; ended by themselves and started again: "
        f"{_told(strikes.ended_by_themselves)}; served again {back:.1f} s after the last",
    )
    yield Measured(work="faults.visits", value=float(crowd.log.total()), note=crowd.log.told())
    yield from reckoning.reckon(crowd.acts, name="faults")
    yield Measured(
        work="faults.left",
        value=float(left),
        note=f"questions and judgments still due {took:.0f} s after the last kill",
    )


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


if __name__ == "__main__":
    main(int(sys.argv[1]))
