"""
Asking about everybody while everything goes wrong: a whole installation of its own, thrown away afterwards.

A process of its own starts PostgreSQL, Redis, mock gateways and workers, lets them work through planned
misfortune (`course`), and then holds the register to the gateway's own log and to the invented world itself
(`evidence`, `oracle`).
"""

from collections.abc import Iterator
from typing import Final

from housing_queue.benchmarks import apart
from housing_queue.benchmarks.measuring import Measured

PEOPLE: Final = 20_000


def measure(people: int = PEOPLE) -> Iterator[Measured]:
    """
    Ask about so many people at sixteen systems, and yield what was seen.

    :raises apart.Broken: if the run ended without telling everything.
    """
    yield from apart.measure("housing_queue.benchmarks.endurance", people)
