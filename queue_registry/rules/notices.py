"""A written notice on its way: when it is tried again, when given up, and why an act on it is refused."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from queue_registry.rules.calendar import civil_day

# After each failed attempt so long until the next one; after the last of them a letter is due.
WAITS: Final = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
)
MOST_ATTEMPTS: Final = len(WAITS) + 1
# So long a provider may be silent on what became of a message that it took.
REPORT_PATIENCE: Final = timedelta(days=3)
_FIRST_REPORT: Final = timedelta(minutes=1)


class Undelivered(StrEnum):
    """Why a notice did not reach the household by one channel."""

    DEAD_ADDRESS = "DEAD_ADDRESS"
    REFUSED = "REFUSED"
    NOT_FOR_THIS_PROVIDER = "NOT_FOR_THIS_PROVIDER"
    ATTEMPTS_OVER = "ATTEMPTS_OVER"
    TERM_OVER = "TERM_OVER"
    NO_REPORT = "NO_REPORT"
    CONTACT_ENDED = "CONTACT_ENDED"
    RETURNED = "RETURNED"


class NoticeRefusal(StrEnum):
    """Code of a refusal of an act on a notice."""

    NO_CONTACT = "NO_CONTACT"
    ON_ITS_WAY = "ON_ITS_WAY"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    HOW_MISSING = "HOW_MISSING"
    NOTHING_CHOSEN = "NOTHING_CHOSEN"


class NoticeRefused(Exception):
    """An act on a notice was refused and nothing was changed."""

    def __init__(self, code: NoticeRefusal, **detail: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail: Mapping[str, Any] = MappingProxyType(detail)


def next_attempt(*, attempts: int, at: datetime) -> datetime:
    """Return when a delivery is tried again whose attempt number `attempts` (from 1) begins at the moment."""
    return at + WAITS[min(attempts, len(WAITS)) - 1]


def given_up(*, attempts: int, next_at: datetime, due_on: date) -> Undelivered | None:
    """
    Return why there is no attempt at `next_at` after so many, or None if there is one.

    A notice is not tried electronically beyond its last day: the letter has to be posted by then.
    """
    if attempts >= MOST_ATTEMPTS:
        return Undelivered.ATTEMPTS_OVER
    if attempts and civil_day(next_at) > due_on:
        return Undelivered.TERM_OVER
    return None


def next_report(*, handed_over_at: datetime, at: datetime) -> datetime:
    """Return when a provider is asked again what became of a message: after as long as it has been out."""
    return at + max(_FIRST_REPORT, at - handed_over_at)
