"""Does a register confirm the category of the list on which the household stands (art 67, 68, 74)."""

from collections.abc import Iterator
from datetime import date

from queue_registry.rules import categories
from queue_registry.rules.case import Case
from queue_registry.rules.facts import PersonFacts, Source
from queue_registry.rules.findings import Finding, Rule, Verdict
from queue_registry.rules.household import Household
from queue_registry.rules.making_findings import SOURCE_UNANSWERED, finding, unknown
from queue_registry.rules.waiting_lists import ListNumber


def category(case: Case, people: Household, on: date) -> Finding:
    """Is the household still one for whom the list is."""
    applicant = people.applicant.facts
    held = categories.grounds(number=case.list_number, household=people, on=on)
    if held:
        first = held[0]
        source = Source(first.source)
        owner = next(member.facts for member in people.members if member.facts.person == first.person)
        return finding(
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
    asked = tuple(_asked(case, people))
    for facts, source in asked:
        if not facts.confirmed(source):
            return unknown(Rule.CATEGORY, facts, source)
    return finding(
        Rule.CATEGORY,
        passed=False,
        facts=applicant,
        source=Source.ZAGS,
        required=case.list_number,
        besides=tuple((facts.person, source.value) for facts, source in asked),
    )


def _asked(case: Case, people: Household) -> Iterator[tuple[PersonFacts, Source]]:
    """Whom each source has to have said "no" of, before the category counts as not confirmed."""
    for source in needed_for_category(case.list_number):
        for member in people.members if source is not Source.ZAGS else (people.applicant,):
            yield member.facts, source


def _kept_category(case: Case, applicant: PersonFacts, on: date) -> Finding | None:
    """What a recorded period keeps for the list of the entry, or None if it keeps nothing."""
    for kept in case.kept:
        if categories.LISTS.get(kept.code) is not case.list_number or kept.from_on > on:
            continue
        verdict = categories.stays(kept.code, applicant=applicant, people=case.people, on=on)
        if verdict is Verdict.UNKNOWN:
            return unknown(Rule.CATEGORY, applicant, Source.CBDI, SOURCE_UNANSWERED)
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
