"""Why a red flag is not cleared: closed codes, said in words by the screens."""

from enum import StrEnum


class FlagRefusal(StrEnum):
    """Code of a refusal."""

    FLAG_CLOSED = "FLAG_CLOSED"
    REASON_MISSING = "REASON_MISSING"
    ANOTHER_PERSON_NEEDED = "ANOTHER_PERSON_NEEDED"


class FlagRefused(Exception):
    """A flag was not cleared, and nothing was changed."""

    def __init__(self, code: FlagRefusal) -> None:
        super().__init__(str(code))
        self.code = code
