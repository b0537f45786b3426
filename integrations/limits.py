"""
What the owners of the systems allow, kept in Redis by all processes together: rate, concurrency, circuit.

One script decides all three in one step, so that two workers can't both take the last permit, and by the
clock of Redis, so that workers' clocks don't matter. `limits` counts rates alone and by each worker's clock,
`pybreaker` lets every worker send a canary of its own: neither is enough here.

- Rate: at most `rate_per_s` permits in any window. The window is a little longer than a second, since a
  question leaves a moment after its permit.
- Concurrency: permits are held until they are released, or until their holder must be dead. One slot is left
  for interactive questions wherever there is more than one.
- Circuit: after some failures in a row a source is left alone; then one canary goes, and its answer decides.
  These waits run by the moments that callers give.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import redis
from django.conf import settings

from integrations.contract import Lane
from integrations.limit_scripts import CIRCUITS, RELEASE, REPORT, ROOM, TAKE
from integrations.sources.definitions import DEFINITIONS

WINDOW: Final = timedelta(milliseconds=1_080)
FAILURES_TO_OPEN: Final = 10
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=10)
_FORGOTTEN: Final = timedelta(days=1)
_MILLISECOND: Final = timedelta(milliseconds=1)


class LimitsUnreachable(Exception):
    """Redis does not answer: nobody knows what may be asked, so nothing may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """
    How much may be asked of a source at this moment.

    `wait` is how long until there may be more: zero if there is room now, None while the circuit is open.
    """

    rate_left: int
    slots_left: int
    is_canary: bool
    wait: timedelta | None
    reserve: int

    def of(self, lane: Lane) -> int:
        """Return how many questions of a lane may go; bulk leaves a slot free for whoever waits."""
        room = min(self.rate_left, self.slots_left - (0 if lane is Lane.INTERACTIVE else self.reserve))
        return max(0, min(room, 1) if self.is_canary else room)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """How many questions may be sent now, by source; the sources whose one question is a canary."""

    name: str
    granted: Mapping[str, int]
    canaries: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """
    Permits of a source in use: sent in the last second of `rate`, held of `slots`.

    `open_until` is when a canary may go where the circuit is open, None where it is closed.
    """

    rate: int
    sent: int
    slots: int
    held: int
    open_until: datetime | None


def room(sources: Iterable[str], *, at: datetime) -> dict[str, Room]:
    """
    Return the room of each source; nothing is taken.

    :raises LimitsUnreachable: if Redis does not answer.
    """
    names = list(sources)
    arguments: list[object] = [_milliseconds(at), WINDOW // _MILLISECOND]
    for name in names:
        arguments += _allowed(name)
    answers = _run(ROOM, names, arguments)
    return {
        name: Room(
            rate_left=int(left),
            slots_left=int(free),
            is_canary=canary == 1,
            wait=None if wait < 0 else timedelta(milliseconds=int(wait)),
            reserve=1 if _allowed(name)[1] > 1 else 0,
        )
        for name, (left, free, canary, wait) in zip(names, answers, strict=True)
    }


def take(wanted: Mapping[str, int], *, hold: timedelta, at: datetime) -> Permit:
    """
    Take up to so many permits of each source, to be released within `hold`.

    :raises LimitsUnreachable: if Redis does not answer.
    """
    name, sources = uuid.uuid4().hex, list(wanted)
    arguments: list[object] = [
        _milliseconds(at),
        WINDOW // _MILLISECOND,
        name,
        max(1, hold // _MILLISECOND),
    ]
    for source in sources:
        arguments += [*_allowed(source), wanted[source]]
    answers = _run(TAKE, sources, arguments)
    return Permit(
        name=name,
        granted={
            source: int(granted) for source, (granted, _) in zip(sources, answers, strict=True) if granted
        },
        canaries=frozenset(
            source for source, (granted, canary) in zip(sources, answers, strict=True) if granted and canary
        ),
    )


def release(permit: Permit, *, left: Mapping[str, int] = MappingProxyType({})) -> Permit:
    """
    Give slots of a permit back but for those `left`, and return what is held then; its rate is spent.

    :raises LimitsUnreachable: if Redis does not answer; the slots then come back by themselves.
    """
    sources = list(permit.granted)
    arguments: list[object] = [permit.name]
    for source in sources:
        arguments += [permit.granted[source], left.get(source, 0)]
    if sources:
        _run(RELEASE, sources, arguments)
    return replace(permit, granted={source: left[source] for source in sources if left.get(source)})


def report(
    successes: Mapping[str, int], failures: Mapping[str, int], *, permit: Permit, at: datetime
) -> None:
    """
    Tell how the questions of a permit went: enough failures in a row open a circuit, one success closes it.

    :raises LimitsUnreachable: if Redis does not answer.
    """
    sources = sorted({*successes, *failures})
    arguments: list[object] = [
        _milliseconds(at),
        FAILURES_TO_OPEN,
        FIRST_PAUSE / settings.GATEWAY_HASTE // _MILLISECOND,
        LONGEST_PAUSE / settings.GATEWAY_HASTE // _MILLISECOND,
        _FORGOTTEN // _MILLISECOND,
    ]
    for source in sources:
        arguments += [
            successes.get(source, 0),
            failures.get(source, 0),
            1 if source in permit.canaries else 0,
        ]
    if sources:
        _run(REPORT, sources, arguments)


def usage(sources: Iterable[str], *, at: datetime) -> dict[str, Usage]:
    """
    Return how much of what its owner allows is in use, by source.

    :raises LimitsUnreachable: if Redis does not answer.
    """
    rooms = room(sources, at=at)
    opened = _run(CIRCUITS, rooms, []) if rooms else ()
    found = {}
    for (name, left), until in zip(rooms.items(), opened, strict=True):
        rate, slots = _allowed(name)
        is_left_alone = left.wait is None
        found[name] = Usage(
            rate=rate,
            sent=0 if is_left_alone else rate - left.rate_left,
            slots=slots,
            held=0 if is_left_alone else slots - left.slots_left,
            open_until=datetime.fromtimestamp(int(until) / 1000, UTC) if until else None,
        )
    return found


def _allowed(source: str) -> tuple[int, int]:
    definition, factor = DEFINITIONS[source], settings.GATEWAY_LIMITS_FACTOR
    return definition.rate_per_s * factor, definition.concurrency * factor


def _base(source: str) -> str:
    return f"{settings.CELERY_TASK_DEFAULT_QUEUE}:asking:{source}"


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _run(script: str, sources: Iterable[str], arguments: Iterable[object]) -> Any:
    try:
        return _script(script)(keys=[_base(source) for source in sources], args=list(arguments))
    except redis.RedisError as error:
        raise LimitsUnreachable from error


@cache
def _script(text: str) -> Any:
    return _client().register_script(text)


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)
