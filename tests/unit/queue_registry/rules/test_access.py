"""Which looks are asked about: at the limits of time and kinship, and never more than one kind for a look."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.access import (
    WINDOW,
    Look,
    LookedAt,
    LookKind,
    Officer,
    kin_of,
    unusual,
)

AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def kinds(case, officer, *, at=AT, staff=()):
    found = unusual(
        [Look(officer=1, case=2, at=at)], cases={2: case}, officers={1: officer}, staff=frozenset(staff)
    )
    return [row.kind for row in found]


CLERK = Officer(needs_task=True)


def test_a_look_without_task_and_act_is_asked_about():
    assert kinds(LookedAt(people=frozenset({5})), CLERK) == [LookKind.WITHOUT_TASK]
    assert kinds(LookedAt(people=frozenset({5}), is_open=True), CLERK) == []
    assert kinds(LookedAt(people=frozenset({5})), Officer()) == []


def test_an_act_explains_looks_for_thirty_days_before_and_after():
    for act, expected in (
        (AT - WINDOW, []),
        (AT + WINDOW, []),
        (AT - WINDOW - TICK, [LookKind.WITHOUT_TASK]),
        (AT + WINDOW + TICK, [LookKind.WITHOUT_TASK]),
    ):
        assert kinds(LookedAt(people=frozenset({5}), acts=(act,)), CLERK) == expected


def test_own_case_relative_and_colleague_are_asked_about_whatever_is_to_be_done():
    case = LookedAt(people=frozenset({5, 6}), acts=(AT,), is_open=True)
    assert kinds(case, Officer(person=6)) == [LookKind.OWN_CASE]
    assert kinds(case, Officer(person=9, kin=frozenset({6}))) == [LookKind.RELATIVE]
    assert kinds(case, Officer(person=9), staff={5}) == [LookKind.COLLEAGUE]
    assert kinds(case, Officer(person=9), staff={7}) == []


def test_the_first_of_several_kinds_counts():
    case = LookedAt(people=frozenset({5}))
    officer = Officer(person=5, kin=frozenset({5}), needs_task=True)
    assert kinds(case, officer, staff={5}) == [LookKind.OWN_CASE]


def test_kin_is_counted_to_the_second_degree():
    ties = {1: (2,), 2: (1, 3), 3: (2, 4), 4: (3,)}
    assert kin_of(1, ties) == {2, 3}
    assert kin_of(9, ties) == frozenset()


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 90)), max_size=30))
def test_every_look_is_in_one_row_at_most_and_rows_count_them(drawn):
    looks = [Look(officer=by, case=case, at=AT + timedelta(days=day)) for by, case, day in drawn]
    cases = {1: LookedAt(people=frozenset({11})), 2: LookedAt(people=frozenset({12}), acts=(AT,))}
    cases[3] = LookedAt(people=frozenset({13}), is_open=True)
    officers = {1: CLERK, 2: Officer(person=11), 3: Officer(kin=frozenset({12}), needs_task=True)}
    found = unusual(looks, cases=cases, officers=officers, staff=frozenset())
    asked = {(row.officer, row.case): row.looks for row in found if row.kind is not LookKind.WITHOUT_TASK}
    assert sum(row.looks for row in found) <= len(looks)
    assert asked.get((2, 1), 0) == sum(1 for look in looks if (look.officer, look.case) == (2, 1))
    assert asked.get((3, 2), 0) == sum(1 for look in looks if (look.officer, look.case) == (3, 2))
    assert not any(row.case == 3 for row in found)
