"""
Working days: holidays and moved days are data (`calendars/kz.toml`), and so are the days of rest of a week.

A term of N working days that starts on a day ends with the N-th working day after it: the starting day never
counts. A term that runs into a year without data is refused, since nobody knows its holidays.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

_FILE: Final = Path(__file__).resolve().parent.parent / "calendars" / "kz.toml"
# One time for the whole country since 01.03.2024 (Government order No 19 of 19.01.2024).
TIME_ZONE: Final = ZoneInfo("Asia/Almaty")
_DAY: Final = timedelta(days=1)


def civil_day(at: datetime) -> date:
    """Return the day of an aware moment as a wall calendar in Kazakhstan shows it."""
    return at.astimezone(TIME_ZONE).date()


def hour_of(at: datetime) -> int:
    """Return the full hour of an aware moment as a wall clock in Kazakhstan shows it."""
    return at.astimezone(TIME_ZONE).hour


class YearUnknown(LookupError):
    """The calendar has no data of a year that a term runs into."""

    def __init__(self, year: int) -> None:
        super().__init__(f"calendar: the holidays of {year} are not known yet")
        self.year = year


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Days of rest of a week (ISO numbers), free days beside them, worked days among them, by known years."""

    days_of_rest: frozenset[int]
    years: frozenset[int]
    free: frozenset[date]
    worked: frozenset[date]

    def is_working_day(self, day: date) -> bool:
        """
        Tell whether the day is worked in a five-day week.

        :raises YearUnknown: if the year of the day has no data.
        """
        if day.year not in self.years:
            raise YearUnknown(day.year)
        if day in self.worked:
            return True
        return day not in self.free and day.isoweekday() not in self.days_of_rest

    def working_day_after(self, day: date, *, count: int) -> date:
        """
        Return the `count`-th working day (from 1) after the day: the last day of a term of so many working
        days.

        :raises ValueError: if `count` is below 1.
        :raises YearUnknown: if the term runs into a year without data.
        """
        if count < 1:
            raise ValueError("count: a term has at least one working day")
        while count:
            day += _DAY
            count -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """
        Return how many working days lie after `start` up to and with `end`; 0 if the end is not later.

        :raises YearUnknown: if a day in between has no data.
        """
        days = (start + _DAY * step for step in range(1, (end - start).days + 1))
        return sum(self.is_working_day(day) for day in days)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Calendar":
        """Read a calendar file's content; every year's days must lie in it."""
        years = document["years"]
        for block in years:
            for kind in ("free", "worked"):
                strangers = [day["on"] for day in block[kind] if day["on"].year != block["year"]]
                if strangers:
                    raise ValueError(f"years[{block['year']}].{kind}: {strangers[0]} is of another year")
        return cls(
            days_of_rest=frozenset(document["week"]["days_of_rest"]),
            years=frozenset(block["year"] for block in years),
            free=frozenset(day["on"] for block in years for day in block["free"]),
            worked=frozenset(day["on"] for block in years for day in block["worked"]),
        )


@cache
def kazakhstan() -> Calendar:
    """Return the calendar of Kazakhstan."""
    return Calendar.from_document(tomllib.loads(_FILE.read_text(encoding="utf-8")))
