"""The course of one run: orders to the workers, and misfortune at planned points of the way."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import redis
from django.conf import settings
from django.db import connection

from housing_queue.benchmarks.endurance.stand import Stand, resident
from integrations import dead_letters
from integrations.models import OPEN_STATES, CheckRequest, CheckState
from queue_registry.models import AssessmentRequest
from queue_registry.selectors import clock
from queue_registry.tasks import ask_due_checks

STEADY, VICTIM = "steady", "victim"
_BEAT: Final = 2.0
# So long without any answer, and the run is given up: what is left is told as unanswered.
_STALL: Final = 300.0


@dataclass(kw_only=True)
class Course:
    """What was done to a stand, and how its memory stood."""

    stand: Stand
    kills: int = 0
    flushes: int = 0
    restarts: int = 0
    outages: int = 0
    redriven: int = 0
    # Of the worker that nobody kills, in the order of time, from a third of the questions on.
    memory: list[float] = field(default_factory=list)
    seconds: float = 0
    extra: Mapping[str, str] = field(default_factory=dict)

    def run(self, *, misfortune: bool) -> None:
        """Let two workers go on until nothing is open; return also if nothing moves any more."""
        start = time.monotonic()
        for name in (STEADY, VICTIM):
            self.stand.work(name, **self.extra)
        plan = self._plan() if misfortune else {}
        total, closed, moved = CheckRequest.objects.count(), 0, time.monotonic()
        already = total - _open()
        while not self._is_complete():
            _order()
            time.sleep(_BEAT)
            now_closed = CheckRequest.objects.count() - _open()
            if now_closed != closed:
                closed, moved = now_closed, time.monotonic()
            if time.monotonic() - moved > _STALL:
                break
            share = (closed - already) / max(1, total - already)
            for point in sorted(point for point in plan if point <= share):
                _say(f"{share:.0%}: {plan[point].__name__.strip('_')}")
                plan.pop(point)()
                moved = time.monotonic()
        if misfortune:
            self._look_at_memory()
        self.seconds += time.monotonic() - start
        self.stand.rest()

    def _plan(self) -> dict[float, Callable[[], None]]:
        """Shares of the questions after which something happens."""
        kills = dict.fromkeys((0.08, 0.25, 0.42, 0.58, 0.8), self._kill)
        return kills | {
            0.33: self._take_down,
            **dict.fromkeys((0.34, 0.51, 0.67, 0.85), self._look_at_memory),
            0.5: self._flush,
            0.66: self._bring_back,
            0.72: self._restart,
        }

    def _is_complete(self) -> bool:
        if _open() or AssessmentRequest.objects.exists():
            return False
        dead = set(CheckRequest.objects.filter(state=CheckState.DEAD).values_list("source", flat=True))
        for source in sorted(dead):
            self.redriven += dead_letters.redrive(by="endurance", at=clock.now(), source=source)
        return not dead

    def _kill(self) -> None:
        self.stand.kill(VICTIM)
        self.kills += 1
        self.stand.work(VICTIM, **self.extra)

    def _take_down(self) -> None:
        self.stand.set_down(is_down=True)

    def _bring_back(self) -> None:
        self.stand.set_down(is_down=False)
        self.outages += 1

    def _look_at_memory(self) -> None:
        self.memory.append(resident(self.stand.workers[STEADY]))

    def _flush(self) -> None:
        redis.Redis.from_url(settings.REDIS_URL).flushall()
        self.flushes += 1

    def _restart(self) -> None:
        connection.close()
        self.stand.restart_postgres()
        self.restarts += 1


def _open() -> int:
    return CheckRequest.objects.filter(state__in=OPEN_STATES).count()


def _order() -> None:
    """What beat does; an order that nobody read in time is worth nothing."""
    ask_due_checks.apply_async(expires=2 * _BEAT)


def _say(text: str) -> None:
    sys.stderr.write(f"[endurance] {text}\n")
