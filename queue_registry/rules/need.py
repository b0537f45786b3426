"""
Is this household to be provided with a home: from facts to one verdict, with every finding kept.

Identity first. Then the first confirmed failure in the order of the law's questions makes INELIGIBLE with
its code. With no failure, a needed source without an answer makes UNKNOWN. Else ELIGIBLE. (Art 67-69, 73
of the Housing Law.)
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from queue_registry.rules import categories
from queue_registry.rules.facts import PersonFacts, Right, Said, Source
from queue_registry.rules.findings import NOTES, Finding, Rule, Verdict
from queue_registry.rules.household import Household, Member, household
from queue_registry.rules.income import Income, for_engine, income, rung
from queue_registry.rules.policy import Policy
from queue_registry.rules.waiting_lists import ListNumber


class Eligibility(StrEnum):
    """What the findings come to."""

    ELIGIBLE = "ELIGIBLE"
    INELIGIBLE = "INELIGIBLE"
    UNKNOWN = "UNKNOWN"


FAILURES: Final[Mapping[Rule, str]] = {
    Rule.ALIVE: "DECEASED",
    Rule.CITIZEN: "NOT_CITIZEN",
    Rule.REGISTERED: "NO_REGISTRATION",
    Rule.RESIDENT: "NOT_RESIDENT",
    Rule.RESIDENCE_LONG_ENOUGH: "RESIDENCE_TOO_SHORT",
    Rule.OWNS_NO_DWELLING: "OWNS_DWELLING",
    Rule.CATEGORY: "CATEGORY_NOT_CONFIRMED",
    Rule.INCOME_UNDER_CEILING: "INCOME_OVER_CEILING",
}
"""Code of the verdict where a rule fails; the order of the keys is the order in which the law asks."""

IDENTITY_MISMATCH: Final = "IDENTITY_MISMATCH"
NOT_IN_REGISTER: Final = "NOT_IN_REGISTER"
SOURCE_UNANSWERED: Final = "SOURCE_UNANSWERED"
NO_CONSENT: Final = "NO_CONSENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One entry to be judged: its list, its akimat's nine-digit KATO, the people and what is known of them.
    """

    list_number: ListNumber
    akimat_kato: str
    applicant: int
    named: tuple[int, ...]
    people: Mapping[int, PersonFacts]
    kept: tuple[categories.Kept, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
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


def judge(*, case: Case, policy: Policy, on: date) -> Judgment:
    """Judge one entry on a day under a policy."""
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
    found = tuple(_findings(case, people, money, policy, on))
    eligibility, code = _verdict(found)
    return Judgment(
        eligibility=eligibility,
        code=code,
        findings=found,
        household=people,
        income=money,
        income_per_member=None
        if money.per_member is None
        else for_engine(per_member=money.per_member, limits=policy.limits(on)),
        rung=rung(per_member=money.per_member, ladder=policy.rungs, minimum=policy.subsistence_minimum(on)),
        flags=("disabled_child",) if categories.has_disabled_child(household=people, on=on) else (),
        extra_room=any(member.facts.holds("chronic_illness", on) for member in people.members),
    )


def _verdict(found: Iterable[Finding]) -> tuple[Eligibility, str]:
    asked = [finding for finding in found if finding.rule not in NOTES]
    who = asked[0]  # the applicant's identity comes first
    if who.verdict is not Verdict.PASS:
        return Eligibility.UNKNOWN, who.code
    for rule, code in FAILURES.items():
        if any(finding.rule is rule and finding.verdict is Verdict.FAIL for finding in asked):
            return Eligibility.INELIGIBLE, code
    missing = {finding.code for finding in asked if finding.verdict is Verdict.UNKNOWN}
    if missing:
        return Eligibility.UNKNOWN, NO_CONSENT if NO_CONSENT in missing else SOURCE_UNANSWERED
    return Eligibility.ELIGIBLE, ""


def _findings(case: Case, people: Household, money: Income, policy: Policy, on: date) -> Iterator[Finding]:
    applicant = people.applicant.facts
    identity = _identity(applicant)
    yield identity
    if identity.code in {IDENTITY_MISMATCH, NOT_IN_REGISTER}:
        return
    yield _alive(applicant)
    yield _citizen(applicant, on)
    if case.list_number is not ListNumber.ORPHANS:  # orphans: registration and residence are not tested
        yield from _residence(applicant, case.akimat_kato, policy, on)
    yield from _property(case, people, policy, on)
    yield _category(case, people, on)
    if policy.ceilings:
        yield _ceiling(money, policy, on)
    # How many rooms a household needs is known only with the age and sex of everybody in it.
    for member in people.members[1:]:
        if member.facts.identity is None:
            yield _identity(member.facts)
    yield from _notes(people, money)


def _unanswered(facts: PersonFacts, source: Source) -> str:
    receipt = facts.receipts.get(source)
    return NO_CONSENT if receipt is not None and receipt.said is Said.NO_CONSENT else SOURCE_UNANSWERED


def _finding(
    rule: Rule, *, passed: bool, facts: PersonFacts, source: Source, required: str = "", actual: str = ""
) -> Finding:
    return Finding(
        rule=rule,
        verdict=Verdict.PASS if passed else Verdict.FAIL,
        required=required,
        actual=actual,
        source=source,
        as_of=facts.as_of(source),
        person=facts.person,
        code="" if passed else FAILURES[rule],
    )


def _unknown(rule: Rule, facts: PersonFacts, source: Source, code: str = "") -> Finding:
    return Finding(
        rule=rule,
        verdict=Verdict.UNKNOWN,
        source=source,
        person=facts.person,
        code=code or _unanswered(facts, source),
        as_of=facts.as_of(source),
    )


def _identity(facts: PersonFacts) -> Finding:
    receipt = facts.receipts.get(Source.GBD_FL)
    if receipt is None or receipt.said is Said.NO_CONSENT:
        return _unknown(Rule.IDENTITY, facts, Source.GBD_FL)
    if receipt.said is Said.IDENTITY_MISMATCH:
        return _unknown(Rule.IDENTITY, facts, Source.GBD_FL, IDENTITY_MISMATCH)
    if facts.identity is None:
        return _unknown(Rule.IDENTITY, facts, Source.GBD_FL, NOT_IN_REGISTER)
    return Finding(
        rule=Rule.IDENTITY,
        verdict=Verdict.PASS,
        source=Source.GBD_FL,
        as_of=receipt.as_of,
        person=facts.person,
    )


def _alive(applicant: PersonFacts) -> Finding:
    if applicant.identity is None:
        return _unknown(Rule.ALIVE, applicant, Source.GBD_FL)
    died = applicant.identity.death_date
    return _finding(
        Rule.ALIVE,
        passed=died is None,
        facts=applicant,
        source=Source.GBD_FL,
        actual=died.isoformat() if died else "",
    )


def _citizen(applicant: PersonFacts, on: date) -> Finding:
    if applicant.identity is None:
        return _unknown(Rule.CITIZEN, applicant, Source.GBD_FL)
    citizenship = applicant.identity.citizenship
    if citizenship != "KAZ" and applicant.holds("kandas", on):
        return _finding(
            Rule.CITIZEN, passed=True, facts=applicant, source=Source.KANDAS, required="KAZ", actual="kandas"
        )
    if citizenship != "KAZ" and not applicant.confirmed(Source.KANDAS):
        return _unknown(Rule.CITIZEN, applicant, Source.KANDAS)
    return _finding(
        Rule.CITIZEN,
        passed=citizenship == "KAZ",
        facts=applicant,
        source=Source.GBD_FL,
        required="KAZ",
        actual=citizenship,
    )


def _residence(applicant: PersonFacts, kato: str, policy: Policy, on: date) -> Iterator[Finding]:
    if not applicant.confirmed(Source.GBD_FL):
        yield _unknown(Rule.REGISTERED, applicant, Source.GBD_FL)
        return
    registered = applicant.registration
    yield _finding(Rule.REGISTERED, passed=registered is not None, facts=applicant, source=Source.GBD_FL)
    if registered is None:
        return
    digits = policy.kato_digits
    yield _finding(
        Rule.RESIDENT,
        passed=registered.kato[:digits] == kato[:digits],
        facts=applicant,
        source=Source.GBD_FL,
        required=kato[:digits],
        actual=registered.kato,
    )
    years = policy.residence_years.get(kato[:2])
    if years is not None:
        yield _long_enough(applicant, registered.since, years, on)


def _long_enough(applicant: PersonFacts, since: date | None, years: int, on: date) -> Finding:
    if since is None:
        return _unknown(Rule.RESIDENCE_LONG_ENOUGH, applicant, Source.GBD_FL, SOURCE_UNANSWERED)
    return _finding(
        Rule.RESIDENCE_LONG_ENOUGH,
        passed=(since.year + years, since.month, since.day) <= (on.year, on.month, on.day),
        facts=applicant,
        source=Source.GBD_FL,
        required=str(years),
        actual=since.isoformat(),
    )


def owners(people: Household, on: date) -> tuple[Member, ...]:
    """Whose property bars: applicant, spouse, minor children (art 69; domain 9)."""
    return tuple(
        member
        for member in people.members
        if member.role in {"applicant", "spouse"} or (member.role == "child" and member.is_minor(on))
    )


def _property(case: Case, people: Household, policy: Policy, on: date) -> Iterator[Finding]:
    if not people.applicant.facts.confirmed(Source.ZAGS):
        yield _unknown(Rule.OWNS_NO_DWELLING, people.applicant.facts, Source.ZAGS)
    emergency = _only_dwelling_is_emergency(case, people, on)
    for member in owners(people, on):
        facts = member.facts
        if not facts.confirmed(Source.EGKN):
            yield _unknown(Rule.OWNS_NO_DWELLING, facts, Source.EGKN)
            continue
        barring = [right for right in facts.rights if _bars(right, policy, on)]
        yield _finding(
            Rule.OWNS_NO_DWELLING,
            passed=not barring or emergency,
            facts=facts,
            source=Source.EGKN,
            actual=", ".join(str(right.share) for right in barring),
        )
        yield from _sold(facts, policy, on)


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


def _only_dwelling_is_emergency(case: Case, people: Household, on: date) -> bool:
    """Art 68: need is also there where the household's only dwelling is recognized as emergency (list 6)."""
    if case.list_number is not ListNumber.EMERGENCY_HOUSING:
        return False
    owned = [
        right
        for member in owners(people, on)
        for right in member.facts.rights
        if right.kind == "dwelling" and (right.disposed is None or right.disposed > on)
    ]
    return len(owned) == 1 and any(member.facts.holds("emergency_dwelling", on) for member in people.members)


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


def _category(case: Case, people: Household, on: date) -> Finding:
    applicant = people.applicant.facts
    held = categories.grounds(number=case.list_number, household=people, on=on)
    if held:
        first = held[0]
        source = Source(first.source)
        owner = next(member.facts for member in people.members if member.facts.person == first.person)
        return _finding(
            Rule.CATEGORY,
            passed=True,
            facts=owner,
            source=source,
            required=case.list_number,
            actual=first.code,
        )
    kept = _kept_category(case, applicant, on)
    if kept is not None:
        return kept
    for source in needed_for_category(case.list_number):
        for member in people.members if source is not Source.ZAGS else (people.applicant,):
            if not member.facts.confirmed(source):
                return _unknown(Rule.CATEGORY, member.facts, source)
    return _finding(
        Rule.CATEGORY, passed=False, facts=applicant, source=Source.ZAGS, required=case.list_number
    )


def _kept_category(case: Case, applicant: PersonFacts, on: date) -> Finding | None:
    """What a recorded period keeps for the list of the entry, or None if it keeps nothing."""
    for kept in case.kept:
        if categories.LISTS.get(kept.code) is not case.list_number or kept.from_on > on:
            continue
        verdict = categories.stays(kept.code, applicant=applicant, people=case.people, on=on)
        if verdict is Verdict.UNKNOWN:
            return _unknown(Rule.CATEGORY, applicant, Source.CBDI, SOURCE_UNANSWERED)
        if verdict is Verdict.PASS:
            return Finding(
                rule=Rule.CATEGORY,
                verdict=verdict,
                required=case.list_number,
                actual=kept.code,
                person=applicant.person,
            )
    return None


def needed_for_category(number: ListNumber) -> tuple[Source, ...]:
    """Every source that must have said "no" before a category counts as not confirmed."""
    family = number in {ListNumber.LARGE_FAMILIES, ListNumber.VULNERABLE}
    births = (Source.ZAGS, Source.GBD_FL) if family else ()
    return (*births, *categories.sources_for(number))


def _ceiling(money: Income, policy: Policy, on: date) -> Finding:
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
    )


def _tenge(amount: Fraction) -> str:
    return f"{Decimal(amount.numerator) / Decimal(amount.denominator):.2f}"


def _notes(people: Household, money: Income) -> Iterator[Finding]:
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
        yield _unknown(Rule.INCOME_UNANSWERED, by_key[person], source)
    for facts in people.deceased:
        yield Finding(
            rule=Rule.MEMBER_DECEASED, verdict=Verdict.PASS, source=Source.GBD_FL, person=facts.person
        )
    for facts in people.not_in_register:
        yield Finding(
            rule=Rule.MEMBER_NOT_IN_REGISTER, verdict=Verdict.PASS, source=Source.GBD_FL, person=facts.person
        )
