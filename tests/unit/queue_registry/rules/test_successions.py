"""Who may take the applicant's place, by age and life."""

from dataclasses import replace
from datetime import date

import pytest

from queue_registry.rules import successions
from queue_registry.rules.facts import PersonFacts
from queue_registry.rules.move_refusals import MoveRefused
from tests.unit.queue_registry.rules.invented import person

ON = date(2026, 9, 1)
WIDOWER, YOUNG = person(2, born=date(1990, 5, 6)), person(3, born=date(2008, 9, 2))


def dead(facts):
    return replace(facts, identity=facts.identity._replace(death_date=date(2026, 1, 1)))


def refusal(successor, *members):
    try:
        successions.check(successor=successor, members=members, on=ON)
    except MoveRefused as refused:
        return refused.code.value
    return None


@pytest.mark.parametrize(("born", "code"), [(date(2008, 9, 1), None), (date(2008, 9, 2), "NOT_A_SUCCESSOR")])
def test_a_successor_is_of_age_on_the_day(born, code):
    assert refusal(3, WIDOWER, person(3, born=born)) == code


@pytest.mark.parametrize(
    ("successor", "members", "code"),
    [
        (2, (WIDOWER, YOUNG), None),
        (9, (WIDOWER, YOUNG), "NOT_A_SUCCESSOR"),
        (2, (dead(WIDOWER), YOUNG), "NOBODY_REMAINS"),
        (2, (dead(WIDOWER), person(4, born=date(1960, 1, 1))), "NOT_A_SUCCESSOR"),
        (3, (YOUNG,), "NOBODY_REMAINS"),
        (2, (), "NOBODY_REMAINS"),
        # A register that did not answer is no "nobody".
        (5, (PersonFacts(person=5),), "SUCCESSOR_AGE_NOT_KNOWN"),
    ],
)
def test_the_place_passes_to_a_living_adult_of_the_family(successor, members, code):
    assert refusal(successor, *members) == code
