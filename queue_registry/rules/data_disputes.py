"""Disputes about what the state knows of a household: their term, and why an act was refused."""

from datetime import date
from enum import StrEnum

from queue_registry.rules.calendar import Calendar
from queue_registry.rules.policy import Policy


class DisputeRefusal(StrEnum):
    """Why nothing was done."""

    NOT_OF_THE_HOUSEHOLD = "NOT_OF_THE_HOUSEHOLD"
    CLAIM_MISSING = "CLAIM_MISSING"
    DECISION_MISSING = "DECISION_MISSING"
    SETTLED_ALREADY = "SETTLED_ALREADY"


class DisputeRefused(Exception):
    """The act follows no rule of disputes; nothing was done."""

    def __init__(self, code: DisputeRefusal) -> None:
        super().__init__(code)
        self.code = code


def settle_by(opened_on: date, *, policy: Policy, working_days: Calendar) -> date:
    """
    Return the last working day on which a dispute is settled.

    :raises queue_registry.rules.policy.PolicyBroken: if the policy was approved before it had the term.
    """
    return working_days.working_day_after(opened_on, count=policy.term("data_dispute"))
