"""The household as the distribution sees it: everybody who is known, with age, sex and couple on the day."""

from dataclasses import replace
from datetime import date

import pytest

from queue_registry.rules.facts import Identity, Kin, Said, Source
from queue_registry.rules.need import Eligibility, judge
from queue_registry.rules.needs import MemberNeeds, members
from tests.unit.queue_registry.rules.invented import (
    APPLICANT,
    ON,
    SPOUSE,
    case,
    dwelling,
    family,
    person,
    policy,
    receipts,
    status,
)

TEACHER = status("budget_worker", Source.ESUTD)
MOTHER, HUSBAND, DAUGHTER = (
    MemberNeeds(sex="f", role="applicant", age=35, couple=1),
    MemberNeeds(sex="m", role="spouse", age=36, couple=1),
    MemberNeeds(sex="f", role="child", age=9, couple=None),
)
GRANDMOTHER, GRANDFATHER = 4, 5


def judged(people, *, named=()):
    found = judge(case=replace(case(people), named=named), policy=policy(), on=ON)
    return found.eligibility, members(found, ON)


def test_a_household_is_shown_with_ages_on_the_day():
    assert judged(family(statuses=(TEACHER,))) == (Eligibility.ELIGIBLE, (MOTHER, HUSBAND, DAUGHTER))


@pytest.mark.parametrize(
    "changes", [{"rights": (dwelling(),)}, {"registration": None}, {"statuses": ()}], ids=str
)
def test_who_is_passed_over_is_shown_as_he_is_too(changes):
    """The whole input is read by the commission and by a court; nobody in it is made up."""
    assert judged(family(**({"statuses": (TEACHER,)} | changes))) == (
        Eligibility.INELIGIBLE,
        (MOTHER, HUSBAND, DAUGHTER),
    )


def test_a_dead_applicant_is_shown_with_the_family():
    dead = Identity(birth_date=date(1991, 2, 3), death_date=date(2026, 8, 1), sex="f", citizenship="KAZ")
    assert judged(family(identity=dead)) == (Eligibility.INELIGIBLE, (MOTHER, HUSBAND, DAUGHTER))


def test_a_member_who_is_not_known_is_not_made_up():
    people = family(statuses=(TEACHER,))
    people[SPOUSE] = replace(people[SPOUSE], identity=None, receipts=receipts(without=(Source.GBD_FL,)))

    assert judged(people) == (Eligibility.UNKNOWN, (MOTHER._replace(couple=None), DAUGHTER))


def test_of_an_applicant_whom_nobody_knows_there_is_only_that_he_applied():
    people = family(identity=None, registration=None, receipts=receipts(gbd_fl=Said.NO_CONSENT))

    assert judged(people) == (
        Eligibility.UNKNOWN,
        (MemberNeeds(sex="f", role="applicant", age=0, couple=None),),
    )


def test_two_marriages_at_once_make_one_couple():
    people = family(statuses=(TEACHER,))
    second = Kin(person=4, relation="spouse", since=date(2020, 1, 1), until=None)
    people[APPLICANT] = replace(people[APPLICANT], kin=(*people[APPLICANT].kin, second))
    people[4] = person(4, born=date(1988, 1, 1), sex="m")

    _, shown = judged(people)

    assert [(member.role, member.couple) for member in shown] == [
        ("applicant", 1),
        ("spouse", 1),
        ("child", None),
        ("other", None),
    ]


def with_grandparents():
    """The list names the applicant's parents, who are married to each other."""
    people = family(statuses=(TEACHER,))
    parents = tuple(
        Kin(person=key, relation="parent", since=date(1991, 2, 3), until=None)
        for key in (GRANDMOTHER, GRANDFATHER)
    )
    people[APPLICANT] = replace(people[APPLICANT], kin=(*people[APPLICANT].kin, *parents))
    for key, other, sex in ((GRANDMOTHER, GRANDFATHER, "f"), (GRANDFATHER, GRANDMOTHER, "m")):
        married = Kin(person=other, relation="spouse", since=date(1990, 1, 1), until=None)
        people[key] = person(key, born=date(1960, 1, 1), sex=sex, kin=(married,))
    return people


def test_a_second_couple_of_the_household_is_a_couple():
    _, shown = judged(with_grandparents(), named=(GRANDMOTHER, GRANDFATHER))

    assert [(member.role, member.couple) for member in shown] == [
        ("applicant", 1),
        ("spouse", 1),
        ("child", None),
        ("parent", 2),
        ("parent", 2),
    ]
