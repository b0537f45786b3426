"""
What the events of one list tell about how fast it goes, as it was known after each month.

The entries that were ever on the list are cut by registration moment into parts. Of each part it is counted,
month by month, how many came into the way (registered, restored, moved here), were housed, or left it
otherwise (removed, suspended, moved away). Whoever is suspended keeps the place and stands in nobody's way.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Final

# The speed of a list is that of its last three years: long enough for a building to be finished in them.
_WINDOW: Final = 36
_SHORTEST: Final = 6
_STILL: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    Counts by month of the entries whose registration moments lie in one stretch of time.

    `late` are those of `came` whose moment is more than a month older than their coming; `closed` is the
    number of months after which no new registration belongs here; `held` are suspended at the end.
    """

    closed: int
    came: tuple[int, ...]
    late: tuple[int, ...]
    housed: tuple[int, ...]
    left: tuple[int, ...]
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What became of people: after how many months how many of them got a home."""

    months: int
    people: int


@dataclass(slots=True)
class Past:
    """A list's parts, the earliest first, with their sums; months count from its first event."""

    parts: Sequence[Part]
    months: int = field(init=False)
    homes: list[int] = field(init=False)
    ahead: list[list[int]] = field(init=False)
    _net: list[list[int]] = field(init=False)
    _exposure: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.months = len(self.parts[0].came) if self.parts else 0
        self.homes = self._sums(part.housed for part in self.parts)[-1]
        came = self._sums(part.came for part in self.parts)
        gone = self._sums(
            [one + other for one, other in zip(part.housed, part.left, strict=True)] for part in self.parts
        )
        self.ahead = [[a - b for a, b in zip(*rows, strict=True)] for rows in zip(came, gone, strict=True)]
        self._net = self._sums(
            [one - other for one, other in zip(part.left, part.late, strict=True)] for part in self.parts
        )
        self._exposure = [list(accumulate(row, initial=0)) for row in self.ahead]

    def _sums(self, rows: Iterable[Sequence[int]]) -> list[list[int]]:
        """For each part's beginning, and the end of all: the sum over earlier parts and months."""
        sums = [[0] * (self.months + 1)]
        for row in rows:
            own = accumulate(row, initial=0)
            sums.append([before + now for before, now in zip(sums[-1], own, strict=True)])
        return sums

    def inside(self, part: int, known: int) -> int:
        """How many of a part stood in the way after so many months."""
        return self.ahead[part + 1][known] - self.ahead[part][known]

    def expected(self, *, part: int, ahead: float, known: int) -> float | None:
        """
        Return the months until the turn of somebody with so many in the way, at the list's speed of the last
        years before `known`; None where it gave no home or its way grew as fast as it went.

        Homes go one by one; those ahead who leave otherwise do so in proportion to how many they are.
        """
        since = max(1, known - _WINDOW)
        if known - since < _SHORTEST:
            return None
        homes = (self.homes[known] - self.homes[since]) / (known - since)
        exposure = self._exposure[part][known] - self._exposure[part][since]
        leaving = (self._net[part][known] - self._net[part][since]) / exposure if exposure else 0.0
        return months_at(speed=homes, leaving=leaving, place=ahead + 1)

    def leaving(self, part: int) -> float:
        """By how much the way ahead of a part shrinks a month without homes, as a share; lately."""
        since = max(1, self.months - _WINDOW)
        exposure = self._exposure[part][self.months] - self._exposure[part][since]
        return (self._net[part][self.months] - self._net[part][since]) / exposure if exposure else 0.0

    def speed(self) -> float:
        """Homes a month, lately."""
        since = max(1, self.months - _WINDOW)
        return (self.homes[self.months] - self.homes[since]) / max(self.months - since, 1)

    def waits(self, *, part: int, since: int, until: int) -> list[Wait]:
        """After how many months people of a part got their homes."""
        housed = self.parts[part].housed
        return [
            Wait(months=month - since + 1, people=housed[month])
            for month in range(since, until)
            if housed[month]
        ]


def months_at(*, speed: float, leaving: float, place: float) -> float | None:
    """Return after how many months a place is the first, if both go on; None if never."""
    if speed <= 0:
        return None
    if abs(leaving) < _STILL:
        return place / speed
    grown = 1 + leaving * place / speed
    return math.log(grown) / leaving if grown > 0 else None


def between(points: Sequence[tuple[float, float]], at: float) -> float:
    """Return the value at a point of a line through others, which are in order; level beyond its ends."""
    position = bisect_left(points, (at,))
    if position == 0:
        return points[0][1]
    if position == len(points):
        return points[-1][1]
    ((before, low), (after, high)) = list(pairwise(points))[position - 1]
    return low + (high - low) * (at - before) / (after - before)
