"""What a check of an invariant is, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule of an invariant; `find` names whose rows break it, in a steady order."""

    invariant: StrEnum
    rule: str
    find: Callable[[], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible:
    """A state that must not exist: which rule it breaks, and whose: file numbers, or user names of staff."""

    invariant: StrEnum
    rule: str
    whose: tuple[str, ...]


def found_by(check: Check) -> Impossible:
    """Look, and return what the rule is broken by; nobody is named where it holds."""
    return Impossible(invariant=check.invariant, rule=check.rule, whose=check.find())
