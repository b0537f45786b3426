"""
Looks at a finding: the answers that it rests on, and the same questions put once more.

Each question of a second look bears the key of the answer that it looks at again, so that two findings about
one family share it, and no earlier answer can be taken for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from integrations import services as outbox
from integrations.contract import CONFIRMED
from queue_registry.models import Person, RecheckFinding, SourceAnswer
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.case import Case
from queue_registry.rules.facts import Source
from queue_registry.rules.findings import Finding
from queue_registry.rules.sources import Question
from queue_registry.selectors import consents
from queue_registry.services import source_questions

PURPOSE: Final = "second-look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One answer to be looked at again: of whom, by whom, its key, and the consent by which it is asked."""

    person: int
    source: str
    first: int
    consent_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A failure of an entry, with all answers that it rests on; `source` and `first` are the telling one."""

    code: str
    required: str
    actual: str
    source: str
    first: int
    looks: tuple[Look, ...]

    def detail(self, asked: Mapping[int, int]) -> dict[str, Any]:
        """Return what a finding keeps of it; `asked` are the questions by the answers that they look at."""
        return {
            "required": self.required,
            "actual": self.actual,
            "looks": [
                {
                    "person": look.person,
                    "source": look.source,
                    "first": look.first,
                    "request": asked[look.first],
                }
                for look in self.looks
            ],
        }


def plan(against: Mapping[int, tuple[Case, Finding]], *, at: datetime) -> dict[int, Plan]:
    """
    Return how each failure is looked at twice, by its key; one that may not be asked about is left out.
    """
    given = consents.of_cases([case for case, _ in against.values()], at=at)
    plans = {}
    for key, (case, found) in against.items():
        children = consents.minors(case, on=civil_day(at))
        looks = []
        for person, source in found.rests_on:
            question = Question(person=person, source=Source(source))
            consent = given.of(question, applicant=case.applicant, is_minor=person in children)
            first = case.people[person].receipts[source].answer
            if consent is None or first is None:
                break
            looks.append(Look(person=person, source=source, first=first, consent_ref=consent.reference))
        else:
            plans[key] = _plan(found, tuple(looks))
    return plans


def _plan(found: Finding, looks: tuple[Look, ...]) -> Plan:
    telling = _telling(found, looks)
    return Plan(
        code=found.code,
        required=found.required,
        actual=found.actual,
        source=telling.source,
        first=telling.first,
        looks=looks,
    )


def _telling(found: Finding, looks: tuple[Look, ...]) -> Look:
    """The newest answer of the source that failed it; who is in the family fails nobody by itself."""
    if found.source != Source.ZAGS:
        looks = tuple(look for look in looks if look.source == found.source)
    else:
        looks = tuple(look for look in looks if look.source != Source.ZAGS) or looks
    return max(looks, key=lambda look: look.first)


def ask(plans: Iterable[Plan], *, at: datetime) -> dict[int, int]:
    """Put the questions once more; return the row of each by the answer that it looks at."""
    looks = {look.first: look for one in plans for look in one.looks}
    iins = dict(
        Person.objects.filter(pk__in={look.person for look in looks.values()}).values_list("pk", "iin")
    )
    asked = {
        first: source_questions.query(
            iins[look.person],
            look.source,
            at=at,
            by=PURPOSE,
            purpose=PURPOSE,
            bucket=str(first),
            consent_ref=look.consent_ref,
        )
        for first, look in looks.items()
    }
    rows = outbox.enqueue_once(asked.values(), at=at, freshness=outbox.Freshness.ASK_ANYWAY)
    return {first: rows[question] for first, question in asked.items()}


def pairs_of(finding: RecheckFinding) -> frozenset[tuple[int, str]]:
    """Return whom a finding asked about once more, and whom it asked: (person, source)."""
    return frozenset((look["person"], look["source"]) for look in finding.detail["looks"])


def answers_of(finding: RecheckFinding) -> SourceAnswer | None:
    """
    Return the answer of the second look that tells, if every look was answered by another answer than the
    first; else None.
    """
    looks = finding.detail["looks"]
    rows = SourceAnswer.objects.filter(
        check_request_id__in=[look["request"] for look in looks], outcome__in=CONFIRMED
    )
    by_request = {row.check_request_id: row for row in rows.order_by("pk")}
    second = {look["first"]: by_request.get(look["request"]) for look in looks}
    if any(row is None or row.pk <= first for first, row in second.items()):
        return None
    return second[finding.first_answer_id]


def evidence(finding: RecheckFinding, found: Finding) -> str:
    """Return what was seen twice, in figures: the code, what was found, and the moments of both answers."""
    moments = [as_of(answer) for answer in (finding.first_answer, finding.second_answer)]
    told = [f"{finding.code}: {found.actual}".rstrip(": ")]
    told += [f"{finding.source} {moment.isoformat()}" for moment in moments if moment is not None]
    return "; ".join(told)


def as_of(answer: SourceAnswer | None) -> datetime | None:
    """Return the moment for which an answer vouches."""
    return None if answer is None else answer.source_as_of or answer.answered_at
