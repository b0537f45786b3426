"""
The affordability ladder as a service: the rung of a household on a day with its arithmetic, or unknown and
which source is missing.

For a past day the income is put together from every answer that covers its months, so that an older answer
tells of months that the newest does not reach; a month that no answer covers leaves the rung unknown.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from integrations import selectors as outbox
from queue_registry.models import Fact, PolicyVersion, QueueEntry, SourceAnswer
from queue_registry.rules import need
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.facts import CONFIRMED, Benefit, PersonFacts, Source
from queue_registry.rules.household import Member
from queue_registry.rules.income import SOURCES, window
from queue_registry.rules.policy import Policy
from queue_registry.selectors.judgments import Arithmetic, get_case, work_out

_PERIODS: Final = frozenset(SOURCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A source that did not answer for the months that the rung of the day rests on, and about whom."""

    source: str
    person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """The rung of a household (`people`, the applicant first) on a day; empty where `missing` is not."""

    on: date
    rung: str
    arithmetic: Arithmetic
    missing: tuple[Missing, ...]
    people: tuple[int, ...]


def get_rung(entry: QueueEntry, version: PolicyVersion, *, on: date) -> Rung:
    """
    Return the rung of an entry's household on a day under a policy, from what is known now.

    The entry comes with `akimat` and `waiting_list` selected.

    :raises queue_registry.rules.policy.PolicyBroken: if the day is before the first subsistence minimum.
    """
    policy = Policy.from_document(version.document)
    told = get_case(entry)
    covered, facts = _put_together(told, on)
    judged = need.judge(case=facts, policy=policy, on=on)
    missing = tuple(_missing(facts, judged.household.members, covered, on))
    arithmetic = work_out(judged, policy, on=on)
    if missing:
        arithmetic = replace(
            arithmetic,
            per_member=None,
            rung="",
            limits=tuple(replace(limit, holds=False, chosen=False) for limit in arithmetic.limits),
        )
    return Rung(
        on=on,
        rung=arithmetic.rung,
        arithmetic=arithmetic,
        missing=missing,
        people=tuple(member.facts.person for member in judged.household.members),
    )


Covered = Mapping[tuple[int, str], frozenset[str]]


def _missing(case: need.Case, members: tuple[Member, ...], covered: Covered, on: date) -> list[Missing]:
    months = frozenset(window(on))
    found = []
    if not case.people[case.applicant].confirmed(Source.ZAGS):
        found.append(Missing(source=Source.ZAGS, person=case.applicant))
    for member in members:
        if member.is_minor(on):
            continue
        person = member.facts.person
        found += [
            Missing(source=source, person=person)
            for source in SOURCES
            if not months <= covered.get((person, source), frozenset())
        ]
    return found


def _put_together(case: need.Case, on: date) -> tuple[Covered, need.Case]:
    """Return the months that each source covers of each person, and the case with the income of those."""
    answers = list(
        SourceAnswer.objects.filter(
            person__in=case.people, source__in=_PERIODS, outcome__in=CONFIRMED
        ).order_by("-answered_at", "-pk")
    )
    spans = _spans(answers)
    by_answer: dict[int, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(answer__in=answers).order_by("pk"):
        by_answer[fact.answer_id].append(fact)
    covered: dict[tuple[int, str], set[str]] = defaultdict(set)
    income: dict[int, dict[str, Decimal]] = defaultdict(dict)
    benefits: dict[int, list[Benefit]] = defaultdict(list)
    for answer in answers:  # the newest first: a month that it told is not asked of an older one
        key = (answer.person_id, answer.source)
        fresh = spans[answer.pk] - covered[key]
        for fact in by_answer[answer.pk]:
            if fact.kind == "INCOME_MONTH" and fact.value["month"] in fresh:
                income[answer.person_id][fact.value["month"]] = Decimal(fact.value["amount"])
            elif fact.kind == "BENEFIT" and fact.value["amount"] is not None:
                benefits[answer.person_id] += _of_months(fact, fresh & frozenset(window(on)))
        covered[key] |= fresh
    people = {
        key: replace(facts, income=income[key], benefits=tuple(benefits[key]))
        for key, facts in case.people.items()
    }
    return {key: frozenset(months) for key, months in covered.items()}, _with(case, people)


def _with(case: need.Case, people: Mapping[int, PersonFacts]) -> need.Case:
    return replace(case, people=people)


def _spans(answers: list[SourceAnswer]) -> dict[int, frozenset[str]]:
    """The months that each answer was asked for; where the question is gone, the twelve before the answer."""
    periods = outbox.get_periods(
        [answer.check_request_id for answer in answers if answer.check_request_id is not None]
    )
    return {
        answer.pk: _months(*periods[answer.check_request_id])
        if answer.check_request_id in periods
        else _before(answer.answered_at)
        for answer in answers
    }


def _before(at: datetime) -> frozenset[str]:
    return frozenset(window(civil_day(at)))


def _months(start: date, until: date) -> frozenset[str]:
    first, end = start.year * 12 + start.month - 1, until.year * 12 + until.month - 1
    return frozenset(f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, end))


def _of_months(fact: Fact, months: frozenset[str]) -> list[Benefit]:
    """A benefit as one payment for each of the months in which it ran."""
    amount = Decimal(fact.value["amount"])
    since, until = (fact.value["from"] or "")[:7], (fact.value["until"] or "9999-12")[:7]
    return [
        Benefit(amount=amount, since=_first(month), until=_first(_next(month)))
        for month in sorted(months)
        if since <= month < until
    ]


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _next(month: str) -> str:
    number = int(month[:4]) * 12 + int(month[5:])
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
