"""Codes of the second factor: how those on paper look, and why a code or a reset is refused."""

import secrets
from enum import StrEnum
from typing import Final

# Without letters and digits that look alike.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 3, 4
RECOVERY_CODES: Final = 10
# A code of the telephone, by RFC 6238: for how many seconds it is shown, and how many of those beside it are
# taken, since the clock of a telephone may be slow or fast.
DIGITS: Final = 6
HALF_MINUTE: Final = 30
HALF_MINUTES_BESIDE: Final = 1
_SECRET_BYTES: Final = 20


class FactorRefusal(StrEnum):
    """Why somebody is not let in, or a telephone not untied."""

    WRONG_CODE = "WRONG_CODE"
    TOO_SOON = "TOO_SOON"
    UNREADABLE = "UNREADABLE"
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


def new_secret() -> bytes:
    """Return a new secret for a telephone."""
    return secrets.token_bytes(_SECRET_BYTES)


def new_recovery_code() -> str:
    """Return a new code for paper: three groups of four, some 59 bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def typed(code: str) -> str:
    """Return a code as it is compared: without the spaces, hyphens and capitals of whoever typed it."""
    return "".join(code.split()).replace("-", "").lower()


def is_of_a_telephone(code: str) -> bool:
    """Tell a code of the telephone from one on paper."""
    return len(code) == DIGITS and code.isascii() and code.isdecimal()
