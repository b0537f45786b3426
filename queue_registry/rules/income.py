"""
Income per member: aggregate over twelve months, divided by 12 and by the number of members.

Exact fractions throughout; only `for_engine` brings the figure to six decimals, in a way that keeps it on
its side of every limit.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal, Inexact
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Final, NamedTuple

from queue_registry.rules.facts import PersonFacts, Source
from queue_registry.rules.household import Household, Member

MONTHS: Final = 12  # art 68 of the Housing Law: the twelve months before the application
AGE_OF_WORK: Final = 14  # Labor Code art 30: the earliest age of a contract of employment
SOURCES: Final = (Source.ENPF, Source.EMAKET)  # what was earned, and what the state pays
_STEP: Final = Decimal("0.000001")
# Ten times as many decimals as fractions are added in the same time; the context tells if one did not fit.
_EXACT: Final = Context(prec=60, traps=[])


class Income(NamedTuple):
    """
    Aggregate income of a household in tenge; `per_member` is None where an adult's source did not answer.

    `gaps` are (person, month) pairs without a record inside an answer: counted as 0 and told. `unanswered`
    are (person, source) pairs.
    """

    total: Fraction
    members: int
    per_member: Fraction | None
    gaps: tuple[tuple[int, str], ...]
    unanswered: tuple[tuple[int, Source], ...]


@lru_cache(maxsize=16)
def window(on: date) -> tuple[str, ...]:
    """
    Return the twelve full months before the day, oldest first: "2025-09" … "2026-08" on 1 September 2026.
    """
    last = on.year * 12 + on.month - 1
    return tuple(f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(last - MONTHS, last))


def income(*, household: Household, on: date) -> Income:
    """
    Work the household's income out on a day.

    A confirmed "nothing found" counts 0; a month missing inside an answer counts 0 and is a gap; an adult
    whose source did not answer makes the income unknown (domain 3).
    """
    months = window(on)
    adults = [member for member in household.members if not member.is_minor(on)]
    unanswered = tuple(
        (member.facts.person, source)
        for member in adults
        for source in SOURCES
        if not member.facts.confirmed(source)
    )
    # One fraction of all amounts: a fraction of each would be most of the work.
    total = _sum([amount for member in household.members for amount in _amounts(member.facts, months)])
    size = len(household.members)
    return Income(
        total=total,
        members=size,
        per_member=None if unanswered else Fraction(total.numerator, total.denominator * MONTHS * size),
        gaps=tuple(_gaps(adults, months)),
        unanswered=unanswered,
    )


def _amounts(facts: PersonFacts, months: Sequence[str]) -> list[Decimal]:
    amounts = [amount for amount in map(facts.income.get, months) if amount is not None]
    amounts += [
        benefit.amount
        for benefit in facts.benefits
        for month in months
        if _runs_in(month, benefit.since, benefit.until)
    ]
    return amounts


def _sum(amounts: Sequence[Decimal]) -> Fraction:
    """Return an exact sum; where a decimal could not hold it, every amount is added as a fraction."""
    context = _EXACT.copy()
    total = reduce(context.add, amounts, Decimal(0))
    return sum(map(Fraction, amounts), Fraction(0)) if context.flags[Inexact] else Fraction(total)


def _runs_in(month: str, since: date | None, until: date | None) -> bool:
    return (since is None or since.isoformat()[:7] <= month) and (
        until is None or month < until.isoformat()[:7]
    )


def _gaps(adults: Iterable[Member], months: Sequence[str]) -> Iterable[tuple[int, str]]:
    for member in adults:
        if member.facts.income:
            missing = [month for month in months if month not in member.facts.income]
            yield from ((member.facts.person, month) for month in missing)


def for_engine(*, per_member: Fraction, limits: Collection[Fraction]) -> Decimal:
    """
    Return the figure as a decimal of at most six places that lies on the same side of every limit.

    Rounding down keeps "below a limit" true; only where it would land exactly on a limit that the true
    figure exceeds is the next step taken. Limits have at most six decimals and stand further apart than
    one step.
    """
    numerator = Decimal(per_member.numerator * 10**6 // per_member.denominator)
    floor = (numerator * _STEP).quantize(_STEP, rounding=ROUND_FLOOR)
    exact = Fraction(floor) == per_member
    return floor if exact or Fraction(floor) not in limits else floor + _STEP


def rung(*, per_member: Fraction | None, ladder: Sequence[tuple[str, Fraction]]) -> str:
    """Return the first rung whose limit (in tenge, inclusive) holds the income; "none"; "" if unknown."""
    if per_member is None:
        return ""
    return next((name for name, limit in ladder if per_member <= limit), "none")
