"""
Which registers owe a household their word for a distribution, and on which days they were asked in vain.

Silence is told from a missing consent (nobody may ask) and from a held source (it spoke, and is doubted).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from integrations.models import CheckAttempt
from queue_registry.models import Person, PolicyVersion, QueueEntry
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.case import Case
from queue_registry.rules.facts import Source
from queue_registry.rules.findings import Finding, Verdict
from queue_registry.rules.making_findings import SOURCE_UNANSWERED
from queue_registry.rules.need import Judgment
from queue_registry.rules.policy import Policy
from queue_registry.rules.sources import Question, questions
from queue_registry.selectors import consents
from queue_registry.selectors import facts as fact_selectors
from queue_registry.services import assessments


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A register without the word that a household needs, and the days on which it was asked for it."""

    source: str
    asked_on: tuple[date, ...]


def list_silent(
    *, entries: Sequence[QueueEntry], policy_version: PolicyVersion, at: datetime
) -> dict[int, list[Silent]]:
    """
    Return the silent registers of each entry, by its key; of an entry about which nobody is silent, none.

    An asking counts if it came after the last answer that there is, and within the days for which the policy
    lets an answer speak. Of a register that owes words about several people of a household, a day counts if
    it was asked about each of them. Entries come with `akimat` and `waiting_list` selected.
    """
    cases = consents.fill_gaps(fact_selectors.cases(entries), at=at)
    judged = assessments.judge(cases=cases, policy_version=policy_version, at=at, act_at=at, gives_homes=True)
    owed = {key: set(_owed(cases[key], judged[key], civil_day(at))) for key in cases}
    since = Policy.from_document(policy_version.document).verified_since(at)
    asked = _asked({question for found in owed.values() for question in found}, cases, since, at)
    return {key: _by_source(found, asked) for key, found in owed.items() if found}


def _owed(case: Case, judgment: Judgment, on: date) -> Iterator[Question]:
    """What the findings lack and can be asked for now: without an identity nobody else is asked."""
    askable = questions(case=case, on=on)
    for finding in judgment.findings:
        if finding.verdict is Verdict.UNKNOWN and finding.code == SOURCE_UNANSWERED and not finding.held:
            for person, source in _grounds(finding, case):
                question = Question(person=person, source=Source(source))
                if question in askable:
                    yield question


def _grounds(finding: Finding, case: Case) -> tuple[tuple[int, str], ...]:
    if finding.rests_on:
        return finding.rests_on
    return ((finding.person or case.applicant, finding.source),) if finding.source else ()


def _asked(
    owed: Collection[Question], cases: Mapping[int, Case], since: datetime | None, at: datetime
) -> dict[Question, frozenset[date]]:
    """On which days each question was put since the last answer to it."""
    people = {question.person for question in owed}
    by_iin = {iin: key for key, iin in Person.objects.filter(pk__in=people).values_list("pk", "iin")}
    answered = {
        Question(person=person, source=Source(source)): receipt.answered_at
        for case in cases.values()
        for person, facts in case.people.items()
        for source, receipt in facts.receipts.items()
    }
    rows = CheckAttempt.objects.filter(
        request__subject_iin__in=list(by_iin),
        request__source__in={question.source.value for question in owed},
        asked_at__lte=at,
    )
    if since is not None:
        rows = rows.filter(asked_at__gte=since)
    days: dict[Question, set[date]] = defaultdict(set)
    for iin, source, asked_at in rows.values_list("request__subject_iin", "request__source", "asked_at"):
        question = Question(person=by_iin[iin], source=Source(source))
        last = answered.get(question)
        if question in owed and (last is None or asked_at > last):
            days[question].add(civil_day(asked_at))
    return {question: frozenset(found) for question, found in days.items()}


def _by_source(owed: Collection[Question], asked: Mapping[Question, frozenset[date]]) -> list[Silent]:
    days: dict[str, list[frozenset[date]]] = defaultdict(list)
    for question in owed:
        days[question.source.value].append(asked.get(question, frozenset()))
    return [
        Silent(source=source, asked_on=tuple(sorted(frozenset.intersection(*found))))
        for source, found in sorted(days.items())
    ]
