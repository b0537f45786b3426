"""
Invented histories of one list, person by person, of three kinds: a steady one, one with a change of policy,
one to which homes come by the building. What is foreseen of them sees their events alone.

Nothing of `queue_registry/rules/waiting*.py` was made for these kinds: its limits were chosen with seeds
below 1,000; others are measured.
"""

import math
import random
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from housing_queue.benchmarks.synthetic_homes import MONTHS, Kind, homes_of, poisson
from queue_registry.rules.waiting import PARTS
from queue_registry.rules.waiting_past import Part

_LOOKED_AT: Final = (36, 120)
_PLACES: Final = 5
_FEWEST: Final = 30
# Rooms that a household needs, with how many of ten need them; homes come in the same mix.
_ROOMS: Final = ((1, 2, 3), (4, 4, 2))


class Came(StrEnum):
    """An event of the log."""

    IN_THE_WAY = "IN"
    HOUSED = "HOUSED"
    LEFT = "LEFT"


@dataclass(frozen=True, slots=True)
class Event:
    """In which month what happened to whom."""

    month: int
    person: int
    what: Came


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody on the list at its end: how many stood ahead, and after how many months the home came."""

    ahead: int
    waited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The log of a list until a month, registration moments in months, and what came of some people later."""

    months: int
    events: Sequence[Event]
    moments: Sequence[float]
    asked: Sequence[Asked]


def parts_of(history: History) -> list[Part]:
    """Return the log as the counts that the rule takes, as `selectors/waiting.py` counts them."""
    moments = sorted(history.moments[person] for person in {event.person for event in history.events})
    cuts = [moments[len(moments) * number // PARTS] for number in range(1, PARTS)]
    counts = {
        name: [[0] * history.months for _ in range(PARTS)] for name in ("came", "late", *_COLUMNS.values())
    }
    for event in history.events:
        moment = history.moments[event.person]
        part = bisect_right(cuts, moment)
        if event.what == Came.IN_THE_WAY:
            counts["came"][part][event.month] += 1
            counts["late"][part][event.month] += event.month > 0 and moment < event.month
        else:
            counts[_COLUMNS[event.what]][part][event.month] += 1
    closed = [max(0, math.floor(cut) + 1) for cut in cuts] + [history.months]
    return [
        Part(
            closed=closed[part],
            came=tuple(counts["came"][part]),
            late=tuple(counts["late"][part]),
            housed=tuple(counts["housed"][part]),
            left=tuple(counts["left"][part]),
        )
        for part in range(PARTS)
    ]


_COLUMNS: Final[Mapping[Came, str]] = {Came.HOUSED: "housed", Came.LEFT: "left"}


def build(kind: Kind, *, seed: int) -> History:
    """Return one history: the same of the same kind and seed."""
    return _List(kind, random.Random(f"{kind} {seed}")).history()  # noqa: S311 - an invented town


@dataclass(slots=True)
class _List:
    kind: Kind
    chance: random.Random
    line: list[tuple[float, int]] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    rooms: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    back: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[int, int] = field(default_factory=dict)

    def history(self) -> History:
        chance = self.chance
        people = min(max(round(chance.lognormvariate(math.log(1200), 0.7)), 200), 5000)
        yearly = max(4.0, people / chance.uniform(4, 25))
        homes = homes_of(self.kind, chance, yearly)
        habits = _Habits.of(chance, yearly)
        months = chance.randrange(*_LOOKED_AT) + 1
        for _ in range(people):
            self._register(0, -chance.random() * chance.uniform(60, 240))
        for month in range(1, months):
            self._one_month(month, homes[month], habits)
        log = tuple(self.events)
        self._choose()
        return History(
            months=months, events=log, moments=self.moments, asked=self._wait(months, homes, habits)
        )

    def _wait(self, months: int, homes: Sequence[int], habits: "_Habits") -> list[Asked]:
        """Go on until everybody who was asked for has a home."""
        waited: dict[int, int] = {}
        for month in range(months, MONTHS):
            self.events.clear()
            self._one_month(month, homes[month], habits)
            for event in self.events:
                if event.what == Came.HOUSED and event.person in self.asked:
                    waited[event.person] = month - months + 1
            if len(waited) == len(self.asked):
                break
        return [Asked(ahead=ahead, waited=waited.get(person, MONTHS)) for person, ahead in self.asked.items()]

    def _one_month(self, month: int, homes: int, habits: "_Habits") -> None:
        for _ in range(poisson(self.chance, habits.arrivals)):
            late = self.chance.random() < habits.late
            self._register(month, -self.chance.random() * 100 if late else month + self.chance.random())
        for person in self.back.pop(month, ()):
            self._put(month, person)
        self._leave(month, habits)
        self._house(month, homes)

    def _register(self, month: int, moment: float) -> None:
        self.moments.append(moment)
        self.rooms.append(self.chance.choices(*_ROOMS)[0])
        self._put(month, len(self.moments) - 1)

    def _put(self, month: int, person: int) -> None:
        insort(self.line, (self.moments[person], person))
        self.events.append(Event(month, person, Came.IN_THE_WAY))

    def _leave(self, month: int, habits: "_Habits") -> None:
        """Some are removed, of whom few are restored later; some are suspended for a while."""
        kept, half = [], len(self.line) / 2
        campaign = habits.campaign_takes if habits.campaign == month else 0.0
        for place, (moment, person) in enumerate(self.line):
            removal = habits.removal * (habits.older if place < half else 1) + campaign
            drawn = self.chance.random()
            if person in self.asked or drawn >= removal + habits.suspension:
                kept.append((moment, person))
                continue
            self.events.append(Event(month, person, Came.LEFT))
            if drawn >= removal or self.chance.random() < habits.restored:
                self.back[month + self.chance.randrange(1, 12)].append(person)
        self.line = kept

    def _house(self, month: int, homes: int) -> None:
        """Each home goes to the first who needs as many rooms."""
        stock = dict.fromkeys(_ROOMS[0], 0)
        for _ in range(homes):
            stock[self.chance.choices(*_ROOMS)[0]] += 1
        left, kept = sum(stock.values()), []
        for position, (moment, person) in enumerate(self.line):
            if not left:
                kept += self.line[position:]
                break
            if stock[self.rooms[person]]:
                stock[self.rooms[person]] -= 1
                left -= 1
                self.events.append(Event(month, person, Came.HOUSED))
            else:
                kept.append((moment, person))
        self.line = kept

    def _choose(self) -> None:
        """Ask for some people of the first half; they wait until they get a home."""
        if len(self.line) > _FEWEST:
            places = [int(self.chance.uniform(0, 0.5) * len(self.line)) for _ in range(_PLACES)]
            self.asked = {self.line[place][1]: place for place in places}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habits:
    arrivals: float
    late: float
    removal: float
    older: float
    suspension: float
    restored: float
    campaign: int
    campaign_takes: float

    @classmethod
    def of(cls, chance: random.Random, yearly: float) -> "_Habits":
        return cls(
            arrivals=yearly * chance.uniform(0.8, 1.5) / 12,
            late=chance.uniform(0, 0.1),
            removal=chance.uniform(0.01, 0.08) / 12,
            older=chance.uniform(1, 2),
            suspension=0.002,
            restored=0.15,
            campaign=chance.randrange(MONTHS),
            campaign_takes=0.08,
        )
