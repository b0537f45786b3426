"""Refusals hold an entry at the policy's number and within its months, the last day included."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.second_refusals import holds
from queue_registry.rules.intakes import months_after

FIRST = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("on", "expected"),
    [(FIRST, True), (date(2027, 9, 1), True), (date(2027, 9, 2), False)],
)
def test_a_refusal_counts_to_the_same_day_of_the_last_month(on, expected):
    assert holds([FIRST, on], before_hold=2, within_months=12, on=on) is expected


def test_one_refusal_holds_nobody():
    assert not holds([FIRST], before_hold=2, within_months=12, on=FIRST)


@pytest.mark.parametrize("figures", [(None, 12), (2, None), (None, None)])
def test_a_policy_without_the_rule_holds_nobody(figures):
    before_hold, within_months = figures

    assert not holds([FIRST] * 9, before_hold=before_hold, within_months=within_months, on=FIRST)


@given(
    days=st.lists(st.integers(-800, 0), max_size=6),
    before_hold=st.integers(1, 4),
    within_months=st.integers(1, 24),
)
def test_it_is_the_count_of_refusals_that_are_not_too_old(days, before_hold, within_months):
    refused_on = [FIRST + timedelta(days=day) for day in days]
    young = sum(months_after(day, months=within_months) >= FIRST for day in refused_on)

    held = holds(refused_on, before_hold=before_hold, within_months=within_months, on=FIRST)

    assert held is (young >= before_hold)
