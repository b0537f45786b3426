"""
Which facts put a household on which of the six lists (art 67, 68, 74 of the Housing Law), and which
sources know them.

A category is confirmed when any fact of the household qualifies it for the list of the entry; the
category's name on paper is not tested again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from queue_registry.rules.facts import PersonFacts, Source
from queue_registry.rules.findings import Verdict
from queue_registry.rules.household import Household, Member
from queue_registry.rules.reasons import PROTECTED_CATEGORIES
from queue_registry.rules.waiting_lists import ListNumber

LARGE_FAMILY: Final = 4  # art 67: four or more minor children
_GROUPS: Final = frozenset({"1", "2"})  # art 68: disability of the first and second group


class Ground(NamedTuple):
    """One fact that qualifies: its code, the source that said it, whose it is."""

    code: str
    source: str
    person: int


# List → statuses that qualify, by the source that is asked for them.
STATUSES: Final[Mapping[ListNumber, Mapping[str, Source]]] = MappingProxyType(
    {
        ListNumber.VETERANS: {"wwii_veteran": Source.MOD},
        ListNumber.ORPHANS: {"orphan": Source.NOBD},
        ListNumber.LARGE_FAMILIES: {"large_family_mother": Source.EMAKET},
        ListNumber.VULNERABLE: {
            "pensioner": Source.EMAKET,
            "kandas": Source.KANDAS,
            "chronic_illness": Source.HEALTH,
            "single_parent": Source.ZAGS,
        },
        ListNumber.PUBLIC_SERVICE: {
            "budget_worker": Source.ESUTD,
            "civil_servant": Source.EKYZMET,
            "military": Source.MOD,
        },
        ListNumber.EMERGENCY_HOUSING: {"emergency_dwelling": Source.EMERGENCY_HOUSING},
    }
)


# Categories that a household keeps until it is housed, if a recorded period says so (art 73): those who are
# protected, and the family of a disabled child who turned eighteen.
MAY_STAY: Final = frozenset({*PROTECTED_CATEGORIES, "disabled_child"})
_BY_FAMILY: Final[Mapping[str, ListNumber]] = MappingProxyType(
    {
        "large_family": ListNumber.LARGE_FAMILIES,
        "disability": ListNumber.VULNERABLE,
        "disabled_child": ListNumber.VULNERABLE,
    }
)
LISTS: Final[Mapping[str, ListNumber]] = MappingProxyType(
    {code: number for number, codes in STATUSES.items() for code in codes} | dict(_BY_FAMILY)
)
"""Every category that the Law knows, with its list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A category that goes on counting after its end, from a day on."""

    code: str
    from_on: date


def sources_for(number: ListNumber) -> tuple[Source, ...]:
    """Return the sources of which every member is asked to confirm the list's category (civil acts apart)."""
    sources = {source for source in STATUSES[number].values() if source is not Source.ZAGS}
    if number is ListNumber.VULNERABLE:
        sources.add(Source.CBDI)
    return tuple(sorted(sources))


def grounds(*, number: ListNumber, household: Household, on: date) -> tuple[Ground, ...]:
    """Return every fact of the household that qualifies it for the list on the day."""
    return tuple(_grounds(number, household, on))


def _grounds(number: ListNumber, household: Household, on: date) -> Iterator[Ground]:
    for member in household.members:
        if not member.facts.statuses:
            continue
        for code, source in STATUSES[number].items():
            if member.facts.holds(code, on):
                yield Ground(code=code, source=source, person=member.facts.person)
        if number is ListNumber.VULNERABLE:
            yield from _disability(member, on)
    minors = [member for member in household.members if member.role == "child" and member.is_minor(on)]
    applicant = household.applicant.facts.person
    if number is ListNumber.LARGE_FAMILIES and len(minors) >= LARGE_FAMILY:
        yield Ground(code="large_family", source=Source.ZAGS, person=applicant)
    if number is ListNumber.VULNERABLE and minors and not _has_spouse(household):
        yield Ground(code="single_parent", source=Source.ZAGS, person=applicant)


def _disability(member: Member, on: date) -> Iterator[Ground]:
    held = [status for status in member.facts.statuses if status.code == "disability" and status.holds(on)]
    if held and member.is_minor(on):
        yield Ground(code="disabled_child", source=Source.CBDI, person=member.facts.person)
    elif any(status.group in _GROUPS for status in held):
        yield Ground(code="disability", source=Source.CBDI, person=member.facts.person)


def stays(code: str, *, applicant: PersonFacts, people: Mapping[int, PersonFacts], on: date) -> Verdict:
    """
    Judge whether a kept category still counts: a child's disability if the child, now of age, has group 1 or
    2 (art 73); every other without a question.
    """
    if code != "disabled_child":
        return Verdict.PASS
    children = [
        people[kin.person] for kin in applicant.kin if kin.relation == "child" and kin.person in people
    ]
    if any(_has_group(child, on) for child in children):
        return Verdict.PASS
    answered = applicant.confirmed(Source.ZAGS) and all(child.confirmed(Source.CBDI) for child in children)
    return Verdict.FAIL if answered else Verdict.UNKNOWN


def _has_group(facts: PersonFacts, on: date) -> bool:
    return any(
        status.code == "disability" and status.group in _GROUPS and status.holds(on)
        for status in facts.statuses
    )


def _has_spouse(household: Household) -> bool:
    # No answer of the civil acts is not "no spouse".
    return not household.applicant.facts.confirmed(Source.ZAGS) or any(
        member.role == "spouse" for member in household.members
    )


def has_disabled_child(*, household: Household, on: date) -> bool:
    """Return whether the income test is lifted: a family with a disabled child (art 68)."""
    return any(
        ground.code == "disabled_child"
        for member in household.members
        if member.facts.statuses
        for ground in _disability(member, on)
    )


def has_disability(*, household: Household, on: date) -> bool:
    """Return whether a disability of any group is known of somebody in the household on the day."""
    return any(
        status.code == "disability" and status.holds(on)
        for member in household.members
        for status in member.facts.statuses
    )
