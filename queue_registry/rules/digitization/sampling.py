"""
Sampled verification: which entries are compared with their paper files, and what the errors found say of all.

The seed is made of a head of the trail that was published before, and of the day: nobody chooses it. The
sample follows from it and from the file numbers, so anybody can draw it again: the entries with the smallest
SHA-256 over seed and file number.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import isqrt
from typing import Final

# Normal quantile of a two-sided interval of 95 %, to seven digits: 1.9599640.
Z_95: Final = Fraction(19_599_640, 10_000_000)
_DIGITS: Final = 10**12


def seed_of(*, head_sha256: str, akimat_kato: str, on: date) -> str:
    """Return the seed of a day: hex SHA-256 over head, code of the akimat and day, line feeds between."""
    return hashlib.sha256(f"{head_sha256}\n{akimat_kato}\n{on.isoformat()}".encode()).hexdigest()


def draw(*, seed: str, file_numbers: Iterable[str], size: int) -> list[str]:
    """
    Return `size` file numbers in the order of their digests, or all where there are fewer.

    :raises ValueError: if the seed is empty or the size below one.
    """
    if not seed or size < 1:
        raise ValueError("A sample has a seed and a size of at least one.")
    return sorted(set(file_numbers), key=lambda number: (_digest(seed, number), number))[:size]


def _digest(seed: str, number: str) -> str:
    return hashlib.sha256(f"{seed}\n{number}".encode()).hexdigest()


def population_sha256(file_numbers: Sequence[str]) -> str:
    """Return the hex digest of the population: file numbers sorted, each followed by a line feed."""
    return hashlib.sha256("".join(f"{number}\n" for number in sorted(file_numbers)).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRate:
    """Errors among the checked, and the interval in which the rate of all lies with 95 % confidence."""

    errors: int
    checked: int
    low: Fraction
    high: Fraction

    @property
    def rate(self) -> Fraction:
        return Fraction(self.errors, self.checked)


def error_rate(*, errors: int, checked: int) -> ErrorRate:
    """
    Return the rate with its Wilson score interval (Wilson, 1927), exact to twelve digits.

    :raises ValueError: if nothing was checked, or there are more errors than checks.
    """
    if checked < 1 or not 0 <= errors <= checked:
        raise ValueError(f"{errors} errors among {checked} checked make no rate.")
    share, z2 = Fraction(errors, checked), Z_95**2
    middle = share + z2 / (2 * checked)
    spread = Z_95 * _root_above(share * (1 - share) / checked + z2 / (4 * checked * checked))
    scale = 1 + z2 / checked
    low = Fraction(0) if errors == 0 else max(Fraction(0), (middle - spread) / scale)
    high = Fraction(1) if errors == checked else min(Fraction(1), (middle + spread) / scale)
    return ErrorRate(errors=errors, checked=checked, low=low, high=high)


def _root_above(value: Fraction) -> Fraction:
    """The square root, rounded up in the twelfth digit."""
    scaled = value * _DIGITS * _DIGITS
    whole = isqrt(scaled.numerator // scaled.denominator)
    return Fraction(whole + 1, _DIGITS)
