"""Codes of the second factor: how those on paper look, and why a code or a reset is refused."""

import secrets
from enum import StrEnum
from typing import Final

# Without letters and digits that look alike.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 3, 4
RECOVERY_CODES: Final = 10
_DIGITS: Final = 6


class FactorRefusal(StrEnum):
    """Why somebody is not let in, or a telephone not untied."""

    WRONG_CODE = "WRONG_CODE"
    TOO_SOON = "TOO_SOON"
    NOTHING_TIED = "NOTHING_TIED"
    REASON_MISSING = "REASON_MISSING"
    NO_ROLE_HERE = "NO_ROLE_HERE"
    OWN_TELEPHONE = "OWN_TELEPHONE"
    OPEN_ALREADY = "OPEN_ALREADY"
    DECIDED_ALREADY = "DECIDED_ALREADY"
    ANOTHER_PERSON_NEEDED = "ANOTHER_PERSON_NEEDED"


class FactorRefused(Exception):
    """Nothing was changed; `code` says why."""

    def __init__(self, code: FactorRefusal) -> None:
        super().__init__(str(code))
        self.code = code


def new_recovery_code() -> str:
    """Return a new code for paper: three groups of four, some 59 bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def typed(code: str) -> str:
    """Return a code as it is compared: without the spaces, hyphens and capitals of whoever typed it."""
    return "".join(code.split()).replace("-", "").lower()


def is_of_a_telephone(code: str) -> bool:
    """Tell a code of the telephone from one on paper."""
    return len(code) == _DIGITS and code.isascii() and code.isdecimal()
