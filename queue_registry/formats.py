"""
Days, moments, amounts and shares as people write them in the language of the page.

Own tables of months, because Django's Kazakh is incomplete and knows no order of "2026 ж. 22 қараша".
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

ALMATY: Final = ZoneInfo("Asia/Almaty")
_SPACE: Final = "\N{NO-BREAK SPACE}"
_MONTHS_KK: Final = (
    "қаңтар",
    "ақпан",
    "наурыз",
    "сәуір",
    "мамыр",
    "маусым",
    "шілде",
    "тамыз",
    "қыркүйек",
    "қазан",
    "қараша",
    "желтоқсан",
)
_NOMINATIVE_RU: Final = (
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
)
_MONTHS_EN: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTHS_RU: Final = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)


def day(value: date) -> str:
    """
    Return a day: "2026 ж. 22 қараша", "22 ноября 2026 г.", "22 November 2026"; a moment is taken at Almaty's
    clock.
    """
    on = value.astimezone(ALMATY).date() if isinstance(value, datetime) else value
    language = get_language()
    parts: tuple[str, ...]
    if language == "ru":
        parts = (str(on.day), _MONTHS_RU[on.month - 1], str(on.year), "г.")
    elif language == "en":
        parts = (str(on.day), _MONTHS_EN[on.month - 1], str(on.year))
    else:
        parts = (str(on.year), "ж.", str(on.day), _MONTHS_KK[on.month - 1])
    return _SPACE.join(parts)


def moment(value: datetime) -> str:
    """Return a day and a time by Almaty's clock: "2026 ж. 22 қараша, 09:05"."""
    return f"{day(value)}, {value.astimezone(ALMATY):%H:%M}"


def month(iso: str) -> str:
    """Return a month given as "2026-04": "2026 ж. сәуір", "апрель 2026 г.", "April 2026"."""
    year, number = iso.split("-")
    language = get_language()
    parts: tuple[str, ...]
    if language == "ru":
        parts = (_NOMINATIVE_RU[int(number) - 1], year, "г.")
    elif language == "en":
        parts = (_MONTHS_EN[int(number) - 1], year)
    else:
        parts = (year, "ж.", _MONTHS_KK[int(number) - 1])
    return _SPACE.join(parts)


def registration_moment(value: datetime, *, time_known: bool) -> str:
    """Return a registration moment: only the day where nobody wrote the time down."""
    return moment(value) if time_known else day(value)


def whole(value: int) -> str:
    """Return a whole number in groups of three digits: "1 234 567", in English "1,234,567"."""
    return _in_groups(f"{value:,}")


def _in_groups(written: str) -> str:
    return written if get_language() == "en" else written.replace(",", _SPACE)


def decimal(value: Decimal, *, places: int = 2) -> str:
    """Return a decimal with a comma, rounded half up: "1 234,50", in English "1,234.50"."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    whole_part, _, fraction = f"{abs(rounded):,f}".partition(".")
    sign = "\N{MINUS SIGN}" if rounded < 0 else ""
    point = "." if get_language() == "en" else ","
    return sign + _in_groups(whole_part) + (f"{point}{fraction}" if fraction else "")


def marked(text: str) -> str:
    """Return a decimal that is written already, with the mark of the language: "3,1", in English "3.1"."""
    return text if get_language() == "en" else text.replace(".", ",")


def tenge(value: Decimal) -> str:
    """Return an amount of money: "1 234 567,50 ₸"."""
    return f"{decimal(value)}{_SPACE}₸"


def area(value: Decimal) -> str:
    """Return an area in square meters: "52,40 м²"."""
    return f"{decimal(value)}{_SPACE}м²"


def share(value: Fraction, *, places: int = 4) -> str:
    """Return the decimal that is shown beside an exact share, rounded half up: "25,1944"."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return decimal(exact, places=places if value.denominator != 1 else 0)
