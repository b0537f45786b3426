"""Kinds of red flags, and a flag: what was found of whom, in figures and codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final


class FlagKind(StrEnum):
    """What a flag says; screens say it in words."""

    MOMENT_BEFORE_ENTRY = "MOMENT_BEFORE_ENTRY"
    NUMBER_OUT_OF_SEQUENCE = "NUMBER_OUT_OF_SEQUENCE"
    EDIT_AFTER_ANNOUNCEMENT = "EDIT_AFTER_ANNOUNCEMENT"
    JUMP = "JUMP"
    CLERK_RATE = "CLERK_RATE"
    ODD_HOURS = "ODD_HOURS"
    NEIGHBOUR_GAIN = "NEIGHBOUR_GAIN"
    OFFICIAL_OR_RELATIVE = "OFFICIAL_OR_RELATIVE"
    SAME_CONTACT = "SAME_CONTACT"
    ORPHANS_SHARE = "ORPHANS_SHARE"
    FLAT_IDLE = "FLAT_IDLE"
    FLAT_EMPTY = "FLAT_EMPTY"
    NOT_FIRST = "NOT_FIRST"
    NOT_ON_LIST = "NOT_ON_LIST"
    LATER_BEFORE_EARLIER = "LATER_BEFORE_EARLIER"


_K = FlagKind

# An open one of these on a candidate keeps a round from being confirmed.
BACKDATING: Final = frozenset(
    {_K.MOMENT_BEFORE_ENTRY, _K.NUMBER_OUT_OF_SEQUENCE, _K.EDIT_AFTER_ANNOUNCEMENT, _K.JUMP}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """
    One finding. `subject` is the trail's name of the thing, `strength` how many times the limit was passed.

    `cause` stays the same as long as the same thing is found again; the figures may grow. `involved` are
    those of staff who made what was found.
    """

    kind: FlagKind
    subject: str
    cause: str
    strength: Fraction
    figures: Mapping[str, Any] = field(default_factory=dict)
    involved: frozenset[str] = frozenset()
