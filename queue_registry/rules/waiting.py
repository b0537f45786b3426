"""
How long until the turn of a place: a range of months out of one list's events alone, with how often such
ranges held in the list's own past. A hint, never a promise (`docs/waiting.md`).

The list's present speed gives one figure; the range is that figure divided and multiplied by a factor, which
`rules/waiting_outlook.py` finds in the list's past.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from queue_registry.rules.waiting_past import between, months_at

# Into so many parts a list is cut by registration moment.
PARTS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Months until the turn, from and to."""

    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """Of so many people whose wait was foreseen so in the past, how many got homes within the range."""

    hits: int
    people: int

    @property
    def percent(self) -> int:
        """The share in whole per cent."""
        return round(100 * self.hits / self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the list today: how many keep a place in it, how many stand in the way, who leaves ahead."""

    active: int
    in_way: int
    leaving: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """
    What a range for any place of a list follows from: its speed, its parts, and how far off figures were
    (expected months with the logarithm of the factor).
    """

    speed: float
    longest: float
    stretches: tuple[Stretch, ...]
    errors: tuple[tuple[float, float], ...]
    tested: Tested

    def range_for(self, ahead: int) -> Range | None:
        """Return the range for a place with so many ahead; None where the past is too short for it."""
        in_way, leaving = self._way(ahead)
        expected = months_at(speed=self.speed, leaving=leaving, place=in_way + 1)
        if expected is None or expected > self.longest:
            return None
        return around(expected, between(self.errors, expected))

    def _way(self, ahead: int) -> tuple[float, float]:
        """How many of those ahead stand in the way, and what share of them leaves in a month."""
        in_way, leaving = 0.0, 0.0
        for stretch in self.stretches:
            leaving = stretch.leaving
            if ahead < stretch.active:
                return in_way + stretch.in_way * ahead / stretch.active, leaving
            ahead -= stretch.active
            in_way += stretch.in_way
        return in_way + ahead, leaving

    def as_document(self) -> dict[str, Any]:
        """Return the outlook as JSON values."""
        return {
            "speed": self.speed,
            "longest": self.longest,
            "stretches": [[one.active, one.in_way, one.leaving] for one in self.stretches],
            "errors": [list(point) for point in self.errors],
            "tested": [self.tested.hits, self.tested.people],
        }


def from_document(document: Mapping[str, Any]) -> Outlook:
    """Return an outlook from its JSON values."""
    hits, people = document["tested"]
    return Outlook(
        speed=document["speed"],
        longest=document["longest"],
        stretches=tuple(
            Stretch(active=active, in_way=in_way, leaving=leaving)
            for active, in_way, leaving in document["stretches"]
        ),
        errors=tuple((expected, error) for expected, error in document["errors"]),
        tested=Tested(hits=hits, people=people),
    )


def around(expected: float, error: float) -> Range:
    """A month is added to what is multiplied, so that waits of weeks are no exception."""
    factor = math.exp(error)
    low, high = (expected + 1) / factor - 1, (expected + 1) * factor - 1
    # The whole months within the factor, and no others.
    whole = max(0, math.ceil(low))
    return Range(low=whole, high=max(whole, 1, math.floor(high)))
