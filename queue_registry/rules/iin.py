"""
Form and check digit of an IIN, the twelve-digit personal number; nothing else is read from it.

Birth date, sex and age come from the population register: since 2013 the number need not match them. The
check digit does not protect the eleventh digit, so a valid number still has to be matched with its person.
"""

import re
from typing import Final

_FORM: Final = re.compile(r"[0-9]{12}", re.ASCII)
_FIRST_PASS: Final = tuple(range(1, 12))
_SECOND_PASS: Final = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def iin_check_digit(first_eleven: str) -> str | None:
    """Return the check digit of eleven ASCII digits, or None: no number that begins so is ever issued."""
    digits = tuple(map(int, first_eleven))
    for weights in (_FIRST_PASS, _SECOND_PASS):
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if rest < 10:
            return str(rest)
    return None


def is_iin(text: str) -> bool:
    """Say whether the text is twelve ASCII digits with the right check digit; twelve zeros are no number."""
    if _FORM.fullmatch(text) is None or text == "0" * 12:
        return False
    return iin_check_digit(text[:11]) == text[11]
