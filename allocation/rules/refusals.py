"""Why an act of the distribution is refused: closed codes, said in words by the screens."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Refusal(StrEnum):
    """Code of a refusal; what its `detail` holds stands beside it."""

    # Rounds
    ROUND_NOT_OPEN = "ROUND_NOT_OPEN"
    ROUND_NOT_FROZEN = "ROUND_NOT_FROZEN"
    ROUND_CANCELLED = "ROUND_CANCELLED"
    ROUND_DECIDED = "ROUND_DECIDED"
    DWELLING_NOT_READY = "DWELLING_NOT_READY"  # dwellings: numbers
    DWELLING_TWICE = "DWELLING_TWICE"  # dwellings: numbers
    QUOTA_MISSING = "QUOTA_MISSING"  # list
    QUOTA_UNKNOWN = "QUOTA_UNKNOWN"  # list
    QUOTA_INVALID = "QUOTA_INVALID"  # list, field
    QUOTA_OVER_DWELLINGS = "QUOTA_OVER_DWELLINGS"  # quotas, dwellings: numbers
    RUNG_UNKNOWN = "RUNG_UNKNOWN"  # rung
    POLICY_NOT_IN_FORCE = "POLICY_NOT_IN_FORCE"  # policy, on
    REASON_MISSING = "REASON_MISSING"
    GATE_NOT_GREEN = "GATE_NOT_GREEN"  # light; criteria: codes of those that fail
    # Runs
    RUN_EXISTS = "RUN_EXISTS"
    RUN_NOT_EXECUTED = "RUN_NOT_EXECUTED"
    RUN_SUPERSEDED = "RUN_SUPERSEDED"
    # Sittings and votes
    SITTING_EXISTS = "SITTING_EXISTS"
    COMMISSION_SIZE = "COMMISSION_SIZE"  # members, least, most
    CHAIR_MISSING = "CHAIR_MISSING"  # chairs
    NOT_A_MEMBER = "NOT_A_MEMBER"
    RECUSED = "RECUSED"  # ground
    ALREADY_VOTED = "ALREADY_VOTED"
    ALREADY_DECIDED = "ALREADY_DECIDED"
    OTHER_RESULT = "OTHER_RESULT"
    NOT_THE_CHAIR = "NOT_THE_CHAIR"
    NO_QUORUM = "NO_QUORUM"  # voted, needed
    NO_MAJORITY = "NO_MAJORITY"
    MAJORITY_REACHED = "MAJORITY_REACHED"
    STALE = "STALE"  # changes
    FLAGGED = "FLAGGED"  # file_numbers
    # Offers
    OFFER_ANSWERED = "OFFER_ANSWERED"  # state
    OFFER_TERM_OVER = "OFFER_TERM_OVER"  # answer_by
    OFFER_TERM_RUNS = "OFFER_TERM_RUNS"  # answer_by


class Refused(Exception):
    """
    An act was refused and nothing was changed; `detail` has figures and public numbers, never personal
    data.
    """

    def __init__(self, code: Refusal, **detail: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail: Mapping[str, Any] = MappingProxyType(detail)
