"""
The codes that a row of a legacy list can carry, and what each means for the row and for the entry.

A row keeps every code that is true of it. What a code does is a table, so that a person can read it at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Source(StrEnum):
    """The system that a list comes from."""

    SPP = "spp"
    RSHEP = "rshep"
    PAPER = "paper"


# Whose row is taken for the applicant when several have one: the younger system first.
STRENGTH: Final[Mapping[Source, int]] = MappingProxyType({Source.SPP: 0, Source.RSHEP: 1, Source.PAPER: 2})


class Code(StrEnum):
    """What is wrong with a row, or worth knowing about it."""

    DUPLICATE = "DUPLICATE"
    PADDED = "PADDED"
    BAD_IIN = "BAD_IIN"
    NO_IIN = "NO_IIN"
    NOT_IN_REGISTER = "NOT_IN_REGISTER"
    IDENTITY_UNCHECKED = "IDENTITY_UNCHECKED"
    IDENTITY_MISMATCH = "IDENTITY_MISMATCH"
    NAME_CHANGED = "NAME_CHANGED"
    NAME_INCOMPLETE = "NAME_INCOMPLETE"
    DATE_CONFLICT = "DATE_CONFLICT"
    YEAR_ONLY = "YEAR_ONLY"
    NO_DATE = "NO_DATE"
    FUTURE_DATE = "FUTURE_DATE"
    BAD_DATE = "BAD_DATE"
    BEFORE_BIRTH = "BEFORE_BIRTH"
    DEAD_BEFORE_REGISTRATION = "DEAD_BEFORE_REGISTRATION"
    CATEGORY_UNMAPPED = "CATEGORY_UNMAPPED"
    LIST_CODE_UNKNOWN = "LIST_CODE_UNKNOWN"
    LIST_CONFLICT = "LIST_CONFLICT"
    SECOND_LIST = "SECOND_LIST"
    HOUSEHOLD_TWICE = "HOUSEHOLD_TWICE"
    NUMBER_USED_TWICE = "NUMBER_USED_TWICE"
    SAME_IIN_TWICE = "SAME_IIN_TWICE"
    NOT_ACTIVE = "NOT_ACTIVE"
    NOTE_TO_READ = "NOTE_TO_READ"
    FAMILY_DIFFERS = "FAMILY_DIFFERS"
    BAD_FAMILY_IIN = "BAD_FAMILY_IIN"
    MALFORMED_ROW = "MALFORMED_ROW"


class Kind(StrEnum):
    """OPEN waits for an answer; NOTE is only to be known; PENDING waits for a register, not for a person."""

    OPEN = "OPEN"
    NOTE = "NOTE"
    PENDING = "PENDING"
    REPEAT = "REPEAT"


class Stands(StrEnum):
    """Whether the applicant's entry holds a place while the code is open."""

    YES = "YES"
    PROVISIONALLY = "PROVISIONALLY"
    NO = "NO"


class Answer(StrEnum):
    """Who or what closes the code."""

    PERSON = "PERSON"
    ROW_WITH_FULL_DATE = "ROW_WITH_FULL_DATE"
    ROW_WITH_FULL_DATE_OF_THE_YEAR = "ROW_WITH_FULL_DATE_OF_THE_YEAR"
    ROW_WITH_LAWFUL_LIST = "ROW_WITH_LAWFUL_LIST"
    REGISTER = "REGISTER"
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True)
class CodeRule:
    """What one code does."""

    kind: Kind
    stands: Stands
    answer: Answer


_NOTE: Final = CodeRule(Kind.NOTE, Stands.YES, Answer.NOTHING)
_BLOCKS: Final = CodeRule(Kind.OPEN, Stands.NO, Answer.PERSON)
_PROVISIONAL: Final = CodeRule(Kind.OPEN, Stands.PROVISIONALLY, Answer.PERSON)
_UNDATED: Final = CodeRule(Kind.OPEN, Stands.NO, Answer.ROW_WITH_FULL_DATE)

RULES: Final[Mapping[Code, CodeRule]] = MappingProxyType(
    {
        Code.DUPLICATE: CodeRule(Kind.REPEAT, Stands.YES, Answer.NOTHING),
        Code.PADDED: _NOTE,
        Code.BAD_IIN: _BLOCKS,
        Code.NO_IIN: _BLOCKS,
        Code.NOT_IN_REGISTER: _BLOCKS,
        Code.IDENTITY_UNCHECKED: CodeRule(Kind.PENDING, Stands.YES, Answer.REGISTER),
        Code.IDENTITY_MISMATCH: _BLOCKS,
        Code.NAME_CHANGED: _PROVISIONAL,
        Code.NAME_INCOMPLETE: _PROVISIONAL,
        Code.DATE_CONFLICT: _PROVISIONAL,
        Code.YEAR_ONLY: CodeRule(Kind.OPEN, Stands.PROVISIONALLY, Answer.ROW_WITH_FULL_DATE_OF_THE_YEAR),
        Code.NO_DATE: _UNDATED,
        Code.FUTURE_DATE: _UNDATED,
        Code.BAD_DATE: _UNDATED,
        Code.BEFORE_BIRTH: _BLOCKS,
        Code.DEAD_BEFORE_REGISTRATION: _BLOCKS,
        Code.CATEGORY_UNMAPPED: CodeRule(Kind.OPEN, Stands.NO, Answer.ROW_WITH_LAWFUL_LIST),
        Code.LIST_CODE_UNKNOWN: _BLOCKS,
        Code.LIST_CONFLICT: _PROVISIONAL,
        Code.SECOND_LIST: CodeRule(Kind.OPEN, Stands.YES, Answer.PERSON),
        Code.HOUSEHOLD_TWICE: _PROVISIONAL,
        Code.NUMBER_USED_TWICE: _PROVISIONAL,
        Code.SAME_IIN_TWICE: _PROVISIONAL,
        Code.NOT_ACTIVE: _PROVISIONAL,
        Code.NOTE_TO_READ: _PROVISIONAL,
        Code.FAMILY_DIFFERS: _NOTE,
        Code.BAD_FAMILY_IIN: _NOTE,
        Code.MALFORMED_ROW: _BLOCKS,
    }
)

# The identity check comes first: a row with one of these joins no group and changes no date, list or family.
FAILS_IDENTITY: Final = frozenset(
    {Code.MALFORMED_ROW, Code.BAD_IIN, Code.NO_IIN, Code.NOT_IN_REGISTER, Code.IDENTITY_MISMATCH}
)


class Remark(StrEnum):
    """How a cell was read, where the reading is worth a line beside it; no code and no case."""

    TWO_DIGIT_YEAR = "TWO_DIGIT_YEAR"
    LATIN_LETTERS = "LATIN_LETTERS"
    RUSSIFIED_LETTERS = "RUSSIFIED_LETTERS"
    WORD_ORDER = "WORD_ORDER"
    NO_MIDDLE_NAME = "NO_MIDDLE_NAME"
    ANSWERED_BY_ANOTHER_ROW = "ANSWERED_BY_ANOTHER_ROW"
    DECIDED = "DECIDED"
    SET_ASIDE = "SET_ASIDE"


class RowState(StrEnum):
    """Where a row ends; every record row ends in exactly one."""

    IMPORTED = "imported"
    MERGED = "merged"
    NEEDS_PERSON = "needs_person"
