"""When something of a case may be erased: codes of refusals, said in words by the screens."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from queue_registry.rules.statuses import QueueEntryStatus

BLANK: Final = "–"


class ErasureRefusal(StrEnum):
    """Why nothing is erased."""

    DOCUMENT_MISSING = "DOCUMENT_MISSING"
    CASE_NOT_CLOSED = "CASE_NOT_CLOSED"
    REVIEW_OPEN = "REVIEW_OPEN"
    PROPOSED_ALREADY = "PROPOSED_ALREADY"
    DECIDED_ALREADY = "DECIDED_ALREADY"
    ANOTHER_PERSON_NEEDED = "ANOTHER_PERSON_NEEDED"


class ErasureRefused(Exception):
    """Nothing was changed; `code` says why."""

    def __init__(self, code: ErasureRefusal) -> None:
        super().__init__(str(code))
        self.code = code


def is_closed(*, is_accepted: bool, is_pending: bool, entries: Collection[QueueEntryStatus]) -> bool:
    """
    Say whether a case is over for good: refused, withdrawn, or removed from every list.

    Whoever got a home has a contract that rests on the case; it is never over.
    """
    if is_pending:
        return False
    if not is_accepted:
        return not entries
    return bool(entries) and all(status is QueueEntryStatus.DEREGISTERED for status in entries)
