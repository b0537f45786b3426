"""Which fact puts a household on which of the six lists."""

from dataclasses import replace
from datetime import date

import pytest

from queue_registry.rules.categories import Kept, grounds, has_disabled_child
from queue_registry.rules.facts import Kin, Said, Source
from queue_registry.rules.findings import Rule, Verdict
from queue_registry.rules.household import household
from queue_registry.rules.need import judge
from queue_registry.rules.waiting_lists import ListNumber
from tests.unit.queue_registry.rules.invented import (
    APPLICANT,
    CHILD,
    ON,
    SPOUSE,
    case,
    family,
    person,
    policy,
    receipts,
    status,
)


def codes(people, number):
    home = household(applicant=people[APPLICANT], named=(), people=people, on=ON)
    return sorted(ground.code for ground in grounds(number=number, household=home, on=ON))


@pytest.mark.parametrize(
    ("number", "code", "source"),
    [
        (ListNumber.VETERANS, "wwii_veteran", Source.MOD),
        (ListNumber.ORPHANS, "orphan", Source.NOBD),
        (ListNumber.LARGE_FAMILIES, "large_family_mother", Source.EMAKET),
        (ListNumber.VULNERABLE, "pensioner", Source.EMAKET),
        (ListNumber.VULNERABLE, "kandas", Source.KANDAS),
        (ListNumber.VULNERABLE, "chronic_illness", Source.HEALTH),
        (ListNumber.PUBLIC_SERVICE, "budget_worker", Source.ESUTD),
        (ListNumber.PUBLIC_SERVICE, "civil_servant", Source.EKYZMET),
        (ListNumber.PUBLIC_SERVICE, "military", Source.MOD),
        (ListNumber.EMERGENCY_HOUSING, "emergency_dwelling", Source.EMERGENCY_HOUSING),
    ],
)
@pytest.mark.parametrize("holder", [APPLICANT, SPOUSE, CHILD])
def test_a_status_of_any_member_qualifies_for_its_list_and_no_other(number, code, source, holder):
    people = family()
    people[holder] = replace(people[holder], statuses=(status(code, source),))

    found = {other: code in codes(people, other) for other in ListNumber}

    assert found == {other: other is number for other in ListNumber}


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [
        (date(2026, 9, 1), None, True),
        (date(2026, 9, 2), None, False),
        (None, date(2026, 9, 2), True),
        (None, date(2026, 9, 1), False),
    ],
)
def test_a_status_holds_from_its_first_day_until_the_day_before_its_end(since, until, holds):
    people = family(statuses=(status("orphan", Source.NOBD, since=since, until=until),))
    assert codes(people, ListNumber.ORPHANS) == (["orphan"] if holds else [])


@pytest.mark.parametrize(("minors", "expected"), [(3, []), (4, ["large_family"])])
def test_four_minor_children_make_a_large_family(minors, expected):
    people = family()
    children = {10 + index: person(10 + index, born=date(2012, 1, 1 + index)) for index in range(minors)}
    kin = tuple(Kin(person=key, relation="child", since=None, until=None) for key in children)
    people = {APPLICANT: replace(people[APPLICANT], kin=kin), **children}
    assert codes(people, ListNumber.LARGE_FAMILIES) == expected


@pytest.mark.parametrize(("group", "expected"), [("1", ["disability"]), ("2", ["disability"]), ("3", [])])
def test_disability_of_the_first_and_second_group_qualifies(group, expected):
    people = family(statuses=(status("disability", Source.CBDI, group=group),))
    assert codes(people, ListNumber.VULNERABLE) == expected


def test_any_disability_of_a_minor_makes_a_family_with_a_disabled_child():
    people = family()
    people[CHILD] = replace(people[CHILD], statuses=(status("disability", Source.CBDI, group="3"),))
    home = household(applicant=people[APPLICANT], named=(), people=people, on=ON)
    assert codes(people, ListNumber.VULNERABLE) == ["disabled_child"]
    assert has_disabled_child(household=home, on=ON)


def test_minor_children_and_no_spouse_make_a_single_parent():
    people = family()
    alone = {key: facts for key, facts in people.items() if key != SPOUSE}
    alone[APPLICANT] = replace(
        people[APPLICANT], kin=tuple(kin for kin in people[APPLICANT].kin if kin.relation == "child")
    )
    assert codes(alone, ListNumber.VULNERABLE) == ["single_parent"]
    assert codes(people, ListNumber.VULNERABLE) == []


def test_a_divorce_ends_the_marriage_on_its_day():
    people = family()
    ended = tuple(
        kin._replace(until=ON) if kin.relation == "spouse" else kin for kin in people[APPLICANT].kin
    )
    people[APPLICANT] = replace(people[APPLICANT], kin=ended)
    assert codes(people, ListNumber.VULNERABLE) == ["single_parent"]


GROWN = date(2008, 9, 1)  # eighteen on the day


def kept_case(*, born=GROWN, statuses=(), number=ListNumber.VULNERABLE, code="disabled_child", without=()):
    """A couple whose child was disabled, with a recorded period that goes on counting."""
    people = family()
    people[CHILD] = replace(
        person(CHILD, born=born, statuses=statuses), receipts=receipts(gbd_fl=Said.FOUND, without=without)
    )
    return replace(case(people, number=number), kept=(Kept(code=code, from_on=date(2015, 1, 1)),))


def category_of(judged):
    (finding,) = [
        one for one in judge(case=judged, policy=policy(), on=ON).findings if one.rule is Rule.CATEGORY
    ]
    return finding.verdict, finding.actual


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("1", (Verdict.PASS, "disabled_child")),
        ("2", (Verdict.PASS, "disabled_child")),
        ("3", (Verdict.FAIL, "")),
    ],
)
def test_a_disabled_child_who_turned_eighteen_with_group_1_or_2_keeps_the_family_s_place(group, expected):
    disability = (status("disability", Source.CBDI, group=group),)

    assert category_of(kept_case(statuses=disability)) == expected
    assert category_of(replace(kept_case(statuses=disability), kept=()))[0] is Verdict.FAIL


def test_a_silent_register_of_disability_takes_no_kept_place_away():
    assert category_of(kept_case(without=("cbdi",)))[0] is Verdict.UNKNOWN


def test_a_protected_category_that_is_kept_needs_no_register():
    kept = kept_case(number=ListNumber.LARGE_FAMILIES, code="large_family")

    assert category_of(kept) == (Verdict.PASS, "large_family")


def test_a_kept_category_counts_on_its_own_list_and_from_its_day():
    elsewhere = kept_case(number=ListNumber.PUBLIC_SERVICE, code="large_family")
    not_yet = replace(
        kept_case(number=ListNumber.LARGE_FAMILIES),
        kept=(Kept(code="large_family", from_on=date(2026, 9, 2)),),
    )

    assert category_of(elsewhere)[0] is Verdict.FAIL
    assert category_of(not_yet)[0] is Verdict.FAIL
