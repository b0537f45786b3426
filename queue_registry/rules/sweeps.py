"""Rechecks of many entries: what tells one from another, and why an act on one is refused."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

ROUNDS: Final = 5
"""So often what the registers say may call for more questions about a household (a child that they name)."""


def quarter(on: date) -> str:
    """Return the period of a quarterly inventory: "2026-Q4"."""
    return f"{on.year}-Q{(on.month + 2) // 3}"


def before_allocation(on: date, *, first: int) -> str:
    """Return the period of a recheck before an allocation: its day and its depth, "2026-10-03/200"."""
    return f"{on.isoformat()}/{first}"


class SweepRefusal(StrEnum):
    """Code of a refusal; what its `detail` holds stands beside it."""

    ALREADY_STARTED = "ALREADY_STARTED"  # sweep
    NOBODY_TO_ASK_ABOUT = "NOBODY_TO_ASK_ABOUT"
    ALREADY_PAUSED = "ALREADY_PAUSED"
    NOT_PAUSED = "NOT_PAUSED"
    ALREADY_FINISHED = "ALREADY_FINISHED"


class SweepRefused(Exception):
    """An act on a recheck was refused and nothing was changed."""

    def __init__(self, code: SweepRefusal, **detail: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail: Mapping[str, Any] = MappingProxyType(detail)


def require(condition: object, code: SweepRefusal, **detail: Any) -> None:
    """
    Pass if the condition holds.

    :raises SweepRefused: with the code if it does not.
    """
    if not condition:
        raise SweepRefused(code, **detail)
