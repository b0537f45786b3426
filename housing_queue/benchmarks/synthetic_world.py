"""The records of invented histories, and moments at which an office works or does not."""

import random
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import Final

from queue_registry.rules.calendar import TIME_ZONE, kazakhstan

DESK_FROM: Final = date(2022, 7, 1)
TODAY: Final = date(2026, 8, 31)
AT: Final = datetime.combine(TODAY, time(23), tzinfo=TIME_ZONE)
DAY: Final = timedelta(days=1)
_FRIDAY: Final = 5


@dataclass(slots=True, kw_only=True)
class Happening:
    """One event of a history: what, when it was recorded, list and moment after it, who, with what proof."""

    at: datetime
    what: str
    waiting_list: str
    moment: datetime
    stands: bool = True
    clerk: str = ""
    proof: str = ""


@dataclass(slots=True, kw_only=True)
class History:
    """One application with its entry."""

    key: int
    akimat: int
    series: str
    number: int
    typed_at: datetime
    clerk: str
    proof: str
    phone: str
    address: str
    people: list[int]
    happenings: list[Happening] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"queue_entry:{self.key}"

    @property
    def file_number(self) -> str:
        return f"{self.key:08d}"

    def known(self, at: datetime) -> Happening | None:
        """The newest event recorded by the moment."""
        index = bisect_right(self.happenings, at, key=attrgetter("at"))
        return self.happenings[index - 1] if index else None

    def add(self, happening: Happening) -> None:
        """One more event, at its place in time."""
        index = bisect_right(self.happenings, happening.at, key=attrgetter("at"))
        self.happenings.insert(index, happening)


@dataclass(slots=True, kw_only=True)
class Served:
    """One line of a round: who, on which list, with which moment; a turn or a code."""

    history: History
    waiting_list: str
    moment: datetime
    turn: int | None = None
    code: str = ""


@dataclass(slots=True, kw_only=True)
class Batch:
    """One distribution."""

    key: int
    akimat: int
    announced_at: datetime
    frozen_at: datetime
    decided_at: datetime
    homes: int
    lines: list[Served] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Flat:
    """One home, as it stands today."""

    key: int
    ready_since: datetime | None = None
    taken_at: datetime | None = None
    lived_in_since: datetime | None = None
    known_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Year:
    """Homes of an akimat in a year, and those of its orphans."""

    name: str
    homes: int
    received: int
    waiting: int


@dataclass(kw_only=True)
class World:
    """Akimats with their clerks and everything that happened in them; `touched`: what nobody calls honest."""

    chance: random.Random
    clerks: list[list[str]] = field(default_factory=list)
    histories: list[History] = field(default_factory=list)
    of_akimat: dict[int, list[History]] = field(default_factory=dict)
    ordered_series: list[str] = field(default_factory=list)
    rounds: list[Batch] = field(default_factory=list)
    flats: list[Flat] = field(default_factory=list)
    years: list[Year] = field(default_factory=list)
    officials: dict[int, str] = field(default_factory=dict)
    kin: dict[int, list[int]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def relate(self, one: int, other: int) -> None:
        """Make two people kin of the first degree."""
        self.kin.setdefault(one, []).append(other)
        self.kin.setdefault(other, []).append(one)


def office(chance: random.Random, day: date) -> datetime:
    """A moment of a working day: this one, or the first after it."""
    calendar = kazakhstan()
    while day.isoweekday() > _FRIDAY or (day.year in calendar.years and not calendar.is_working_day(day)):
        day += DAY
    return datetime.combine(day, time(chance.randint(9, 17), chance.randint(0, 59)), tzinfo=TIME_ZONE)


def night(chance: random.Random, day: date) -> datetime:
    """A moment of the night that follows a day, or of a weekend."""
    hour = chance.choice((21, 22, 23, 25, 26))
    start = datetime.combine(day, time(), tzinfo=TIME_ZONE)
    return start + timedelta(hours=hour, minutes=chance.randint(0, 59))


def day_between(chance: random.Random, start: date, end: date) -> date:
    """Any day of a period."""
    return start + DAY * chance.randint(0, max(0, (end - start).days))
