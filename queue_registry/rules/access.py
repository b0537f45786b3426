"""
Unusual looks of staff at cases: pure, over what was looked at, by whom, and what was done on it.

A look is a question to a person, no verdict: whoever answers the telephone looks at a case without an act.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# Ours, no act says it: a case is worked on for a month at the longest between two acts, and kin is
# counted as for the commission: parents and children, brothers and sisters, grandparents.
WINDOW: Final = timedelta(days=30)
DEGREES: Final = 2


class LookKind(StrEnum):
    """Why a look is asked about; of several the first."""

    OWN_CASE = "OWN_CASE"
    RELATIVE = "RELATIVE"
    COLLEAGUE = "COLLEAGUE"
    WITHOUT_TASK = "WITHOUT_TASK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody of staff looked at a case at a moment."""

    officer: int
    case: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """A case: who is of the household, when staff acted on it, whether something is to be done now."""

    people: frozenset[int]
    acts: tuple[datetime, ...] = ()
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Somebody of staff: which person, with which kin, and whether looks need a task."""

    person: int | None = None
    kin: frozenset[int] = frozenset()
    needs_task: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusual:
    """How often one officer looked at one case in a way that is asked about, and when last."""

    officer: int
    case: int
    kind: LookKind
    looks: int
    last_at: datetime


def unusual(
    looks: Iterable[Look],
    *,
    cases: Mapping[int, LookedAt],
    officers: Mapping[int, Officer],
    staff: Collection[int],
) -> list[Unusual]:
    """
    Return what is asked about, by kind, the most looks first.

    :param staff: the people who are somebody of staff.
    """
    found: dict[tuple[LookKind, int, int], list[datetime]] = {}
    for look in looks:
        kind = _kind_of(look, cases[look.case], officers[look.officer], staff)
        if kind is not None:
            found.setdefault((kind, look.officer, look.case), []).append(look.at)
    kinds = list(LookKind)
    rows = (
        Unusual(officer=officer, case=case, kind=kind, looks=len(moments), last_at=max(moments))
        for (kind, officer, case), moments in found.items()
    )
    return sorted(rows, key=lambda row: (kinds.index(row.kind), -row.looks, row.officer, row.case))


def _kind_of(look: Look, case: LookedAt, officer: Officer, staff: Collection[int]) -> LookKind | None:
    if officer.person in case.people:
        return LookKind.OWN_CASE
    if officer.kin & case.people:
        return LookKind.RELATIVE
    if not case.people.isdisjoint(staff):
        return LookKind.COLLEAGUE
    if officer.needs_task and not case.is_open and not any(_near(look.at, act) for act in case.acts):
        return LookKind.WITHOUT_TASK
    return None


def _near(look: datetime, act: datetime) -> bool:
    return abs(look - act) <= WINDOW


def kin_of(person: int, ties: Mapping[int, Collection[int]]) -> frozenset[int]:
    """Return who is tied to a person within the degrees, the person left out."""
    seen = set(_circle(person, ties))
    seen.discard(person)
    return frozenset(seen)


def _circle(person: int, ties: Mapping[int, Collection[int]]) -> Iterator[int]:
    circle = {person}
    for _ in range(DEGREES):
        circle = {other for one in circle for other in ties.get(one, ())}
        yield from circle
