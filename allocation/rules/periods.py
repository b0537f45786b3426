"""The period of a round: the confirmed rounds frozen in it share one running account."""

from dataclasses import dataclass
from datetime import date
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days from the first to the last, both of them included."""

    first: date
    last: date

    @classmethod
    def year_of(cls, day: date) -> Self:
        """Return the calendar year of a day: the period of a round for which no other is set."""
        return cls(first=day.replace(month=1, day=1), last=day.replace(month=12, day=31))

    @property
    def is_in_order(self) -> bool:
        """Whether it does not end before it begins."""
        return self.first <= self.last

    def has(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last

    def shares_days_with(self, other: Self) -> bool:
        """Whether some day lies in both."""
        return self.first <= other.last and other.first <= self.last
