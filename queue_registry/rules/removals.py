"""
Removal from a list (art 73 of the Housing Law; art 73 and 92 of the APC): terms, and who is protected.

Nobody is removed before notice, the term for objections and, if there is an objection, a hearing.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from queue_registry.rules.calendar import Calendar
from queue_registry.rules.ground_articles import article_of
from queue_registry.rules.intakes import months_after
from queue_registry.rules.move_refusals import MoveRefusal, require
from queue_registry.rules.policy import Policy
from queue_registry.rules.reasons import (
    AGAINST_THE_PROTECTED,
    PROTECTED_CATEGORIES,
    LegalBasis,
    RemovalGround,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTerm:
    """The last day for objections, and the first day on which a decision may be taken."""

    objections_until: date
    decision_from: date


def response_term(*, notified_on: date, policy: Policy, working_days: Calendar) -> ResponseTerm:
    """
    Return the term that a notice opens (APC art 73).

    The day of the notice never counts. All working days of the notice belong to the household [ours: the act
    says "at least"], so that a decision comes on the next working day after them.

    :raises queue_registry.rules.calendar.YearUnknown: if the term runs into a year without data.
    """
    return ResponseTerm(
        objections_until=working_days.working_day_after(notified_on, count=policy.term("objections")),
        decision_from=working_days.working_day_after(notified_on, count=policy.term("removal_notice") + 1),
    )


def written_notice_by(decided_on: date, policy: Policy) -> date:
    """Return the last day of the written notice of a decision (art 73: days, not working days)."""
    return decided_on + timedelta(days=policy.term("notice_days"))


def complaint_until(decided_on: date, policy: Policy) -> date:
    """Return the last day of a complaint (APC art 92)."""
    return months_after(decided_on, months=policy.term("complaint_months"))


def decide_complaint_by(opened_on: date, *, policy: Policy, working_days: Calendar) -> date:
    """Return the last working day on which a complaint is decided (APC art 99)."""
    return working_days.working_day_after(opened_on, count=policy.term("complaint_decided"))


def check_protection(ground: RemovalGround, categories: Collection[str], *, on: date) -> None:
    """
    Pass unless the ground does not hold against a protected household.

    :raises MoveRefused: PROTECTED, with the category and the article of the day.
    """
    held = sorted(PROTECTED_CATEGORIES.intersection(categories))
    require(
        not held or ground in AGAINST_THE_PROTECTED,
        MoveRefusal.PROTECTED,
        category=held[0] if held else "",
        article=article_of(LegalBasis.PROTECTED_UNTIL_HOUSED, on=on),
    )
