"""The mock consent service: tokens for one person and one service, which anybody with the key can check."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

PUBLIC_KEY: Final = "invented-public-key"


class State(Enum):
    """What a token is worth."""

    GOOD = "GOOD"
    EXPIRED = "EXPIRED"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOffice:
    """Gives and checks tokens; the key lives as long as the process."""

    key: bytes

    def give(self, iin: str, service: str, *, expires_in: int, at: datetime) -> str:
        """Return a token that is good for so many milliseconds."""
        until = at + timedelta(milliseconds=expires_in)
        return self._token(iin, service, int(until.timestamp() * 1000))

    def check(self, token: str, *, public_key: str, iin: str, service: str, at: datetime) -> State:
        """Return whether it is a token of ours for the person and the service, and still good."""
        until = token.partition("-")[0]
        if public_key != PUBLIC_KEY or not (until.isascii() and until.isdigit()):
            return State.NONE
        if not hmac.compare_digest(token, self._token(iin, service, int(until))):
            return State.NONE
        return State.GOOD if at.timestamp() * 1000 < int(until) else State.EXPIRED

    def _token(self, iin: str, service: str, until: int) -> str:
        told = f"{iin}\x1f{service}\x1f{until}".encode()
        return f"{until}-{hmac.new(self.key, told, hashlib.sha256).hexdigest()}"
