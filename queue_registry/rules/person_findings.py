"""What the rules find of the applicant: identity, life, citizenship, residence (art 67, 71)."""

from collections.abc import Iterator
from datetime import date

from queue_registry.rules.facts import PersonFacts, Said, Source
from queue_registry.rules.findings import Finding, Rule, Verdict
from queue_registry.rules.making_findings import (
    IDENTITY_MISMATCH,
    NOT_IN_REGISTER,
    SOURCE_UNANSWERED,
    finding,
    unknown,
)
from queue_registry.rules.policy import Policy


def identity(facts: PersonFacts) -> Finding:
    """Is the person the one whom the population register has under this IIN."""
    receipt = facts.receipts.get(Source.GBD_FL)
    if receipt is None or receipt.said is Said.NO_CONSENT:
        return unknown(Rule.IDENTITY, facts, Source.GBD_FL)
    if receipt.said is Said.IDENTITY_MISMATCH:
        return unknown(Rule.IDENTITY, facts, Source.GBD_FL, IDENTITY_MISMATCH)
    if facts.identity is None:
        return unknown(Rule.IDENTITY, facts, Source.GBD_FL, NOT_IN_REGISTER)
    return Finding(
        rule=Rule.IDENTITY,
        verdict=Verdict.PASS,
        source=Source.GBD_FL,
        as_of=receipt.as_of,
        person=facts.person,
    )


def alive(applicant: PersonFacts) -> Finding:
    """Is the applicant alive."""
    if applicant.identity is None:
        return unknown(Rule.ALIVE, applicant, Source.GBD_FL)
    died = applicant.identity.death_date
    return finding(
        Rule.ALIVE,
        passed=died is None,
        facts=applicant,
        source=Source.GBD_FL,
        actual=died.isoformat() if died else "",
    )


def citizen(applicant: PersonFacts, on: date) -> Finding:
    """Is the applicant a citizen, or a kandas."""
    if applicant.identity is None:
        return unknown(Rule.CITIZEN, applicant, Source.GBD_FL)
    citizenship = applicant.identity.citizenship
    if citizenship != "KAZ" and applicant.holds("kandas", on):
        return finding(
            Rule.CITIZEN, passed=True, facts=applicant, source=Source.KANDAS, required="KAZ", actual="kandas"
        )
    if citizenship != "KAZ" and not applicant.confirmed(Source.KANDAS):
        return unknown(Rule.CITIZEN, applicant, Source.KANDAS)
    return finding(
        Rule.CITIZEN,
        passed=citizenship == "KAZ",
        facts=applicant,
        source=Source.GBD_FL,
        required="KAZ",
        actual=citizenship,
        besides=((applicant.person, Source.KANDAS.value),),
    )


def residence(applicant: PersonFacts, kato: str, policy: Policy, on: date) -> Iterator[Finding]:
    """Is the applicant registered in the settlement, and for long enough."""
    if not applicant.confirmed(Source.GBD_FL):
        yield unknown(Rule.REGISTERED, applicant, Source.GBD_FL)
        return
    registered = applicant.registration
    yield finding(Rule.REGISTERED, passed=registered is not None, facts=applicant, source=Source.GBD_FL)
    if registered is None:
        return
    digits = policy.kato_digits
    yield finding(
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
        return unknown(Rule.RESIDENCE_LONG_ENOUGH, applicant, Source.GBD_FL, SOURCE_UNANSWERED)
    return finding(
        Rule.RESIDENCE_LONG_ENOUGH,
        passed=(since.year + years, since.month, since.day) <= (on.year, on.month, on.day),
        facts=applicant,
        source=Source.GBD_FL,
        required=str(years),
        actual=since.isoformat(),
    )
