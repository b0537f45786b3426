"""Who is struck when, and who starts it again."""

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import redis
from django.conf import settings

from housing_queue.benchmarks.installation.machine import BEAT, DATABASE, GATEWAY, REDIS, WEB, Machine
from tools.console import StartError

ONE_OF_WEB: Final = "one process of web"
FLUSH: Final = "broker flushed"
_BETWEEN: Final = (1.5, 4.0)
_DOWN: Final = (0.0, 1.5)
_TRIES: Final = 5


@dataclass(kw_only=True)
class Strikes:
    """Kills without warning, in shuffled rounds so that each is struck as often as any other."""

    machine: Machine
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    ended_by_themselves: Counter[str] = field(default_factory=Counter)

    def go_on(self, *, seconds: float) -> None:
        """Strike until the time is over; then everything runs again."""
        until = time.monotonic() + seconds
        victims: list[str] = []
        while time.monotonic() < until:
            if not victims:
                victims = [
                    *(WEB, ONE_OF_WEB, DATABASE, REDIS, FLUSH, GATEWAY, BEAT),
                    *self.machine.workers,
                ]
                self.chance.shuffle(victims)
            time.sleep(self.chance.uniform(*_BETWEEN))
            self.supervise()
            self._strike(victims.pop())
        self.supervise()

    def supervise(self) -> None:
        """Start what ended by itself again, as whoever runs the containers does."""
        for name in self.machine.ended():
            self.machine.forget(name)
            self.ended_by_themselves[name] += 1
            self._start(name)

    def _strike(self, victim: str) -> None:
        _say(victim)
        self.kills[victim] += 1
        if victim == FLUSH:
            redis.Redis.from_url(settings.REDIS_URL).flushall()
        elif victim == ONE_OF_WEB:
            self.machine.kill_one_process_of(WEB)
        else:
            self.machine.kill(victim)
            time.sleep(self.chance.uniform(*_DOWN))
            self._start(victim)

    def _start(self, name: str) -> None:
        for left in reversed(range(_TRIES)):
            try:
                self.machine.run(name)
            except StartError:
                # Another part ended in this very moment.
                if not left:
                    raise
                for other in self.machine.ended():
                    self.machine.forget(other)
                    self.ended_by_themselves[other] += 1
                    self._start(other)
            else:
                return


def _say(text: str) -> None:
    sys.stderr.write(f"[faults] {text}\n")
