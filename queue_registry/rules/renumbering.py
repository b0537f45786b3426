"""
Whether two numbers may be one person's: what the population register says of the new one, beside what was
known of the old one.

A number is not changed into another person's. Two people whose numbers were exchanged look like two people
who got new ones, each the other's: that is an error of a register, and no alias of anybody.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from queue_registry.rules.iin import is_iin
from queue_registry.rules.legacy.names import Likeness, PersonName, compare


class Doubt(StrEnum):
    """What speaks against two numbers being one person's; with any of them nothing is confirmed."""

    NOT_AN_IIN = "NOT_AN_IIN"
    OTHER_BIRTH_DATE = "OTHER_BIRTH_DATE"
    OTHER_NAME = "OTHER_NAME"
    EXCHANGED = "EXCHANGED"
    FORMER_OF_ANOTHER = "FORMER_OF_ANOTHER"
    ANOTHER_BEARS_IT = "ANOTHER_BEARS_IT"


class RenumberingRefusal(StrEnum):
    """Why an act about a changed number was not done."""

    CLOSED = "CLOSED"
    DOCUMENT_MISSING = "DOCUMENT_MISSING"
    REASON_MISSING = "REASON_MISSING"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    SECOND_PERSON_NEEDED = "SECOND_PERSON_NEEDED"
    DOUBTED = "DOUBTED"
    NUMBER_HAS_A_CASE = "NUMBER_HAS_A_CASE"


class RenumberingRefused(Exception):
    """The act was not done; `code` says why."""

    def __init__(self, code: RenumberingRefusal) -> None:
        super().__init__(code)
        self.code = code


def require(holds: object, code: RenumberingRefusal) -> None:
    """:raises RenumberingRefused: with the code, unless the condition holds."""
    if not holds:
        raise RenumberingRefused(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of whoever bears a number; an empty name and None say that nobody told."""

    name: str = ""
    born_on: date | None = None

    def doubts(self, told: "Told") -> frozenset[Doubt]:
        """Return what speaks against this being whom the register describes."""
        found = set()
        if self.born_on is not None and self.born_on != told.born_on:
            found.add(Doubt.OTHER_BIRTH_DATE)
        if self.name and compare(self.name, told.name, question_marks=True).likeness is Likeness.OTHER:
            found.add(Doubt.OTHER_NAME)
        return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the register says: the number of today, and whose it is."""

    iin: str
    name: PersonName
    born_on: date


def doubts(
    told: Told,
    *,
    known: Known,
    bearer: Known | None,
    is_exchanged: bool,
    is_former_of_another: bool,
) -> tuple[Doubt, ...]:
    """
    Return what speaks against the change, in a fixed order; nothing does where it is empty.

    :param known: of the person under the old number.
    :param bearer: of whoever stands in the register under the new number already, if anybody does.
    :param is_exchanged: the register also says that the new number's person bears the old one now.
    """
    found = set(known.doubts(told))
    if not is_iin(told.iin):
        found.add(Doubt.NOT_AN_IIN)
    if is_exchanged:
        found.add(Doubt.EXCHANGED)
    if is_former_of_another:
        found.add(Doubt.FORMER_OF_ANOTHER)
    if bearer is not None and bearer.doubts(told):
        found.add(Doubt.ANOTHER_BEARS_IT)
    return tuple(doubt for doubt in Doubt if doubt in found)
