"""
Everything killed at random while everybody works: a whole installation of its own, thrown away afterwards.

A process of its own starts PostgreSQL, Redis, the mock gateway, the web server, two workers and beat, lets
households apply, clerks register them and citizens look (`installation/people`), and kills one after another
without warning (`strikes`). Then every act that was answered must be in the trail once, every other one whole
or absent, and the register whole (`installation/reckoning`).
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from housing_queue.benchmarks import apart
from housing_queue.benchmarks.measuring import Measured

SECONDS: Final = 600


def measure(seconds: int = SECONDS) -> Iterator[Measured]:
    """
    Strike for so many seconds, and yield what was seen.

    :raises apart.Broken: if the run ended without telling everything.
    """
    yield from apart.measure("housing_queue.benchmarks.faults", seconds)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType({"faults": measure})
