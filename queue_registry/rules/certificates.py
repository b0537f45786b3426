"""The code of a certificate: drawn, never counted up; read as people type it."""

import re
import secrets
from typing import Final

# Without I, L, O and U: what is read off paper has one meaning each (Crockford's base 32).
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT: Final = str.maketrans("ILO", "110")
LENGTH: Final = 16
_GROUP: Final = 4
_BETWEEN: Final = re.compile("[\\s\\-\u2010-\u2015\u2212]+")


def new_code() -> str:
    """Return 80 random bits as a code."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))


def read_code(text: str) -> str | None:
    """Return the code that somebody typed, with or without spaces and hyphens; None if it is none."""
    code = _BETWEEN.sub("", text).upper().translate(_MEANT)
    return code if len(code) == LENGTH and set(code) <= set(_ALPHABET) else None


def shown(code: str) -> str:
    """Return a code in groups of four, as it is printed."""
    return "-".join(code[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))
