"""
What a recheck's verdict may lead to, and what keeps it from leading there: a second look, a person, a hold.

A recheck proposes, and decides nothing (art 73 of the Housing Law; procedure: APC). What is adverse is seen
twice, by another answer of the same sources, before a removal is proposed.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from queue_registry.rules.findings import NOTES, Finding, Verdict
from queue_registry.rules.need import Eligibility, Judgment
from queue_registry.rules.reasons import RemovalGround

DOUBLE: Final = "DOUBLE"
"""Code of a finding: a person of the household stands in another akimat's lists, too."""

GROUNDS: Final[Mapping[str, RemovalGround]] = MappingProxyType(
    {
        "DECEASED": RemovalGround.DECEASED,
        "NOT_CITIZEN": RemovalGround.CITIZENSHIP_LOST,
        "NO_REGISTRATION": RemovalGround.MOVED_AWAY,
        "NOT_RESIDENT": RemovalGround.MOVED_AWAY,
        "OWNS_DWELLING": RemovalGround.ACQUIRED_DWELLING,
        "RESIDENCE_TOO_SHORT": RemovalGround.GROUNDS_CEASED,
        "CATEGORY_NOT_CONFIRMED": RemovalGround.GROUNDS_CEASED,
        "INCOME_OVER_CEILING": RemovalGround.GROUNDS_CEASED,
    }
)
"""Code of an adverse verdict → the ground on which a removal is proposed after two looks."""


class WhyHeld(StrEnum):
    """What stands in the way of a proposal, beside the refusals of a removal itself."""

    SOURCE_HELD = "SOURCE_HELD"
    SUCCESSION = "SUCCESSION"
    DOUBLE = "DOUBLE"


class WhyRefuted(StrEnum):
    """Why a second look did not confirm what the first had seen."""

    NOT_CONFIRMED = "NOT_CONFIRMED"
    SOURCE_UNANSWERED = "SOURCE_UNANSWERED"


class WhyOver(StrEnum):
    """Why a held finding needs nobody any more."""

    ENTRY_NOT_ACTIVE = "ENTRY_NOT_ACTIVE"
    CASE_DECIDED = "CASE_DECIDED"
    NO_DOUBLE = "NO_DOUBLE"


def failure(judgment: Judgment, code: str = "") -> Finding | None:
    """Return the failure that made the verdict, or the first with a code; None if there is none."""
    code = code or (judgment.code if judgment.eligibility is Eligibility.INELIGIBLE else "")
    return next(
        (found for found in judgment.findings if found.verdict is Verdict.FAIL and found.code == code), None
    )


def confirmed(judgment: Judgment, code: str, looked: Collection[tuple[int, str]]) -> Finding | None:
    """Return the failure seen again, if all that it rests on was looked at twice, (person, source)."""
    return next(
        (
            found
            for found in judgment.findings
            if found.verdict is Verdict.FAIL and found.code == code and set(found.rests_on) <= set(looked)
        ),
        None,
    )


def doubted(judgment: Judgment) -> tuple[Finding, ...]:
    """Return the failures that are unknown because a source of theirs is held."""
    return tuple(
        found
        for found in judgment.findings
        if found.verdict is Verdict.UNKNOWN and found.held and found.rests_on
    )


def stays_eligible(judgment: Judgment, *, was_eligible: bool) -> bool:
    """
    Say whether a household keeps the verdict that it had: nothing but the doubted word of a held source
    speaks against it.
    """
    if not was_eligible or judgment.eligibility is not Eligibility.UNKNOWN:
        return False
    unknown = {
        found for found in judgment.findings if found.verdict is Verdict.UNKNOWN and found.rule not in NOTES
    }
    return bool(unknown) and unknown <= set(doubted(judgment))


def is_mass_flip(*, flips: int, answers: int, share: Fraction, minimum: int) -> bool:
    """Say whether so many answers turned against people that their source is looked at first."""
    return answers >= minimum and flips > share * answers
