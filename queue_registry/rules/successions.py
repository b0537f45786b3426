"""Who may take the applicant's place when he dies or departs: the co-registered family (art 73)."""

from collections.abc import Iterable
from datetime import date

from queue_registry.rules.facts import PersonFacts
from queue_registry.rules.household import MAJORITY
from queue_registry.rules.move_refusals import MoveRefusal, require


def check(*, successor: int, members: Iterable[PersonFacts], on: date) -> None:
    """
    Pass if the place may pass to this person.

    :raises MoveRefused: NOT_A_SUCCESSOR (not a living adult of the family), SUCCESSOR_AGE_NOT_KNOWN (the
        population register has not said how old), NOBODY_REMAINS (there is nobody whom it could pass to).
    """
    living = {facts.person: facts for facts in members if _is_alive(facts)}
    ages = {person: facts.age(on) for person, facts in living.items()}
    require(any(age is None or age >= MAJORITY for age in ages.values()), MoveRefusal.NOBODY_REMAINS)
    require(successor in living, MoveRefusal.NOT_A_SUCCESSOR)
    require(ages[successor] is not None, MoveRefusal.SUCCESSOR_AGE_NOT_KNOWN)
    require(_is_of_age(living[successor], on), MoveRefusal.NOT_A_SUCCESSOR)


def _is_alive(facts: PersonFacts) -> bool:
    return facts.identity is None or facts.identity.death_date is None


def _is_of_age(facts: PersonFacts, on: date) -> bool:
    age = facts.age(on)
    return age is not None and age >= MAJORITY
