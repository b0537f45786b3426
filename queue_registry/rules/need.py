"""
Is this household to be provided with a home: from facts to one verdict, with every finding kept.

Identity first. Then the first confirmed failure in the order of the law's questions makes INELIGIBLE with
its code. With no failure, a needed source without an answer makes UNKNOWN. Else ELIGIBLE. (Art 67-69, 73
of the Housing Law.)

A failure that rests on a held source is unknown; one that rests on a stale answer is unknown where something
adverse is to follow from it at a moment (`act_at`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from queue_registry.rules import categories
from queue_registry.rules.case import Case
from queue_registry.rules.category_findings import category
from queue_registry.rules.facts import PersonFacts, Source
from queue_registry.rules.findings import NOTES, Finding, Rule, Verdict
from queue_registry.rules.household import Household, household, one_sided_marriages
from queue_registry.rules.income import SOURCES, Income, for_engine, income, rung
from queue_registry.rules.making_findings import (
    FAILURES,
    IDENTITY_MISMATCH,
    NO_CONSENT,
    NOT_IN_REGISTER,
    SOURCE_UNANSWERED,
    unknown,
)
from queue_registry.rules.person_findings import alive, citizen, identity, residence
from queue_registry.rules.policy import Policy
from queue_registry.rules.property_findings import property_findings
from queue_registry.rules.waiting_lists import ListNumber

__all__ = (
    "FAILURES",
    "NO_CONSENT",
    "SOURCE_UNANSWERED",
    "Case",
    "Eligibility",
    "Judgment",
    "judge",
)


class Eligibility(StrEnum):
    """What the findings come to."""

    ELIGIBLE = "ELIGIBLE"
    INELIGIBLE = "INELIGIBLE"
    UNKNOWN = "UNKNOWN"


class Judgment(NamedTuple):
    """The verdict on an entry on a day, and everything of the household that the distribution needs."""

    eligibility: Eligibility
    code: str
    findings: tuple[Finding, ...]
    household: Household
    income: Income
    income_per_member: Decimal | None
    rung: str
    flags: tuple[str, ...]
    extra_room: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """What a policy's income figures come to in tenge on a day: the same for everybody judged on it."""

    rungs: tuple[tuple[str, Fraction], ...]
    limits: frozenset[Fraction]


def figures_on(policy: Policy, on: date) -> DayFigures:
    """Return the income figures of a policy on a day, worked out once for many cases."""
    minimum = policy.subsistence_minimum(on)
    return DayFigures(
        rungs=tuple((name, limit * minimum) for name, limit in policy.rungs), limits=policy.limits(on)
    )


def judge(
    *,
    case: Case,
    policy: Policy,
    on: date,
    act_at: datetime | None = None,
    verified_since: datetime | None = None,
    figures: DayFigures | None = None,
) -> Judgment:
    """
    Judge one entry on a day under a policy.

    :param act_at: the moment at which something adverse is to follow from the verdict: then no failure rests
        on an answer that is no longer fresh.
    :param verified_since: where a home is to be given: nothing speaks for a household that was confirmed
        before this moment.
    :param figures: those of the policy on the day, where many are judged.
    """
    figures = figures or figures_on(policy, on)
    applicant = case.people.get(case.applicant, PersonFacts(person=case.applicant))
    people = household(applicant=applicant, named=case.named, people=case.people, on=on)
    money = income(household=people, on=on)
    if not applicant.confirmed(Source.ZAGS):
        # Without the civil acts nobody knows how many share the income.
        money = Income(
            total=money.total,
            members=money.members,
            per_member=None,
            gaps=money.gaps,
            unanswered=money.unanswered,
        )
    found = tuple(
        _weighed(one, case, act_at, verified_since) for one in _findings(case, people, money, policy, on)
    )
    eligibility, code = _verdict(found)
    return Judgment(
        eligibility=eligibility,
        code=code,
        findings=found,
        household=people,
        income=money,
        income_per_member=None
        if money.per_member is None
        else for_engine(per_member=money.per_member, limits=figures.limits),
        rung=rung(per_member=money.per_member, ladder=figures.rungs),
        flags=("disabled_child",) if categories.has_disabled_child(household=people, on=on) else (),
        extra_room=any(member.facts.holds("chronic_illness", on) for member in people.members),
    )


def _verdict(found: Iterable[Finding]) -> tuple[Eligibility, str]:
    asked = [finding for finding in found if finding.rule not in NOTES]
    who = asked[0]  # the applicant's identity comes first
    if who.verdict is not Verdict.PASS:
        return Eligibility.UNKNOWN, who.code
    failed = {finding.rule for finding in asked if finding.verdict is Verdict.FAIL}
    if failed:
        return Eligibility.INELIGIBLE, next(code for rule, code in FAILURES.items() if rule in failed)
    missing = {finding.code for finding in asked if finding.verdict is Verdict.UNKNOWN}
    if missing:
        return Eligibility.UNKNOWN, NO_CONSENT if NO_CONSENT in missing else SOURCE_UNANSWERED
    return Eligibility.ELIGIBLE, ""


