"""
What a household needs of a dwelling, in the terms of the distribution: people by sex, age and couple, and
demands.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from queue_registry.rules.household import Member
from queue_registry.rules.need import Eligibility, Judgment


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberNeeds:
    """
    One member: sex m|f, role applicant|spouse|child|parent|other, full years, number of the couple or None.
    """

    sex: str
    role: str
    age: int
    couple: int | None


# Of a household that is not fully known only the applicant is shown, bare: it is passed over before any fit
# is asked.
_BARE: Final = (MemberNeeds(sex="f", role="applicant", age=0, couple=None),)


def members(judgment: Judgment, on: date) -> tuple[MemberNeeds, ...]:
    """Return the members on the day, the applicant first; applicant and spouse are couple 1."""
    people = judgment.household.members
    if judgment.eligibility is not Eligibility.ELIGIBLE or any(
        member.facts.identity is None for member in people
    ):
        return _BARE
    married = any(member.role == "spouse" for member in people)
    return tuple(_needs(member, on, married=married) for member in people)


def _needs(member: Member, on: date, *, married: bool) -> MemberNeeds:
    identity, age = member.facts.identity, member.facts.age(on)
    if identity is None or age is None:
        raise ValueError("A member without identity has no needs yet.")
    couple = 1 if married and member.role in {"applicant", "spouse"} else None
    return MemberNeeds(sex=identity.sex, role=member.role, age=age, couple=couple)
