"""The sum by which a lawful floor comes to its homes, for whoever prints it; the engine has its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any, Final

_NOTHING: Final[Mapping[str, Any]] = {"received": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSum:
    """
    Share × homes, rounded up, less what these lists have received.

    `distributed` and `received` are of the year before this round, None and 0 for a floor that is counted by
    round; `served_earlier` is what the lists got in earlier tiers of this round.
    """

    share: Fraction
    dwellings: int
    distributed: int | None
    received: int
    served_earlier: int

    @property
    def exact(self) -> Fraction:
        return self.share * ((self.distributed or 0) + self.dwellings)

    @property
    def rounded_up(self) -> int:
        return ceil(self.exact)


def floor_sum(
    *, rule: Mapping[str, Any], tier: int, frozen: Mapping[str, Any], result: Mapping[str, Any]
) -> FloorSum:
    """Return the sum of a floor that stands as this tier (from 0), from the documents of its round."""
    by_year, year = rule["period"] == "year", frozen["year_to_date"]
    received = sum(year["lists"].get(number, _NOTHING)["received"] for number in rule["lists"])
    return FloorSum(
        share=Fraction(rule["share"]),
        dwellings=len(frozen["dwellings"]),
        distributed=year["distributed"] if by_year else None,
        received=received if by_year else 0,
        served_earlier=sum(
            row["tier"] < tier and row["list"] in rule["lists"] for row in result["allotments"]
        ),
    )
