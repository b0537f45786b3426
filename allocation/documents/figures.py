"""Figures and moments as a protocol prints them; the same in both languages."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from queue_registry.formats import marked, whole
from queue_registry.rules.legacy.dates import has_time

ZONE: Final = ZoneInfo("Asia/Almaty")
_DECIMAL_PLACES: Final = 4
# The running total of a year has ever longer fractions; a page can hold one of this length in a column.
_LONGEST_FRACTION: Final = 24
NO_BREAK: Final = "\u00a0"
_DIGITS: Final = re.compile(r"\d+")


def moment(at: datetime) -> str:
    """Return an aware moment in the time of the office: 01.09.2026 09:00:00."""
    return at.astimezone(ZONE).strftime("%d.%m.%Y %H:%M:%S")


def moment_of_text(text: str) -> str:
    """Return a moment of the stored input, which is ISO 8601 with an offset."""
    return moment(datetime.fromisoformat(text))


def registration_moment(text: str) -> str:
    """Return a registration moment of the stored input: only the day where nobody wrote the time down."""
    at = datetime.fromisoformat(text)
    return moment(at) if has_time(at) else at.astimezone(ZONE).strftime("%d.%m.%Y")


def number(text: str | Decimal) -> str:
    """Return a decimal as pages write it: digits in groups, the mark of the language: 50 851, 52,4."""
    whole_part, point, fraction = str(text).partition(".")
    if not _DIGITS.fullmatch(whole_part):
        return marked(str(text))
    return whole(int(whole_part)) + marked(f"{point}{fraction}")


def exact(text: str) -> str:
    """Return a fraction as it stands, or how long it is where no column could hold it."""
    if len(text) <= _LONGEST_FRACTION:
        return text
    numerator, _, denominator = text.partition("/")
    return f"…/… ({len(numerator.lstrip('-'))}:{len(denominator)})"


def rounded(fraction: str | Fraction) -> str:
    """Return a fraction as a decimal of four places, half away from zero."""
    value = Fraction(fraction)
    scaled = int(abs(value) * 10**_DECIMAL_PLACES + Fraction(1, 2))
    units, part = divmod(scaled, 10**_DECIMAL_PLACES)
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{whole(units)},{part:0{_DECIMAL_PLACES}d}"


def joined(items: Iterable[str]) -> str:
    """Return texts with commas between them, or a dash for none."""
    return ", ".join(items) or "–"
