"""How a finding is made: what passed or failed, by which answers; the codes of what failed and why."""

from collections.abc import Mapping
from typing import Final

from queue_registry.rules.facts import PersonFacts, Said, Source
from queue_registry.rules.findings import Finding, Rule, Verdict

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


def unanswered(facts: PersonFacts, source: Source) -> str:
    """Return why a source has said nothing of a person."""
    receipt = facts.receipts.get(source)
    return NO_CONSENT if receipt is not None and receipt.said is Said.NO_CONSENT else SOURCE_UNANSWERED


def finding(
    rule: Rule,
    *,
    passed: bool,
    facts: PersonFacts,
    source: Source,
    required: str = "",
    actual: str = "",
    besides: tuple[tuple[int, str], ...] = (),
) -> Finding:
    """
    Return a rule that passed or failed by what a source said of a person.

    :param besides: answers without which a failure would be none, (person, source), beside that one.
    """
    own, receipt = (facts.person, source), facts.receipts.get(source)
    # By their places, in the order of a finding: by their names it takes twice as long.
    return Finding(
        rule,
        Verdict.PASS if passed else Verdict.FAIL,
        required,
        actual,
        source,
        receipt.as_of if receipt else None,
        facts.person,
        "" if passed else FAILURES[rule],
        (own,) if passed or not besides else tuple(dict.fromkeys((own, *besides))),
        receipt.fresh_until if receipt else None,
        receipt is not None and receipt.held,
    )


def unknown(rule: Rule, facts: PersonFacts, source: Source, code: str = "") -> Finding:
    """Return a rule of which nobody can say yet whether it is met."""
    return Finding(
        rule=rule,
        verdict=Verdict.UNKNOWN,
        source=source,
        person=facts.person,
        code=code or unanswered(facts, source),
        as_of=facts.as_of(source),
    )
