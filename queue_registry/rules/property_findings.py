"""Whose property bars a household, and which (art 68, 69 of the Housing Law)."""

from collections.abc import Iterator
from datetime import date

from queue_registry.rules.case import Case
from queue_registry.rules.facts import PersonFacts, Right, Source
from queue_registry.rules.findings import Finding, Rule, Verdict
from queue_registry.rules.household import Household, Member
from queue_registry.rules.making_findings import finding, unknown
from queue_registry.rules.policy import Policy
from queue_registry.rules.waiting_lists import ListNumber


def owners(people: Household, on: date) -> tuple[Member, ...]:
    """Whose property bars: applicant, spouse, minor children (art 69; domain 9)."""
    return tuple(
        member
        for member in people.members
        if member.role in {"applicant", "spouse"} or (member.role == "child" and member.is_minor(on))
    )


def property_findings(case: Case, people: Household, policy: Policy, on: date) -> Iterator[Finding]:
    """Does anybody whose property bars own a dwelling; what was sold lately is noted."""
    if not people.applicant.facts.confirmed(Source.ZAGS):
        yield unknown(Rule.OWNS_NO_DWELLING, people.applicant.facts, Source.ZAGS)
    only = _is_only_dwelling(case, people, on)
    emergency = only and any(member.facts.holds("emergency_dwelling", on) for member in people.members)
    may_be = only and not emergency
    silent = [
        one.facts for one in people.members if may_be and not one.facts.confirmed(Source.EMERGENCY_HOUSING)
    ]
    for member in owners(people, on):
        facts = member.facts
        if not facts.confirmed(Source.EGKN):
            yield unknown(Rule.OWNS_NO_DWELLING, facts, Source.EGKN)
            continue
        barring = [right for right in facts.rights if _bars(right, policy, on)]
        if barring and silent:
            # It may be the very dwelling that is recognized as emergency.
            yield unknown(Rule.OWNS_NO_DWELLING, silent[0], Source.EMERGENCY_HOUSING)
            continue
        yield finding(
            Rule.OWNS_NO_DWELLING,
            passed=not barring or emergency,
            facts=facts,
            source=Source.EGKN,
            actual=", ".join(str(right.share) for right in barring),
            besides=tuple(_besides(member, people, only=only)),
        )
        yield from _sold(facts, policy, on)


def _besides(member: Member, people: Household, *, only: bool) -> Iterator[tuple[int, str]]:
    """
    Another's dwelling bars because the civil acts say who that is to the applicant; the only dwelling on list
    6, because nobody recognized it as emergency.
    """
    if member is not people.applicant:
        yield people.applicant.facts.person, Source.ZAGS.value
    if only:
        for one in people.members:
            yield one.facts.person, Source.EMERGENCY_HOUSING.value


def _bars(right: Right, policy: Policy, on: date) -> bool:
    if right.kind != "dwelling" or (right.acquired is not None and right.acquired > on):
        return False
    if policy.share_is_bar:
        return right.disposed is None or right.disposed > on
    return right.share == 1 and not _long_gone(right.disposed, policy.sold_within_years, on)


def _long_gone(disposed: date | None, years: int, on: date) -> bool:
    return disposed is not None and (disposed.year + years, disposed.month, disposed.day) < (
        on.year,
        on.month,
        on.day,
    )


def _is_only_dwelling(case: Case, people: Household, on: date) -> bool:
    """
    Art 68: need is also there where the household's only dwelling is recognized as emergency (list 6). Is
    there one dwelling, so that it may be this one?
    """
    if case.list_number is not ListNumber.EMERGENCY_HOUSING:
        return False
    owned = [
        right
        for member in owners(people, on)
        for right in member.facts.rights
        if right.kind == "dwelling" and (right.disposed is None or right.disposed > on)
    ]
    return len(owned) == 1


def _sold(facts: PersonFacts, policy: Policy, on: date) -> Iterator[Finding]:
    for right in facts.rights:
        if right.kind != "dwelling" or right.disposed is None or right.disposed > on:
            continue
        if not _long_gone(right.disposed, policy.sold_within_years, on):
            yield Finding(
                rule=Rule.SOLD_WITHIN_5_YEARS,
                verdict=Verdict.PASS,
                required=str(policy.sold_within_years),
                actual=f"{right.disposed.isoformat()}, {right.share}",
                source=Source.EGKN,
                as_of=facts.as_of(Source.EGKN),
                person=facts.person,
            )
