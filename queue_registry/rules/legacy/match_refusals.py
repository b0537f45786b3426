"""Why a group of applications that may be one person's is not decided: closed codes."""

from enum import StrEnum


class MatchRefusal(StrEnum):
    """Code of a refusal."""

    GROUP_CLOSED = "GROUP_CLOSED"
    DOCUMENT_MISSING = "DOCUMENT_MISSING"
    SCAN_TOO_LARGE = "SCAN_TOO_LARGE"
    SCAN_NOT_READABLE = "SCAN_NOT_READABLE"
    TWO_NEEDED = "TWO_NEEDED"
    # Two of the chosen are known to the population register: they are two people.
    TWO_PEOPLE = "TWO_PEOPLE"
    # Nobody knows yet who it is, so the document has to say it.
    IIN_NEEDED = "IIN_NEEDED"
    NOT_AN_IIN = "NOT_AN_IIN"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"


class MatchRefused(Exception):
    """A group was not decided, and nothing was changed."""

    def __init__(self, code: MatchRefusal) -> None:
        super().__init__(str(code))
        self.code = code


def require(condition: object, code: MatchRefusal) -> None:
    """
    Pass if the condition holds.

    :raises MatchRefused: with the code if it does not.
    """
    if not condition:
        raise MatchRefused(code)
