"""
What an application needs before it can be filed, how long its decision may take, and why an act is refused.

A register's confirmed word replaces a paper: only the signed application itself is always asked for. [ours:
no act that we read lists the papers]
"""

import calendar
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from queue_registry.rules.categories import STATUSES
from queue_registry.rules.waiting_lists import ListNumber


class Paper(StrEnum):
    """Kinds of documents without which nothing is filed, unless a register confirmed what they prove."""

    APPLICATION = "APPLICATION"
    IDENTITY = "IDENTITY"
    FAMILY = "FAMILY"
    CATEGORY = "CATEGORY"


# Facts of a household that no status of a register names, by list.
_OF_THE_HOUSEHOLD: Final[Mapping[ListNumber, tuple[str, ...]]] = MappingProxyType(
    {
        ListNumber.LARGE_FAMILIES: ("large_family",),
        ListNumber.VULNERABLE: ("disability", "disabled_child"),
    }
)

# What a scan may be, by its first bytes: its media type and the end of its name.
_SCANS: Final = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
)
LARGEST_SCAN: Final = 10 * 1024 * 1024  # bytes; a scan of twenty pages has two to five million


class IntakeRefusal(StrEnum):
    """Code of a refusal; what its `detail` holds stands beside it."""

    NOT_AN_IIN = "NOT_AN_IIN"
    ALREADY_REGISTERED = "ALREADY_REGISTERED"  # file_number, empty where another akimat keeps it
    INTAKE_OPEN = "INTAKE_OPEN"  # intake, None where another akimat keeps it
    IN_ANOTHER_HOUSEHOLD = "IN_ANOTHER_HOUSEHOLD"  # file_number, empty where another akimat keeps it
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    INTAKE_CLOSED = "INTAKE_CLOSED"
    NOT_YOUR_AKIMAT = "NOT_YOUR_AKIMAT"  # another system may not ask there
    NOT_OF_THE_HOUSEHOLD = "NOT_OF_THE_HOUSEHOLD"
    CLAIMS_MISSING = "CLAIMS_MISSING"
    CATEGORY_OF_ANOTHER_LIST = "CATEGORY_OF_ANOTHER_LIST"
    INCOMPLETE = "INCOMPLETE"  # papers: kinds; consents: keys of people
    SCAN_NOT_READABLE = "SCAN_NOT_READABLE"
    SCAN_TOO_LARGE = "SCAN_TOO_LARGE"
    ALREADY_DECIDED = "ALREADY_DECIDED"  # status, by
    REASON_MISSING = "REASON_MISSING"  # against: what a register says, or the ground
    FACTS_NOT_FRESH = "FACTS_NOT_FRESH"  # sources


class IntakeRefused(Exception):
    """
    An act on an intake or an application was refused and nothing was changed; `detail` has no personal data.
    """

    def __init__(self, code: IntakeRefusal, **detail: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail: Mapping[str, Any] = MappingProxyType(detail)


def categories_of(number: ListNumber) -> tuple[str, ...]:
    """Return the categories by which one may stand on a list."""
    return tuple(sorted({*STATUSES[number], *_OF_THE_HOUSEHOLD.get(number, ())}))


def needed_papers(
    *, identity_confirmed: bool, family_confirmed: bool, categories_confirmed: bool
) -> tuple[Paper, ...]:
    """Return the papers that an application needs beside what the registers confirmed."""

    def needed() -> Iterator[Paper]:
        yield Paper.APPLICATION
        if not identity_confirmed:
            yield Paper.IDENTITY
        if not family_confirmed:
            yield Paper.FAMILY
        if not categories_confirmed:
            yield Paper.CATEGORY

    return tuple(needed())


def decision_term(*, kinds: Collection[str], unanswered: bool) -> str:
    """
    Return the policy's term for the decision: by registers alone, with papers, or with a register still to
    answer.
    """
    if unanswered:
        return "decide_with_inquiry"
    return "decide_with_papers" if set(kinds) - {Paper.APPLICATION} else "decide_by_registers"


def scan_type(content: bytes) -> tuple[str, str] | None:
    """Return media type and name ending of a scan by its first bytes, or None if it is none."""
    return next(((media, end) for start, media, end in _SCANS if content.startswith(start)), None)


def months_after(day: date, *, months: int) -> date:
    """Return the same day so many months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
