"""
Reading the date cell of a legacy list, in every way that clerks wrote dates.

The civil day is the one that the source writes, whatever the offset of its clock; a moment is kept only where
the source knows the time of day: midnight sharp means that it does not.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from queue_registry.rules.legacy.cells import Cell, is_nothing, text_of
from queue_registry.rules.legacy.codes import Code

ALMATY: Final = ZoneInfo("Asia/Almaty")
# A day without a time sorts after all timed entries of that day.
END_OF_DAY: Final = time(23, 59, 59)
_SPREADSHEET_DAY_ZERO: Final = date(1899, 12, 30)
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2199
# Numbers of days that a spreadsheet would show as days between 1927 and 2119.
_SERIALS: Final = range(10_000, 80_000)

_MONTHS: Final[Mapping[str, int]] = MappingProxyType(
    {
        name: number
        for number, names in enumerate(
            (
                "янв январь января қаңтар",
                "фев февр февраль февраля ақпан",
                "мар март марта наурыз",
                "апр апрель апреля сәуір",
                "май мая мамыр",
                "июн июнь июня маусым",
                "июл июль июля шілде",
                "авг август августа тамыз",
                "сен сент сентябрь сентября қыркүйек",
                "окт октябрь октября қазан",
                "ноя нояб ноябрь ноября қараша",
                "дек декабрь декабря желтоқсан",
            ),
            start=1,
        )
        for name in names.split()
    }
)
_YEAR_WORD: Final = r"(?:\s*(?:г|год|года|ж|жыл|жылы|жылғы)\b\.?)?"
_TIME: Final = r"(?:,?\s+(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?"
_DAY_FIRST: Final = re.compile(
    r"(?P<d>[0-9]{1,2})[./-](?P<m>[0-9]{1,2})[./-](?P<y>[0-9]{4}|[0-9]{2})" + _YEAR_WORD + _TIME
)
_YEAR_FIRST: Final = re.compile(
    r"(?P<y>[0-9]{4})[./-](?P<m>[0-9]{1,2})[./-](?P<d>[0-9]{1,2})" + _YEAR_WORD + _TIME
)
_DAY_MONTH_YEAR: Final = re.compile(
    r"(?P<d>[0-9]{1,2})\s+(?P<word>[^\W\d_]+)\.?\s+(?P<y>[0-9]{4}|[0-9]{2})" + _YEAR_WORD
)
_YEAR_DAY_MONTH: Final = re.compile(
    r"(?P<y>[0-9]{4})" + _YEAR_WORD + r"\s+(?P<d>[0-9]{1,2})\s+(?P<word>[^\W\d_]+)\.?"
)
_YEAR: Final = re.compile(r"(?P<y>[0-9]{4})" + _YEAR_WORD)
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9][0-9]-[0-9][0-9][T ][0-9][0-9]:[0-9][0-9].*")
_SERIAL: Final = re.compile(r"[0-9]{5}(?:[.,][0-9]+)?")


class DateCell(NamedTuple):
    """
    A registration date as a list gives it.

    `day` is a full civil day, or the last day of the year where `code` is YEAR_ONLY. `moment` is aware and
    set only where the time of day is known.
    """

    day: date | None
    code: Code | None = None
    moment: datetime | None = None
    two_digit_year: bool = False

    @property
    def is_full(self) -> bool:
        return self.code is None


def read_date(cell: Cell, *, imported_on: date) -> DateCell:
    """
    Read a date cell; the day of import decides what lies in the future and which century `11` is in.

    The code is NO_DATE, YEAR_ONLY, FUTURE_DATE or BAD_DATE, or None for a full date.
    """
    if is_nothing(cell):
        return DateCell(None, Code.NO_DATE)
    read = _read(cell, imported_on)
    if read is None:
        return DateCell(None, Code.BAD_DATE)
    if _is_future(read, imported_on):
        return DateCell(None, Code.FUTURE_DATE, two_digit_year=read.two_digit_year)
    return read


def untimed(day: date) -> datetime:
    """Return the moment that stands for a day without a time: its last second in Asia/Almaty."""
    return datetime.combine(day, END_OF_DAY, ALMATY)


def has_time(moment: datetime) -> bool:
    """Say whether a registration moment is more than a day without a time."""
    return moment.astimezone(ALMATY).time() != END_OF_DAY


def _is_future(read: DateCell, imported_on: date) -> bool:
    if read.day is None:
        return False
    return read.day.year > imported_on.year if read.code is Code.YEAR_ONLY else read.day > imported_on


def _read(cell: Cell, imported_on: date) -> DateCell | None:
    if isinstance(cell, datetime):
        return _from_moment(cell)
    if isinstance(cell, date):
        return DateCell(cell) if cell.year >= _EARLIEST_YEAR else None
    if isinstance(cell, int | Decimal):
        return _from_number(Decimal(cell))
    return _read_text(text_of(cell), imported_on)


# Of the people on a list many were registered on the same day.
@lru_cache(maxsize=10_000)
def _read_text(text: str, imported_on: date) -> DateCell | None:
    if _MOMENT.fullmatch(text):
        return _from_iso(text)
    if _SERIAL.fullmatch(text):
        return _from_number(Decimal(text.replace(",", ".")))
    return _from_text(text.casefold().rstrip(" .,;"), imported_on)


def _from_moment(moment: datetime, *, two_digit_year: bool = False) -> DateCell | None:
    if moment.year < _EARLIEST_YEAR:
        return None
    if moment.time() == time(0):
        return DateCell(moment.date(), two_digit_year=two_digit_year)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ALMATY)
    return DateCell(moment.date(), moment=aware, two_digit_year=two_digit_year)


def _from_iso(text: str) -> DateCell | None:
    try:
        return _from_moment(datetime.fromisoformat(text))
    except ValueError:
        return None


def _from_number(number: Decimal) -> DateCell | None:
    whole = int(number)
    if number == whole and _EARLIEST_YEAR <= whole <= _LATEST_YEAR:
        return _whole_year(whole)
    if whole not in _SERIALS:
        return None
    day = _SPREADSHEET_DAY_ZERO + timedelta(days=whole)
    seconds = round((number - whole) * 86_400)
    if not 0 < seconds < 86_400:
        return DateCell(day)
    return _from_moment(datetime.combine(day, time(0)) + timedelta(seconds=seconds))


def _from_text(text: str, imported_on: date) -> DateCell | None:
    for pattern in (_DAY_FIRST, _YEAR_FIRST, _DAY_MONTH_YEAR, _YEAR_DAY_MONTH):
        match = pattern.fullmatch(text)
        if match is not None:
            return _from_parts(match.groupdict(""), imported_on)
    match = _YEAR.fullmatch(text)
    return _whole_year(int(match["y"])) if match else None


def _from_parts(parts: dict[str, str], imported_on: date) -> DateCell | None:
    month = int(parts["m"]) if "m" in parts else _MONTHS.get(parts["word"])
    year, short = int(parts["y"]), len(parts["y"]) == 2
    if short:
        year += 2000 if 2000 + year <= imported_on.year else 1900
    if month is None or not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        return None
    try:
        day = date(year, month, int(parts["d"]))
        at = _clock(parts.get("time", ""))
    except ValueError:
        return None
    return _from_moment(datetime.combine(day, at), two_digit_year=short)


def _clock(text: str) -> time:
    """Return the time of day that stands behind a day; midnight, which says nothing, where none does."""
    hour, _, rest = text.partition(":")
    return time.fromisoformat(f"{hour:0>2}:{rest}") if text else time(0)


def _whole_year(year: int) -> DateCell | None:
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        return None
    return DateCell(date(year, 12, 31), Code.YEAR_ONLY)
