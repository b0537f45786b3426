"""How many homes come to an invented town month by month: three kinds of years."""

import math
import random
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final

MONTHS: Final = 480


class Kind(StrEnum):
    """What drives how many homes a month brings."""

    STEADY = "steady"
    POLICY = "policy"
    BURSTS = "bursts"


def homes_of(kind: Kind, chance: random.Random, yearly: float) -> list[int]:
    """Return the homes of every month of forty years, where about so many come in a year."""
    return list(_HOMES[kind](chance, yearly))


def _steady(chance: random.Random, yearly: float) -> Iterator[int]:
    """Seasons, and years that differ by an eighth from the year before."""
    level = math.log(yearly / 12)
    season = [chance.uniform(0.5, 1.5) for _ in range(12)]
    for month in range(MONTHS):
        if month and month % 12 == 0:
            level += chance.gauss(0, 0.12)
        yield poisson(chance, math.exp(level) * season[month % 12])


def _policy(chance: random.Random, yearly: float) -> Iterator[int]:
    """One day the programme is cut, or grows, by half to threefold: in the log, or after it."""
    change = chance.randrange(6, 132)
    factor = math.exp(chance.choice((-1, 1)) * chance.uniform(math.log(1.5), math.log(3)))
    for month, homes in enumerate(_steady(chance, yearly)):
        yield poisson(chance, homes * factor) if month >= change else homes


def _bursts(chance: random.Random, yearly: float) -> Iterator[int]:
    """A building every three to ten months, sometimes two at once; hardly a home between them."""
    pause = chance.uniform(3, 10)
    size = max(1.0, yearly * pause / 12)
    homes = [int(chance.random() < 0.1) for _ in range(MONTHS)]
    at = chance.expovariate(1 / pause)
    while at < MONTHS:
        homes[int(at)] += max(1, round(size * chance.lognormvariate(-0.18, 0.6)))
        at += chance.gammavariate(2, pause / 2)
    yield from homes


def poisson(chance: random.Random, mean: float) -> int:
    """Return a number of events of which so many are expected."""
    if mean > 40:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, product, number = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        number += 1
    return number


_HOMES: Final[Mapping[Kind, Callable[[random.Random, float], Iterator[int]]]] = {
    Kind.STEADY: _steady,
    Kind.POLICY: _policy,
    Kind.BURSTS: _bursts,
}
