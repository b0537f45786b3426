"""What a recheck's verdict leads to; when many flips are too many; who keeps the verdict of before."""

from dataclasses import replace
from fractions import Fraction

import pytest

from queue_registry.rules import rechecks
from queue_registry.rules.facts import Said, Source
from queue_registry.rules.need import FAILURES, judge
from queue_registry.rules.reasons import RemovalGround
from tests.unit.queue_registry.rules.invented import (
    APPLICANT,
    ON,
    case,
    dwelling,
    family,
    policy,
    receipts,
    status,
)

TEACHER = status("budget_worker", Source.ESUTD)
SHARE = Fraction(1, 50)


def judged(people, *, held=()):
    people = {
        key: replace(
            facts,
            receipts={
                source: receipt._replace(held=source in held) for source, receipt in facts.receipts.items()
            },
        )
        for key, facts in people.items()
    }
    return judge(case=case(people), policy=policy(), on=ON)


def test_every_failure_of_the_rules_has_a_lawful_ground():
    assert set(rechecks.GROUNDS) == set(FAILURES.values())
    assert set(rechecks.GROUNDS.values()) <= set(RemovalGround)


@pytest.mark.parametrize(
    ("flips", "answers", "expected"),
    [
        *((2, 100, False), (3, 100, True), (19, 1000, False), (20, 1000, False), (21, 1000, True)),
        *((1, 49, False), (49, 49, False), (1, 50, False), (2, 50, True), (0, 0, False)),
    ],
)
def test_a_flip_is_one_of_too_many_above_the_share_and_from_the_least_number_on(flips, answers, expected):
    assert rechecks.is_mass_flip(flips=flips, answers=answers, share=SHARE, minimum=50) is expected


def test_only_the_word_of_a_held_source_leaves_an_eligible_household_as_it_was():
    owner = family(statuses=(TEACHER,), rights=(dwelling(),))
    doubted = judged(owner, held={Source.EGKN})
    assert rechecks.stays_eligible(doubted, was_eligible=True)
    assert not rechecks.stays_eligible(doubted, was_eligible=False)
    assert not rechecks.stays_eligible(judged(owner), was_eligible=True)


def test_a_silent_source_beside_a_held_one_is_unknown_all_the_same():
    silent = receipts(gbd_fl=Said.FOUND, without=(Source.ESUTD,))
    people = family(rights=(dwelling(),), receipts=silent)
    assert not rechecks.stays_eligible(judged(people, held={Source.EGKN}), was_eligible=True)


def test_an_eligible_household_needs_nothing_to_stay_so():
    assert not rechecks.stays_eligible(judged(family(statuses=(TEACHER,))), was_eligible=True)


def test_a_failure_is_confirmed_only_if_all_that_it_rests_on_was_looked_at_twice():
    judgment = judged(family(statuses=(TEACHER,), rights=(dwelling(),)))
    first = rechecks.failure(judgment)
    assert (first.code, first.rests_on) == ("OWNS_DWELLING", ((APPLICANT, "egkn"),))
    assert rechecks.confirmed(judgment, "OWNS_DWELLING", first.rests_on) == first
    assert rechecks.confirmed(judgment, "OWNS_DWELLING", [(APPLICANT, "gbd_fl")]) is None
    assert rechecks.confirmed(judgment, "DECEASED", first.rests_on) is None
    assert rechecks.failure(judged(family(statuses=(TEACHER,)))) is None
