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
from integrations.sources.definitions import DEFINITIONS

WINDOW: Final = timedelta(milliseconds=1_080)
FAILURES_TO_OPEN: Final = 10
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=10)
_FORGOTTEN: Final = timedelta(days=1)
_MILLISECOND: Final = timedelta(milliseconds=1)

_LOOK: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function sum(key)
  local total = 0
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    total = total + tonumber(string.match(member, ':(%d+)$'))
  end
  return total
end
local function look(base, rate, slots, at, window)
  local circuit = base .. ':circuit'
  local opened = tonumber(redis.call('HGET', circuit, 'open_until') or '0')
  local canary = 0
  if opened > 0 then
    local probe = tonumber(redis.call('HGET', circuit, 'probe_until') or '0')
    if at < opened or now < probe then return 0, 0, 0, -1 end
    canary = 1
  end
  redis.call('ZREMRANGEBYSCORE', base .. ':sent', '-inf', now - window)
  redis.call('ZREMRANGEBYSCORE', base .. ':held', '-inf', now)
  local left = rate - sum(base .. ':sent')
  local free = slots - sum(base .. ':held')
  local wait = 0
  if left <= 0 then
    left = 0
    wait = redis.call('ZRANGE', base .. ':sent', 0, 0, 'WITHSCORES')[2] + window - now
  end
  if free <= 0 then
    free = 0
    wait = math.max(wait, 20)
  end
  return left, free, canary, wait
end
"""

# KEYS: bases. ARGV: at, window, then rate and slots of each.
_ROOM: Final = (
    _LOOK
    + """
local answer = {}
for i, base in ipairs(KEYS) do
  local left, free, canary, wait = look(base, tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2]),
    tonumber(ARGV[1]), tonumber(ARGV[2]))
  answer[i] = {left, free, canary, wait}
end
return answer
"""
)

# KEYS: bases. ARGV: at, window, name of the permit, how long it may be held, then rate, slots, wanted.
_TAKE: Final = (
    _LOOK
    + """
local window, hold, answer = tonumber(ARGV[2]), tonumber(ARGV[4]), {}
for i, base in ipairs(KEYS) do
  local left, free, canary = look(base, tonumber(ARGV[3 * i + 2]), tonumber(ARGV[3 * i + 3]),
    tonumber(ARGV[1]), window)
  local granted = math.min(tonumber(ARGV[3 * i + 4]), left, free)
  if canary == 1 then granted = math.min(granted, 1) end
  if granted > 0 then
    local member = ARGV[3] .. ':' .. granted
    redis.call('ZADD', base .. ':sent', now, member)
    redis.call('PEXPIRE', base .. ':sent', window)
    redis.call('ZADD', base .. ':held', now + hold, member)
    if redis.call('PTTL', base .. ':held') < hold then redis.call('PEXPIRE', base .. ':held', hold) end
    if canary == 1 then redis.call('HSET', base .. ':circuit', 'probe_until', now + hold) end
  end
  answer[i] = {granted, canary}
end
return answer
"""
)

# KEYS: bases. ARGV: name of the permit, then how many of it are held and how many shall be left of each.
_RELEASE: Final = """
for i, base in ipairs(KEYS) do
  local held, member = base .. ':held', ARGV[1] .. ':' .. ARGV[2 * i]
  local until_ = redis.call('ZSCORE', held, member)
  if until_ and ARGV[2 * i] ~= ARGV[2 * i + 1] then
    redis.call('ZREM', held, member)
    if ARGV[2 * i + 1] ~= '0' then redis.call('ZADD', held, until_, ARGV[1] .. ':' .. ARGV[2 * i + 1]) end
  end
end
"""

# KEYS: bases. ARGV: at, failures to open, first pause, longest pause, forgotten after, then successes,
# failures and canary of each.
_REPORT: Final = """
local at = tonumber(ARGV[1])
for i, base in ipairs(KEYS) do
  local circuit = base .. ':circuit'
  local good, bad = tonumber(ARGV[3 * i + 3]), tonumber(ARGV[3 * i + 4])
  local canary = ARGV[3 * i + 5] == '1'
  if good > 0 then
    redis.call('DEL', circuit)
  elseif bad > 0 then
    local failed = redis.call('HINCRBY', circuit, 'failures', bad)
    local opened = redis.call('HEXISTS', circuit, 'open_until') == 1
    if canary or (not opened and failed >= tonumber(ARGV[2])) then
      local trips = redis.call('HINCRBY', circuit, 'trips', 1)
      local pause = math.min(tonumber(ARGV[3]) * 2 ^ math.min(trips - 1, 20), tonumber(ARGV[4]))
      redis.call('HSET', circuit, 'open_until', string.format('%.0f', at + pause))
    end
    redis.call('PEXPIRE', circuit, tonumber(ARGV[5]))
  end
  if canary then redis.call('HDEL', circuit, 'probe_until') end
end
"""

# KEYS: bases.
_CIRCUITS: Final = """
local answer = {}
for i, base in ipairs(KEYS) do
  answer[i] = redis.call('HGET', base .. ':circuit', 'open_until') or ''
end
return answer
"""


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
    answers = _run(_ROOM, names, arguments)
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
    answers = _run(_TAKE, sources, arguments)
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
        _run(_RELEASE, sources, arguments)
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
        _run(_REPORT, sources, arguments)


def usage(sources: Iterable[str], *, at: datetime) -> dict[str, Usage]:
    """
    Return how much of what its owner allows is in use, by source.

    :raises LimitsUnreachable: if Redis does not answer.
    """
    rooms = room(sources, at=at)
    opened = _run(_CIRCUITS, rooms, []) if rooms else ()
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