def _weighed(found: Finding, case: Case, act_at: datetime | None, since: datetime | None) -> Finding:
    """Say how long the answers of a finding hold; one whose answers may ground nothing is unknown."""
    # A freeze weighs a million of them: most rest on one answer, and pass.
    grounds = found.rests_on or ((found.person or case.applicant, found.source),)
    said, fails = found.verdict, found.verdict is Verdict.FAIL
    end, held, fresh, came = found.fresh_until, found.held, True, True
    for person, source in grounds:
        facts = case.people.get(person)
        receipt = facts.receipts.get(source) if facts is not None else None
        if receipt is None:
            continue
        until = receipt.fresh_until
        if until is not None and (end is None or until < end):
            end = until
        held = held or receipt.held
        if fails:
            fresh = fresh and (act_at is None or receipt.is_fresh(act_at))
        else:
            came = came and (since is None or receipt.came_since(since))
    counts = fresh and not held if fails else came or said is Verdict.UNKNOWN or found.rule in NOTES
    if counts and end is found.fresh_until and held is found.held:
        return found
    # By their places: `_replace`, or their names, would take twice as long.
    return Finding(
        found.rule,
        said if counts else Verdict.UNKNOWN,
        found.required,
        found.actual,
        found.source,
        found.as_of,
        found.person,
        found.code if counts else SOURCE_UNANSWERED,
        found.rests_on,
        end,
        held,
    )


def _findings(case: Case, people: Household, money: Income, policy: Policy, on: date) -> Iterator[Finding]:
    applicant = people.applicant.facts
    who = identity(applicant)
    yield who
    if who.code in {IDENTITY_MISMATCH, NOT_IN_REGISTER}:
        return
    yield alive(applicant)
    yield citizen(applicant, on)
    if case.list_number is not ListNumber.ORPHANS:  # orphans: registration and residence are not tested
        yield from residence(applicant, case.akimat_kato, policy, on)
    yield from property_findings(case, people, policy, on)
    yield category(case, people, on)
    if policy.ceilings:
        yield _ceiling(people, money, policy, on)
    # How many rooms a household needs is known only with the age and sex of everybody in it.
    for member in people.members[1:]:
        if member.facts.identity is None:
            yield identity(member.facts)
    yield from _notes(people, money, on)


def _ceiling(people: Household, money: Income, policy: Policy, on: date) -> Finding:
    limit = next(
        (limit for members, limit in policy.ceilings if money.members <= members), policy.ceilings[-1][1]
    )
    if money.per_member is None:
        return Finding(rule=Rule.INCOME_UNDER_CEILING, verdict=Verdict.UNKNOWN, code=SOURCE_UNANSWERED)
    most = limit * policy.subsistence_minimum(on)
    passed = money.per_member <= most
    return Finding(
        rule=Rule.INCOME_UNDER_CEILING,
        verdict=Verdict.PASS if passed else Verdict.FAIL,
        required=_tenge(most),
        actual=_tenge(money.per_member),
        source=Source.ENPF,
        code="" if passed else FAILURES[Rule.INCOME_UNDER_CEILING],
        rests_on=tuple(_grounds_of_income(people, on)),
    )


def _grounds_of_income(people: Household, on: date) -> Iterator[tuple[int, str]]:
    """Who lives on it, and what each adult has."""
    yield people.applicant.facts.person, Source.ZAGS.value
    for member in people.members:
        if not member.is_minor(on):
            for source in SOURCES:
                yield member.facts.person, source.value


def _tenge(amount: Fraction) -> str:
    return f"{Decimal(amount.numerator) / Decimal(amount.denominator):.2f}"


def _notes(people: Household, money: Income, on: date) -> Iterator[Finding]:
    by_key = {member.facts.person: member.facts for member in people.members}
    for person, month in money.gaps:
        yield Finding(
            rule=Rule.INCOME_GAP,
            verdict=Verdict.PASS,
            actual=month,
            source=Source.ENPF,
            person=person,
            as_of=by_key[person].as_of(Source.ENPF),
        )
    for person, source in money.unanswered:
        yield unknown(Rule.INCOME_UNANSWERED, by_key[person], source)
    for facts in people.deceased:
        yield Finding(
            rule=Rule.MEMBER_DECEASED, verdict=Verdict.PASS, source=Source.GBD_FL, person=facts.person
        )
    for facts in people.not_in_register:
        yield Finding(
            rule=Rule.MEMBER_NOT_IN_REGISTER, verdict=Verdict.PASS, source=Source.GBD_FL, person=facts.person
        )
    for facts in one_sided_marriages(people, on):
        yield Finding(
            rule=Rule.MARRIAGE_ON_ONE_SIDE,
            verdict=Verdict.PASS,
            source=Source.ZAGS,
            as_of=facts.as_of(Source.ZAGS),
            person=facts.person,
        )
