"""
Reading one field of a JSON object, strictly: nothing is guessed or coerced.

Every function takes the object and the key, returns the value or raises `InputRefused` with the path below
the object. `true` is not a number here, and digits are ASCII.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeVar, cast

from .refusal import InputRefused, key_path
from .strict_json import Json
from .values import LIST_CODES, MILLIONTHS

Record = dict[str, Json]
Choice = TypeVar("Choice", bound=StrEnum)

MOST_INTEGER: Final = 2**53 - 1
MOST_AGE: Final = 130
_DECIMAL: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,6}))?")
_FRACTION: Final = re.compile(r"(-?)(0|[1-9][0-9]{0,3999})(?:/([1-9][0-9]{0,3999}))?")
_SHARE: Final = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:/[1-9][0-9]{0,11})?")
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r"(?:\.([0-9]{1,6}))?"
    r"(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)
_FIRST_MOMENT: Final = datetime(1, 1, 1)  # noqa: DTZ001 - the offset is added as a number: year 1 has no room for it
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTE: Final = 60 * 1_000_000
# Python refuses to convert more digits than a setting of the process allows; this many are always allowed.
_CHUNK: Final = 500


@contextmanager
def inside(path: str) -> Iterator[None]:
    """Name the parent of what is read inside."""
    try:
        yield
    except InputRefused as refusal:
        raise refusal.under(path) from None


def record(value: Json, keys: Collection[str]) -> Record:
    """An object with exactly these keys."""
    if not isinstance(value, dict):
        raise InputRefused("", "expected an object")
    if value.keys() != keys:
        for key in value:
            if key not in keys:
                raise InputRefused(key_path(key), "unknown key")
        raise InputRefused(key_path(min(keys - value.keys())), "missing key")
    return value


def mapping(value: Json) -> Record:
    """An object with any keys."""
    if not isinstance(value, dict):
        raise InputRefused("", "expected an object")
    return value


def items(parent: Record, key: str) -> list[Json]:
    value = parent[key]
    if not isinstance(value, list):
        raise InputRefused(f".{key}", "expected a list")
    return value


def text(parent: Record, key: str) -> str:
    """A string that is not empty and has no lone surrogate."""
    value = parent[key]
    if type(value) is not str:
        raise InputRefused(f".{key}", "expected a string")
    return checked_text(value, f".{key}")


def checked_text(value: Json, path: str) -> str:
    if type(value) is not str:
        raise InputRefused(path, "expected a string")
    if not value:
        raise InputRefused(path, "the string is empty")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise InputRefused(path, "the string has a lone surrogate") from None
    return value


def texts(parent: Record, key: str) -> tuple[str, ...]:
    return tuple(checked_text(value, f".{key}[{index}]") for index, value in enumerate(items(parent, key)))


def matching(parent: Record, key: str, pattern: re.Pattern[str], expected: str) -> str:
    """A string that the pattern matches as a whole."""
    value = parent[key]
    if type(value) is not str or not pattern.fullmatch(value):
        raise InputRefused(f".{key}", f"expected {expected}")
    return value


def choice(parent: Record, key: str, among: type[Choice]) -> Choice:
    value = parent[key]
    # The enum's own table: to call the enum takes five times as long.
    found = cast("Choice | None", among._value2member_map_.get(value)) if type(value) is str else None
    if found is None:
        raise InputRefused(f".{key}", f"expected one of {', '.join(among)}")
    return found


def boolean(parent: Record, key: str) -> bool:
    value = parent[key]
    if type(value) is not bool:
        raise InputRefused(f".{key}", "expected true or false")
    return value


def integer(parent: Record, key: str, *, least: int = -MOST_INTEGER, most: int = MOST_INTEGER) -> int:
    value = parent[key]
    if type(value) is not int:
        raise InputRefused(f".{key}", "expected a whole number")
    if not least <= value <= most:
        raise InputRefused(f".{key}", f"expected a whole number from {least} to {most}")
    return value


def optional_integer(
    parent: Record, key: str, *, least: int = -MOST_INTEGER, most: int = MOST_INTEGER
) -> int | None:
    return None if parent[key] is None else integer(parent, key, least=least, most=most)


def decimal(parent: Record, key: str, *, above_zero: bool = False) -> int:
    """A decimal, in millionths."""
    amount = decimal_value(parent[key], f".{key}")
    if above_zero and not amount:
        raise InputRefused(f".{key}", "expected a decimal above 0")
    return amount


def decimal_value(value: Json, path: str) -> int:
    found = _DECIMAL.fullmatch(value) if type(value) is str else None
    if found is None:
        raise InputRefused(path, "expected a decimal as a string")
    whole, part = found.groups()
    return int(whole) * MILLIONTHS + (int(part.ljust(6, "0")) if part else 0)


def fraction(parent: Record, key: str) -> Fraction:
    found = _FRACTION.fullmatch(value) if type(value := parent[key]) is str else None
    if found is None:
        raise InputRefused(f".{key}", "expected a fraction as a string")
    sign, over, under = found.groups()
    amount = Fraction(_integer_from(over), _integer_from(under or "1"))
    return -amount if sign else amount


def share(parent: Record, key: str) -> Fraction:
    """A fraction from 0 to 1 with at most 12 digits a side."""
    value = matching(parent, key, _SHARE, "a fraction from 0 to 1 as a string")
    if (amount := Fraction(value)) > 1:
        raise InputRefused(f".{key}", "expected a fraction from 0 to 1 as a string")
    return amount


def moment(parent: Record, key: str) -> int:
    """A moment with its offset, in microseconds since 0001-01-01T00:00:00Z."""
    value = parent[key]
    found = _MOMENT.fullmatch(value) if type(value) is str else None
    if found is None:
        raise InputRefused(f".{key}", "expected a moment with its offset, as 2026-09-01T09:00:00+05:00")
    local, part, sign, hours, minutes = found.groups()
    try:
        instant = (datetime.fromisoformat(local) - _FIRST_MOMENT) // _MICROSECOND
    except ValueError:
        raise InputRefused(f".{key}", "names no real moment") from None
    if part:
        instant += int(part.ljust(6, "0"))
    if sign:
        offset = (int(hours) * 60 + int(minutes)) * _MINUTE
        instant += offset if sign == "-" else -offset
    return instant


def check_list_key(code: str) -> None:
    """A key of an object that is keyed by list."""
    if code not in LIST_CODES:
        raise InputRefused(key_path(code), "expected a list from 1 to 6")


def unique(values: Iterable[str], path_of_index: str, problem: str) -> None:
    """Refuse the first value that stands earlier already; `path_of_index` has one `{}` for the index."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            raise InputRefused(path_of_index.format(index), problem)
        seen.add(value)


def fraction_text(amount: Fraction) -> str:
    """In lowest terms, a whole number without a denominator."""
    text_of_it = ("-" if amount < 0 else "") + _digits(abs(amount.numerator))
    return text_of_it if amount.denominator == 1 else f"{text_of_it}/{_digits(amount.denominator)}"


def decimal_text(amount: int) -> str:
    """Millionths as a decimal of six places."""
    return f"{amount // MILLIONTHS}.{amount % MILLIONTHS:06d}"


def _integer_from(digits: str) -> int:
    number = 0
    for start in range(0, len(digits), _CHUNK):
        part = digits[start : start + _CHUNK]
        number = number * 10 ** len(part) + int(part)
    return number


def _digits(number: int) -> str:
    parts = []
    while number >= 10**_CHUNK:
        number, part = divmod(number, 10**_CHUNK)
        parts.append(f"{part:0{_CHUNK}d}")
    return str(number) + "".join(reversed(parts))
