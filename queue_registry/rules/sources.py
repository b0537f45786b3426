"""
Which questions a household needs answered before it can be judged. Pure: what is known in, what to ask out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from queue_registry.rules.case import Case
from queue_registry.rules.categories import sources_for
from queue_registry.rules.facts import PersonFacts, Said, Source
from queue_registry.rules.household import Household, Member, household
from queue_registry.rules.income import AGE_OF_WORK
from queue_registry.rules.property_findings import owners


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One person to be asked about at one source."""

    person: int
    source: Source


def questions(*, case: Case, on: date) -> frozenset[Question]:
    """
    Return every question that the case needs as far as one can tell now; answered ones are among them.

    The population register and the civil acts come first: without a confirmed identity nobody else is asked.
    """
    applicant = case.people.get(case.applicant, PersonFacts(person=case.applicant))
    first = {Question(person=case.applicant, source=source) for source in (Source.GBD_FL, Source.ZAGS)}
    if applicant.identity is None or not _settled(applicant, Source.ZAGS):
        return frozenset(first)
    people = household(applicant=applicant, named=case.named, people=case.people, on=on)
    return frozenset({*first, *_of_members(case, people, on)})


def _settled(facts: PersonFacts, source: Source) -> bool:
    receipt = facts.receipts.get(source)
    return receipt is not None and receipt.said is not Said.IDENTITY_MISMATCH


def _of_members(case: Case, people: Household, on: date) -> Iterator[Question]:
    for member in people.members:
        yield Question(person=member.facts.person, source=Source.GBD_FL)
        if member.facts.identity is not None:
            for source in (*_of_income(member, on), *sources_for(case.list_number), *_of_kin(member, on)):
                yield Question(person=member.facts.person, source=source)
    for owner in owners(people, on):
        if owner.facts.identity is not None:
            yield Question(person=owner.facts.person, source=Source.EGKN)
    yield from _of_applicant(people.applicant)


def _of_kin(member: Member, on: date) -> Iterator[Source]:
    # A marriage stands in the acts of both, or the registers contradict each other. Whom the list names may
    # be a second couple: grandparents, a grown child with a husband.
    if member.role == "spouse" or (member.role != "applicant" and not member.is_minor(on)):
        yield Source.ZAGS


def _of_income(member: Member, on: date) -> Iterator[Source]:
    # The state pays to children, too (a lost parent); nobody earns before the age of work.
    yield Source.EMAKET
    age = member.facts.age(on)
    if age is None or age >= AGE_OF_WORK:
        yield Source.ENPF


def _of_applicant(applicant: Member) -> Iterator[Question]:
    yield Question(person=applicant.facts.person, source=Source.ADDR_REG)
    if applicant.facts.identity is not None and applicant.facts.identity.citizenship != "KAZ":
        yield Question(person=applicant.facts.person, source=Source.KANDAS)
