"""
Who makes up a household on a day: applicant, spouse, children under 18 by the civil acts, and those whom
the list names.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from queue_registry.rules.facts import PersonFacts, Said, Source

MAJORITY: Final = 18  # Civil Code art 17: full legal capacity from eighteen


class Member(NamedTuple):
    """One living member; role is applicant, spouse, child, parent or other."""

    role: str
    facts: PersonFacts

    def is_minor(self, on: date) -> bool:
        """Return whether the member is known to be under eighteen on the day."""
        age = self.facts.age(on)
        return age is not None and age < MAJORITY


class Household(NamedTuple):
    """Members on a day, the applicant first; and the named people who are not counted, with the reason."""

    members: tuple[Member, ...]
    deceased: tuple[PersonFacts, ...]
    not_in_register: tuple[PersonFacts, ...]

    @property
    def applicant(self) -> Member:
        return self.members[0]


def kin_of(applicant: PersonFacts, on: date) -> dict[int, str]:
    """
    Return spouse, children and parents of the applicant by the civil acts on the day: person → relation.
    """
    return {
        kin.person: kin.relation
        for kin in applicant.kin
        if (kin.since is None or kin.since <= on) and (kin.until is None or on < kin.until)
    }


def household(
    *, applicant: PersonFacts, named: tuple[int, ...], people: Mapping[int, PersonFacts], on: date
) -> Household:
    """
    Put a household together on a day (domain: household).

    `named` are the people whom the list or the application names; `people` holds the facts of everybody
    asked about. A child counts by his age on the day; one whose birth date is not known yet counts, since
    nobody said otherwise.
    """
    kin = kin_of(applicant, on)
    members = [Member("applicant", applicant)]
    deceased: list[PersonFacts] = []
    not_in_register: list[PersonFacts] = []
    for person in sorted({*kin, *named} - {applicant.person}):
        facts = people.get(person, PersonFacts(person=person))
        member = Member(kin.get(person, "other"), facts)
        if not _belongs(member, named=named, on=on):
            continue
        if facts.identity is not None and facts.identity.death_date is not None:
            deceased.append(facts)
        elif (receipt := facts.receipts.get(Source.GBD_FL)) and receipt.said is Said.NOT_FOUND_CONFIRMED:
            not_in_register.append(facts)
        else:
            members.append(member)
    return Household(members=tuple(members), deceased=tuple(deceased), not_in_register=tuple(not_in_register))


def one_sided_marriages(people: Household, on: date) -> tuple[PersonFacts, ...]:
    """
    Members whom the civil acts marry to the applicant on one side only, both sides having been asked.

    Whom the applicant's own acts name is of the household all the same, and whom they don't name is not the
    spouse: a contradiction of the registers is something for a person to look at.
    """
    applicant = people.applicant.facts
    if not applicant.confirmed(Source.ZAGS):
        return ()
    return tuple(
        member.facts
        for member in people.members[1:]
        if member.facts.confirmed(Source.ZAGS)
        and (member.role == "spouse") != (kin_of(member.facts, on).get(applicant.person) == "spouse")
    )


def _belongs(member: Member, *, named: tuple[int, ...], on: date) -> bool:
    if member.facts.person in named or member.role == "spouse":
        return True
    age = member.facts.age(on)
    return member.role == "child" and (age is None or age < MAJORITY)
