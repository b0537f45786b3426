"""
A household as the rules count it, its income and its rung of the ladder, with the arithmetic that a person
can follow.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from queue_registry.models import Person, QueueEntry
from queue_registry.rules import need
from queue_registry.rules.household import household
from queue_registry.rules.income import MONTHS, Income
from queue_registry.rules.policy import Policy
from queue_registry.selectors.facts import cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One rung: its limit in subsistence minimums and in tenge, and whether the income is within it."""

    rung: str
    multiple: str
    tenge: Decimal
    holds: bool
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """
    Sum of twelve months / 12 / members, against every limit of the ladder; amounts in tenge, rounded to
    0.01.
    """

    total: Decimal
    months: int
    members: int
    per_member: Decimal | None
    minimum: Decimal
    rung: str
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLine:
    """One person of a household; `note` says why somebody who was named is not counted, else empty."""

    person: Person
    role: str
    note: str = ""


def get_case(entry: QueueEntry) -> need.Case:
    """Return what the rules judge. The entry comes with `akimat` and `waiting_list` selected."""
    return cases([entry])[entry.pk]


def list_household(case: need.Case, *, on: date) -> list[MemberLine]:
    """Return the household on a day, the applicant first; then those who are named and not counted."""
    people = household(applicant=case.people[case.applicant], named=case.named, people=case.people, on=on)
    counted = [(member.facts.person, member.role, "") for member in people.members]
    counted += [(facts.person, "other", "MEMBER_DECEASED") for facts in people.deceased]
    counted += [(facts.person, "other", "MEMBER_NOT_IN_REGISTER") for facts in people.not_in_register]
    rows = Person.objects.in_bulk([person for person, _, _ in counted])
    return [MemberLine(person=rows[person], role=role, note=note) for person, role, note in counted]


def get_arithmetic(entry: QueueEntry, case: need.Case, *, on: date) -> Arithmetic | None:
    """
    Return the rung of an entry's household on a day under the policy of its assessment, or None before any.

    The entry comes with `assessment__policy` selected.
    """
    assessment = getattr(entry, "assessment", None)
    if assessment is None:
        return None
    policy = Policy.from_document(assessment.policy.document)
    return work_out(need.judge(case=case, policy=policy, on=on), policy, on=on)


def work_out(judged: need.Judgment, policy: Policy, *, on: date) -> Arithmetic:
    """Return the arithmetic of a rung: exact fractions decide, only what is shown is rounded."""
    return arithmetic_of(judged.income, judged.rung, policy, on=on)


def arithmetic_of(told: Income, rung: str, policy: Policy, *, on: date) -> Arithmetic:
    """Return the arithmetic of an income, by whomever it was told, on the rung that it is on."""
    minimum = policy.subsistence_minimum(on)
    return Arithmetic(
        total=_money(told.total),
        months=MONTHS,
        members=told.members,
        per_member=None if told.per_member is None else _money(told.per_member),
        minimum=_money(minimum),
        rung=rung,
        limits=tuple(
            Limit(
                rung=name,
                multiple=str(Decimal(limit.numerator) / limit.denominator),
                tenge=_money(limit * minimum),
                holds=told.per_member is not None and told.per_member <= limit * minimum,
                chosen=name == rung,
            )
            for name, limit in policy.rungs
        ),
    )


def _money(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)
