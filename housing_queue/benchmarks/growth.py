"""
How cost grows with the number of entries: the power of it, from ten thousand to a million.

A power of 0 is a cost that does not grow, of 1 one that grows as the entries do. It is the slope of the best
straight line through the points on scales of powers of ten.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import linear_regression
from types import MappingProxyType
from typing import Final, NamedTuple

from housing_queue.benchmarks import engine, growth_picture, register
from housing_queue.benchmarks import round as rounds
from housing_queue.benchmarks.measuring import Measured

ENTRIES: Final = 1_000_000
_SIZES: Final = (10_000, 32_000, 100_000, 320_000, 1_000_000)
# No akimat keeps more in one queue, and a round is of one akimat.
_MOST_OF_A_ROUND: Final = 150_000
_ENTRIES_A_DWELLING: Final = 50
# Work of the register that grows or not, by its name among the figures.
_SINGLE: Final = MappingProxyType(
    {
        "growth.place": "register.place_p50",
        "growth.removal": "register.removal",
        "growth.removal_with_trail": "register.removal.trail",
    }
)
_UNITS: Final = MappingProxyType(
    {
        "growth.place": "milliseconds a place",
        "growth.removal": "milliseconds a removal",
        "growth.removal_with_trail": "milliseconds a removal with its record",
        "growth.engine": "seconds a distribution",
        "growth.round": "seconds a round",
    }
)


class Point(NamedTuple):
    """So many entries cost so much."""

    entries: int
    cost: float


def measure_growth(entries: int = ENTRIES, picture: str = "") -> Iterator[Measured]:
    """
    Measure at several sizes up to so many entries; yield the power of each cost.

    :param picture: the file that the curves are drawn into.
    """
    series: dict[str, list[Point]] = {name: [] for name in _UNITS}
    for size in [one for one in _SIZES if one <= entries]:
        for name, cost in _costs(size):
            series[name].append(Point(size, cost))
    if picture:
        curves = [
            growth_picture.Curve(name=_UNITS[name], points=points, slope=slope(points))
            for name, points in series.items()
            if points
        ]
        Path(picture).write_text(growth_picture.draw(curves), encoding="utf-8")
    for name, points in series.items():
        told = ", ".join(f"{cost:.3g} at {size:,}" for size, cost in points)
        yield Measured(work=name, value=slope(points), note=f"{_UNITS[name]}: {told}")


def slope(points: Sequence[Point]) -> float:
    """
    Return the power by which the cost grows with the entries.

    :raises statistics.StatisticsError: for fewer than two sizes.
    """
    return linear_regression(
        [math.log10(point.entries) for point in points], [math.log10(point.cost) for point in points]
    ).slope


def _costs(size: int) -> Iterator[tuple[str, float]]:
    found = {row.work: row.value for row in register.measure_single(size)}
    for name, work in _SINGLE.items():
        yield name, found[work]
    rows = engine.measure_distribution(
        work="engine", entries=size, dwellings=max(1, size // _ENTRIES_A_DWELLING)
    )
    yield "growth.engine", next(iter(rows)).value
    if size <= _MOST_OF_A_ROUND:
        yield (
            "growth.round",
            next(row.value for row in rounds.measure_round(size) if row.work == "round.whole"),
        )


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType(
    {"growth": measure_growth}
)
