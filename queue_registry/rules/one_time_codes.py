"""One-time codes: how one is made, kept and compared. By it a household shows that it has its telephone."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

DIGITS: Final = 6


class Purpose(StrEnum):
    """What a code serves, and nothing else."""

    OFFER_ANSWER = "OFFER_ANSWER"
    MY_DATA = "MY_DATA"
    # Of an adult of the family, for himself alone.
    CONSENT = "CONSENT"


class CodeRefusal(StrEnum):
    """Why no code was sent, or one was not taken; what its `detail` holds stands beside it."""

    NO_TELEPHONE = "NO_TELEPHONE"
    SENT_TOO_OFTEN = "SENT_TOO_OFTEN"
    NOT_SENT = "NOT_SENT"
    NONE_SENT = "NONE_SENT"
    OVER = "OVER"
    TRIES_OVER = "TRIES_OVER"
    WRONG = "WRONG"  # left: tries


class CodeRefused(Exception):
    """No act follows; a wrong try was counted."""

    def __init__(self, code: CodeRefusal, **detail: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail: Mapping[str, Any] = MappingProxyType(detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCode:
    """What is known of the newest code of a household for a purpose; never the code itself."""

    salt: str
    digest: str
    expires_at: datetime
    tries: int
    is_used: bool


def new_code() -> str:
    """Return a code that nobody can foresee."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def new_salt() -> str:
    """Return a salt of 32 characters."""
    return secrets.token_hex(16)


def digest_of(code: str, *, salt: str, pepper: str) -> str:
    """
    Return what is kept of a code. Six digits are soon tried through: without the installation's secret,
    `pepper`, a copy of the rows gives no code away.
    """
    return hmac.new(pepper.encode(), f"{salt}:{code}".encode(), hashlib.sha256).hexdigest()


def refusal_of(
    kept: KeptCode | None, code: str, *, pepper: str, most_tries: int, at: datetime
) -> CodeRefused | None:
    """Return why a typed code is not taken at the moment, or None if it is."""
    if kept is None or kept.is_used:
        return CodeRefused(CodeRefusal.NONE_SENT)
    if at > kept.expires_at:
        return CodeRefused(CodeRefusal.OVER)
    if kept.tries >= most_tries:
        return CodeRefused(CodeRefusal.TRIES_OVER)
    typed = digest_of(code, salt=kept.salt, pepper=pepper)
    if not hmac.compare_digest(typed, kept.digest):
        return CodeRefused(CodeRefusal.WRONG, left=most_tries - kept.tries - 1)
    return None
