"""Why an act on the way to automatic distribution is refused: closed codes, said in words by the screens."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class GateRefusal(StrEnum):
    """Code of a refusal; what its `detail` holds stands beside it."""

    REASON_MISSING = "REASON_MISSING"
    DOCUMENT_MISSING = "DOCUMENT_MISSING"
    ANOTHER_PERSON_NEEDED = "ANOTHER_PERSON_NEEDED"
    NOBODY_STANDS = "NOBODY_STANDS"
    # Reconciliation
    NOTHING_STATED = "NOTHING_STATED"
    LINE_CHANGED = "LINE_CHANGED"  # line, difference: as it is now, or none
    EXPLAINED_ALREADY = "EXPLAINED_ALREADY"
    EXPLANATION_CLOSED = "EXPLANATION_CLOSED"
    # Sample
    HEAD_NOT_SEALED = "HEAD_NOT_SEALED"
    SAMPLE_SIZE_INVALID = "SAMPLE_SIZE_INVALID"
    SAMPLE_OPEN = "SAMPLE_OPEN"
    CHECKED_ALREADY = "CHECKED_ALREADY"
    # Seal and gate
    CRITERIA_FAIL = "CRITERIA_FAIL"  # criteria: codes
    SEAL_OF_ANOTHER_DAY = "SEAL_OF_ANOTHER_DAY"
    PROPOSED_ALREADY = "PROPOSED_ALREADY"
    PROPOSAL_CLOSED = "PROPOSAL_CLOSED"
    OPEN_ALREADY = "OPEN_ALREADY"
    NOT_OPEN = "NOT_OPEN"


class GateRefused(Exception):
    """An act was refused and nothing was changed; `detail` has codes and figures, never personal data."""

    def __init__(self, code: GateRefusal, **detail: Any) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail: Mapping[str, Any] = MappingProxyType(detail)
