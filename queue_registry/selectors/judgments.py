"""The income of a household and its rung of the ladder, with the arithmetic that a person can follow."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from queue_registry.models import QueueEntry
from queue_registry.rules import need
from queue_registry.rules.income import MONTHS
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


def get_arithmetic(entry: QueueEntry, *, on: date) -> Arithmetic | None:
    """
    Return the rung of an entry's household on a day under the policy of its assessment, or None before any.

    The entry comes with `akimat`, `waiting_list` and `assessment__policy` selected. Exact fractions
    decide; only what is shown is rounded.
    """
    assessment = getattr(entry, "assessment", None)
    if assessment is None:
        return None
    policy = Policy.from_document(assessment.policy.document)
    judged = need.judge(case=cases([entry])[entry.pk], policy=policy, on=on)
    minimum = policy.subsistence_minimum(on)
    return Arithmetic(
        total=_money(judged.income.total),
        months=MONTHS,
        members=judged.income.members,
        per_member=None if judged.income.per_member is None else _money(judged.income.per_member),
        minimum=_money(minimum),
        rung=judged.rung,
        limits=tuple(
            Limit(
                rung=name,
                multiple=str(Decimal(limit.numerator) / limit.denominator),
                tenge=_money(limit * minimum),
                holds=judged.income.per_member is not None and judged.income.per_member <= limit * minimum,
                chosen=name == judged.rung,
            )
            for name, limit in policy.rungs
        ),
    )


def _money(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)
