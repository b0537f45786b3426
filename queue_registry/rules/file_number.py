"""
The file number of an application: permanent, public, never used again.

Form: first six KATO digits, running number of seven digits, check digit: ``271010-0001234-5``.
The check digit is Damm's: it finds every single wrong digit and every swap of neighbors, which people make
when they type a number from a letter.
"""

import re
from typing import Final

_DAMM: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_FORM: Final = re.compile(r"([0-9]{6})-?([0-9]{7})-?([0-9])", re.ASCII)
MAX_RUNNING_NUMBER: Final = 9_999_999


class NotAFileNumber(ValueError):
    """The text is no file number: wrong form or wrong check digit."""


def check_digit(digits: str) -> str:
    """Return Damm's check digit of a text of ASCII digits."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def file_number(*, kato: str, running_number: int) -> str:
    """
    Make the file number of the `running_number`-th application (from 1) of the akimat with this nine-digit
    KATO.

    :raises ValueError: if the running number is outside 1-9,999,999.
    """
    if not 1 <= running_number <= MAX_RUNNING_NUMBER:
        raise ValueError("The running number must be between 1 and 9,999,999.")
    digits = f"{kato[:6]}{running_number:07d}"
    return f"{digits[:6]}-{digits[6:]}-{check_digit(digits)}"


def parse_file_number(text: str) -> str:
    """
    Return the canonical form of a typed file number; spaces around it and missing hyphens are forgiven.

    :raises NotAFileNumber: if the form or the check digit is wrong.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None or check_digit(match[1] + match[2]) != match[3]:
        raise NotAFileNumber("This is not a file number.")
    return "-".join(match.groups())
