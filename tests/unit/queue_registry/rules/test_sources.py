"""Who is asked about whom, before a household can be judged."""

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from integrations.fakes.world import StatusCode
from integrations.sources import ADAPTERS
from queue_registry.rules.facts import Said, Source
from queue_registry.rules.sources import questions
from queue_registry.rules.waiting_lists import ListNumber
from tests.unit.queue_registry.rules.invented import (
    APPLICANT,
    CHILD,
    ON,
    SPOUSE,
    case,
    family,
    person,
    receipts,
)

GRANDMOTHER = 4


def test_every_source_that_a_rule_names_is_a_system_and_is_asked_about_somebody():
    """A rule that reads what nobody asks for would find "not known" for ever."""
    people = family()
    foreign = people[APPLICANT].identity._replace(citizenship="UZB")
    people[APPLICANT] = replace(people[APPLICANT], identity=foreign)
    cases = [case(people, number=number) for number in ListNumber]

    assert {question.source for one in cases for question in questions(case=one, on=ON)} == set(Source)
    assert set(Source) <= set(ADAPTERS)


def test_a_source_of_statuses_that_a_rule_names_can_speak_of_an_invented_world():
    """Else the mock gateway finds nothing for ever, and no demo, story or test meets the rule."""
    deciding = {source: ADAPTERS[source].definition.statuses for source in Source}
    known = set(get_args(StatusCode))

    assert [source for source, statuses in deciding.items() if statuses and not statuses & known] == []


def asked(source, people, *, named=(), **kwargs):
    """Of whom a source is asked."""
    found = questions(case=replace(case(people, **kwargs), named=named), on=ON)
    return {question.person for question in found if question.source is source}


def test_without_a_confirmed_identity_only_the_registers_of_people_are_asked():
    people = family(identity=None, registration=None, receipts=receipts(without=(Source.GBD_FL,)))

    found = {(question.person, question.source) for question in questions(case=case(people), on=ON)}

    assert found == {(APPLICANT, Source.GBD_FL), (APPLICANT, Source.ZAGS)}


def test_nobody_else_is_asked_while_the_civil_acts_are_silent():
    people = family(receipts=receipts(gbd_fl=Said.FOUND, without=(Source.ZAGS,)))

    assert asked(Source.EGKN, people) == set()


@pytest.mark.parametrize("number", [ListNumber.PUBLIC_SERVICE, ListNumber.VULNERABLE])
def test_payments_of_the_state_are_asked_of_every_member_on_every_list(number):
    assert asked(Source.EMAKET, family(), number=number) == {APPLICANT, SPOUSE, CHILD}


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        (date(2012, 9, 1), {APPLICANT, SPOUSE, CHILD}),
        (date(2012, 9, 2), {APPLICANT, SPOUSE}),
    ],
)
def test_earnings_are_asked_from_the_age_of_work(born, expected):
    people = family()
    people[CHILD] = person(CHILD, born=born)

    assert asked(Source.ENPF, people) == expected


def test_rights_to_dwellings_are_asked_of_those_whose_dwelling_bars():
    people = family()
    people[GRANDMOTHER] = person(GRANDMOTHER, born=date(1960, 1, 1))

    assert asked(Source.EGKN, people, named=(GRANDMOTHER,)) == {APPLICANT, SPOUSE, CHILD}


def test_the_civil_acts_are_asked_whether_a_named_adult_is_married():
    people = family()
    people[GRANDMOTHER] = person(GRANDMOTHER, born=date(1960, 1, 1))

    assert asked(Source.ZAGS, people, named=(GRANDMOTHER,)) == {APPLICANT, SPOUSE, GRANDMOTHER}
