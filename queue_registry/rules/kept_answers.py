"""Why the answer of a state system is opened as it came, and why it cannot be."""

from enum import StrEnum


class Purpose(StrEnum):
    """What it is opened for; nothing else is one."""

    CHECK = "CHECK"
    COMPLAINT = "COMPLAINT"
    DATA_DISPUTE = "DATA_DISPUTE"
    AUTHORITY = "AUTHORITY"


class KeptAnswerRefusal(StrEnum):
    """Why an answer is not given out."""

    NOT_KEPT = "NOT_KEPT"
    UNREADABLE = "UNREADABLE"
    DOCUMENT_MISSING = "DOCUMENT_MISSING"


class KeptAnswerRefused(Exception):
    """Nothing was given out, and nothing was recorded."""

    def __init__(self, code: KeptAnswerRefusal) -> None:
        super().__init__(code)
        self.code = code
