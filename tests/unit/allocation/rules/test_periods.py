"""Days of a period, at its limits."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.periods import Period

DAY = timedelta(days=1)
HALF = Period(first=date(2026, 7, 1), last=date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        (HALF.first - DAY, False),
        (HALF.first, True),
        (HALF.last, True),
        (HALF.last + DAY, False),
    ],
)
def test_both_ends_belong_to_a_period(day, inside):
    assert HALF.has(day) is inside


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31)])
def test_the_period_by_default_is_the_calendar_year(day):
    assert Period.year_of(day) == Period(first=date(2026, 1, 1), last=date(2026, 12, 31))


def test_a_period_of_one_day_is_one_and_a_shorter_is_none():
    assert Period(first=HALF.first, last=HALF.first).is_in_order
    assert not Period(first=HALF.first, last=HALF.first - DAY).is_in_order


@pytest.mark.parametrize(("first", "shares"), [(HALF.last, True), (HALF.last + DAY, False)])
def test_periods_that_touch_share_no_day(first, shares):
    other = Period(first=first, last=first + 30 * DAY)

    assert (HALF.shares_days_with(other), other.shares_days_with(HALF)) == (shares, shares)


days = st.dates(min_value=date(2025, 1, 1), max_value=date(2025, 3, 1))
periods = st.tuples(days, days).map(lambda pair: Period(first=min(pair), last=max(pair)))


@given(one=periods, other=periods)
def test_sharing_is_having_some_day_in_common(one, other):
    length = (one.last - one.first).days + 1
    common = any(other.has(one.first + number * DAY) for number in range(length))

    assert one.shares_days_with(other) is common
