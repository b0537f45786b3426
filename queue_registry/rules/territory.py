"""
Territory of staff: an akimat's staff see that akimat, a region's staff every akimat of the region.

The first two digits of a KATO name the region or the city of republican significance; the akimat of the
region itself has zeros behind them: 270000000.
"""

from typing import Final

_DIGITS_OF_A_REGION: Final = 2
_BEHIND_THEM: Final = "0000000"


def region_prefix(kato: str) -> str:
    """Return the digits that every KATO of the region begins with."""
    return kato[:_DIGITS_OF_A_REGION]


def region_of(kato: str) -> str:
    """Return the KATO of the region's own akimat, or of the city of republican significance."""
    return region_prefix(kato) + _BEHIND_THEM


def is_region(kato: str) -> bool:
    """Tell whether the KATO is that of a region's own akimat."""
    return kato == region_of(kato)


def reaches(kato: str, other: str) -> bool:
    """Tell whether staff of the one akimat see the other."""
    return kato in {other, region_of(other)}
