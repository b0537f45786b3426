"""
A day of opening in ten minutes: a whole installation of its own, thrown away afterwards.

Households apply as they do when a queue is opened, most of them at once; fifty clerks register them, citizens
look their places up, an inventory asks the registers about everybody who waits, and the commission of a
neighboring akimat confirms a round. Nobody may meet an error, and every act must be there once.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from housing_queue.benchmarks import apart
from housing_queue.benchmarks.measuring import Measured

SECONDS: Final = 600


def measure(seconds: int = SECONDS) -> Iterator[Measured]:
    """
    Let a day pass in so many seconds, and yield what was seen.

    :raises apart.Broken: if the run ended without telling everything.
    """
    yield from apart.measure("housing_queue.benchmarks.load", seconds)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType({"load": measure})
