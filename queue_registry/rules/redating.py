"""When a registration moment may change: four typed grounds, each with what it allows (art 73(4), B5)."""

from datetime import datetime

from queue_registry.rules.calendar import civil_day
from queue_registry.rules.move_refusals import MoveRefusal, require
from queue_registry.rules.policy import Policy
from queue_registry.rules.reasons import RegistrationChangeGround
from queue_registry.rules.waiting_lists import ListNumber

_Ground = RegistrationChangeGround


def check(
    *,
    ground: RegistrationChangeGround,
    list_number: ListNumber,
    now: datetime,
    new: datetime,
    policy: Policy,
    at: datetime,
) -> None:
    """
    Pass if the ground allows an entry of this list to go from its present moment to the new one.

    Grounds that arose later only move a moment back in the order; only orphans are transferred with their
    moment. A day before the earliest is taken for a slip of the pen on every ground: no list is so old.

    :raises MoveRefused: MOMENT_IN_FUTURE, MOMENT_THE_SAME, MOMENT_TOO_EARLY, ONLY_LATER, ONLY_FOR_ORPHANS.
    """
    require(new <= at, MoveRefusal.MOMENT_IN_FUTURE)
    require(new != now, MoveRefusal.MOMENT_THE_SAME)
    earliest = policy.term("earliest_year")
    require(civil_day(new).year >= earliest, MoveRefusal.MOMENT_TOO_EARLY, earliest=earliest)
    if ground is _Ground.GROUNDS_AROSE_LATER:
        require(new > now, MoveRefusal.ONLY_LATER)
    if ground is _Ground.ORPHAN_TRANSFER:
        require(list_number is ListNumber.ORPHANS, MoveRefusal.ONLY_FOR_ORPHANS)
