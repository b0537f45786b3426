"""Why a move of an entry is refused: closed codes, said in words by the screens."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class MoveRefusal(StrEnum):
    """Code of a refusal; what its `detail` holds stands beside it."""

    # Any move
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    DOCUMENT_MISSING = "DOCUMENT_MISSING"
    REASON_MISSING = "REASON_MISSING"
    SECOND_PERSON_NEEDED = "SECOND_PERSON_NEEDED"
    ENTRY_OFFERED = "ENTRY_OFFERED"
    ENTRY_NOT_ACTIVE = "ENTRY_NOT_ACTIVE"  # status
    ENTRY_NOT_SUSPENDED = "ENTRY_NOT_SUSPENDED"  # status
    ENTRY_SUSPENDED_ALREADY = "ENTRY_SUSPENDED_ALREADY"
    ANOTHER_LIVE_ENTRY = "ANOTHER_LIVE_ENTRY"  # list
    # Removal
    CASE_OPEN = "CASE_OPEN"
    CASE_DECIDED = "CASE_DECIDED"  # outcome
    PROTECTED = "PROTECTED"  # category, article
    PROTECTION_NOT_KNOWN = "PROTECTION_NOT_KNOWN"  # source
    NOTICE_MISSING = "NOTICE_MISSING"
    NOTICE_GIVEN = "NOTICE_GIVEN"
    NOTICE_ON_ITS_WAY = "NOTICE_ON_ITS_WAY"
    NOTICE_NOT_DELIVERED = "NOTICE_NOT_DELIVERED"
    TERM_RUNS = "TERM_RUNS"  # decision_from
    OBJECTION_TERM_OVER = "OBJECTION_TERM_OVER"  # objections_until
    OBJECTION_RECORDED = "OBJECTION_RECORDED"
    HEARING_MISSING = "HEARING_MISSING"
    HEARING_RECORDED = "HEARING_RECORDED"
    # Rechecks
    FINDING_SETTLED = "FINDING_SETTLED"
    # Review
    NOTHING_TO_CONTEST = "NOTHING_TO_CONTEST"
    REVIEW_OPEN = "REVIEW_OPEN"
    REVIEW_DECIDED = "REVIEW_DECIDED"  # outcome
    COMPLAINT_TERM_OVER = "COMPLAINT_TERM_OVER"  # until
    ENTRY_NOT_REMOVED = "ENTRY_NOT_REMOVED"  # status
    # Registration moment
    CHANGE_OPEN = "CHANGE_OPEN"
    CHANGE_CLOSED = "CHANGE_CLOSED"
    MOMENT_IN_FUTURE = "MOMENT_IN_FUTURE"
    MOMENT_TOO_EARLY = "MOMENT_TOO_EARLY"  # earliest
    MOMENT_THE_SAME = "MOMENT_THE_SAME"
    ONLY_LATER = "ONLY_LATER"
    ONLY_FOR_ORPHANS = "ONLY_FOR_ORPHANS"
    # Categories
    CATEGORY_NOT_LAWFUL = "CATEGORY_NOT_LAWFUL"
    CATEGORY_NOT_HELD = "CATEGORY_NOT_HELD"
    CATEGORY_HELD = "CATEGORY_HELD"
    CATEGORY_OF_ANOTHER_LIST = "CATEGORY_OF_ANOTHER_LIST"  # list
    CATEGORY_DOES_NOT_STAY = "CATEGORY_DOES_NOT_STAY"
    DAY_IN_FUTURE = "DAY_IN_FUTURE"
    DAY_BEFORE_PERIOD = "DAY_BEFORE_PERIOD"  # from_on
    ALREADY_ON_LIST = "ALREADY_ON_LIST"  # list
    # Succession
    NOBODY_REMAINS = "NOBODY_REMAINS"
    NOT_A_SUCCESSOR = "NOT_A_SUCCESSOR"
    SUCCESSOR_AGE_NOT_KNOWN = "SUCCESSOR_AGE_NOT_KNOWN"


class MoveRefused(Exception):
    """
    A move was refused and nothing was changed; `detail` has figures, codes and days, never personal data.
    """

    def __init__(self, code: MoveRefusal, **detail: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail: Mapping[str, Any] = MappingProxyType(detail)


def require(condition: object, code: MoveRefusal, **detail: Any) -> None:
    """
    Pass if the condition holds.

    :raises MoveRefused: with the code if it does not.
    """
    if not condition:
        raise MoveRefused(code, **detail)
