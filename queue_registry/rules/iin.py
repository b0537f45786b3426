"""
Form and check digit of an IIN, the twelve-digit personal number; nothing else is decided by it.

Birth date, sex and age come from the population register: since 2013 the number need not match them. The
check digit does not protect the eleventh digit, so a valid number still has to be matched with its person.
"""

import re
from datetime import date
from operator import mul
from typing import Final

_FORM: Final = re.compile(r"[0-9]{12}", re.ASCII)
_FIRST_PASS: Final = tuple(range(1, 12))
_SECOND_PASS: Final = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def iin_check_digit(first_eleven: str) -> str | None:
    """Return the check digit of eleven ASCII digits, or None: no number that begins so is ever issued."""
    # What ASCII adds to each digit falls away: the weights of a pass add up to 66, a multiple of 11.
    digits = first_eleven.encode("ascii")
    for weights in (_FIRST_PASS, _SECOND_PASS):
        rest = sum(map(mul, digits, weights)) % 11
        if rest < 10:
            return str(rest)
    return None


def is_iin(text: str) -> bool:
    """Say whether the text is twelve ASCII digits with the right check digit; twelve zeros are no number."""
    if _FORM.fullmatch(text) is None or text == "0" * 12:
        return False
    return iin_check_digit(text[:11]) == text[11]


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
