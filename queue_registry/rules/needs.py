"""
What a household needs of a dwelling, in the terms of the distribution: people by sex, age and couple, and
demands.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from queue_registry.rules.household import Member, kin_of
from queue_registry.rules.need import Judgment


class MemberNeeds(NamedTuple):
    """
    One member: sex m|f, role applicant|spouse|child|parent|other, full years, number of the couple or None.
    """

    sex: str
    role: str
    age: int
    couple: int | None


# Of an applicant of whom the population register said nothing, nobody can say more than that he exists: he is
# passed over before any fit is asked.
_NOBODY_KNOWN: Final = (MemberNeeds(sex="f", role="applicant", age=0, couple=None),)


def members(judgment: Judgment, on: date) -> tuple[MemberNeeds, ...]:
    """
    Return the members on the day of whom the population register said who they are, the applicant first.

    Whoever else the household has is not known yet, and its entry is passed over before any fit is asked.
    """
    known = [member for member in judgment.household.members if member.facts.identity is not None]
    if judgment.household.applicant not in known:
        return _NOBODY_KNOWN
    couples = _couples(known, on)
    return tuple(_needs(member, on, couple=couples.get(member.facts.person)) for member in known)


def _couples(people: Sequence[Member], on: date) -> dict[int, int]:
    """Number the couples among the members by the civil acts, the applicant's first: person → number."""
    keys = {member.facts.person for member in people}
    numbered: dict[int, int] = {}
    for member in people:
        free = keys - numbered.keys() - {member.facts.person}
        kin = kin_of(member.facts, on)
        spouses = [person for person, relation in kin.items() if relation == "spouse" and person in free]
        if spouses and member.facts.person not in numbered:
            number = len(numbered) // 2 + 1
            numbered |= {member.facts.person: number, spouses[0]: number}
    return numbered


def _needs(member: Member, on: date, *, couple: int | None) -> MemberNeeds:
    identity, age = member.facts.identity, member.facts.age(on)
    if identity is None or age is None:
        raise ValueError("A member without identity has no needs yet.")
    # Two marriages at once are a slip of the civil acts: one of them makes a couple, both people count.
    role = "other" if member.role == "spouse" and couple != 1 else member.role
    return MemberNeeds(identity.sex, role, age, couple)
