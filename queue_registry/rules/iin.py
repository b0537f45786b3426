"""
Form and check digit of an IIN, the twelve-digit personal number; nothing else is decided by it.

Birth date, sex and age come from the population register: since 2013 the number need not match them. The
check digit does not protect the eleventh digit, so a valid number still has to be matched with its person.
"""

from datetime import date
from operator import mul
from typing import Final

IIN_LENGTH: Final = 12
_ZEROS: Final = "0" * IIN_LENGTH
_ASCII_ZERO: Final = ord("0")
_PASSES: Final = (tuple(range(1, 12)), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))


def iin_check_digit(first_eleven: str) -> str | None:
    """Return the check digit of eleven ASCII digits, or None: no number that begins so is ever issued."""
    digit = _check_digit(first_eleven.encode("ascii"))
    return None if digit is None else str(digit)


def _check_digit(digits: bytes) -> int | None:
    """The check digit of ASCII digits, of which the first eleven count."""
    # What ASCII adds to each digit falls away: the weights of a pass add up to 66, a multiple of 11.
    for weights in _PASSES:
        rest: int = sum(map(mul, digits, weights)) % 11
        if rest < 10:
            return rest
    return None


def is_iin(text: str) -> bool:
    """Say whether the text is twelve ASCII digits with the right check digit; twelve zeros are no number."""
    if len(text) != IIN_LENGTH or not (text.isascii() and text.isdigit()) or text == _ZEROS:
        return False
    digits = text.encode("ascii")
    return _check_digit(digits) == digits[-1] - _ASCII_ZERO


def names_no_day(iin: str) -> bool:
    """
    Say whether the first six digits of a valid IIN are no day of its century: a warning, no error.

    Where the seventh digit names no century the day of any century will do.
    """
    century = {"1": 18, "2": 18, "3": 19, "4": 19, "5": 20, "6": 20}.get(iin[6])
    years = [int(f"{one}{iin[:2]}") for one in ((century,) if century else (18, 19, 20))]
    return not any(_is_day(year, int(iin[2:4]), int(iin[4:6])) for year in years)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
