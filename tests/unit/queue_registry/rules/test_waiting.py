"""Expected waiting: the arithmetic of a way that shrinks, ranges out of a list's own past, or none."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.waiting import PARTS, from_document
from queue_registry.rules.waiting_outlook import outlook
from queue_registry.rules.waiting_past import Part, Past, between, months_at


def fifo(*, months, people, homes):
    """A list of so many people at the first month, cut in equal parts; homes come by month and in order."""
    sizes = [people * (number + 1) // PARTS - people * number // PARTS for number in range(PARTS)]
    housed = [[0] * months for _ in range(PARTS)]
    left = list(sizes)
    for month in range(1, months):
        for _ in range(homes[month]):
            part = next((number for number, count in enumerate(left) if count), None)
            if part is not None:
                left[part] -= 1
                housed[part][month] += 1
    nothing = (0,) * months
    return Past(
        [
            Part(closed=0, came=(size, *nothing[1:]), late=nothing, housed=tuple(row), left=nothing)
            for size, row in zip(sizes, housed, strict=True)
        ]
    )


def test_a_list_that_goes_evenly_foresees_its_turn_within_a_few_months():
    past = fifo(months=84, people=1200, homes=[10] * 84)

    foreseen = outlook(past)

    # 370 wait; whoever has 199 ahead gets a home in the twentieth month.
    told = foreseen.range_for(199)
    assert told.low < 20 < told.high
    assert told.high - told.low <= 20
    assert foreseen.tested.percent >= 80
    assert foreseen.tested.people > 300


def test_more_ahead_never_means_an_earlier_turn():
    foreseen = outlook(fifo(months=84, people=1200, homes=[10] * 84))

    ranges = [foreseen.range_for(ahead) for ahead in range(0, 240, 5)]

    assert all(told is not None for told in ranges)
    assert [told.high for told in ranges] == sorted(told.high for told in ranges)


def test_homes_that_come_by_the_building_make_the_range_wider():
    even = outlook(fifo(months=60, people=2000, homes=[10] * 60))
    bursts = [0] * 60
    for month in (7, 13, 14, 29, 37, 41, 55):
        bursts[month] = 90
    rare = outlook(fifo(months=60, people=2000, homes=bursts))

    assert ratio(rare.range_for(100)) > ratio(even.range_for(100))


def ratio(told):
    return (told.high + 1) / (told.low + 1)


@pytest.mark.parametrize("silent", [12, 13, 24])
def test_a_list_without_a_home_for_a_year_foresees_nothing(silent):
    assert outlook(fifo(months=60, people=900, homes=[10] * (60 - silent) + [0] * silent)) is None


def test_eleven_months_without_a_home_are_not_a_year():
    assert outlook(fifo(months=60, people=900, homes=[10] * 49 + [0] * 11)) is not None


def test_a_short_past_foresees_nothing():
    assert outlook(fifo(months=18, people=900, homes=[10] * 18)) is None
    assert outlook(Past([])) is None


def test_a_wait_longer_than_the_past_could_have_shown_is_not_told():
    foreseen = outlook(fifo(months=84, people=1200, homes=[10] * 84))

    # (84 - 12) / 3 = 24 months at 10 homes a month.
    assert foreseen.range_for(239) is not None
    assert foreseen.range_for(240) is None


def test_an_outlook_comes_back_from_json_as_it_was():
    foreseen = outlook(fifo(months=84, people=1200, homes=[10] * 84))

    assert from_document(json.loads(json.dumps(foreseen.as_document()))) == foreseen


def test_whoever_is_suspended_keeps_a_place_and_is_in_nobodys_way():
    past = fifo(months=84, people=1200, homes=[10] * 84)
    held = Past(
        [
            Part(
                closed=part.closed,
                came=part.came,
                late=part.late,
                housed=part.housed,
                left=part.left,
                held=30 if number == PARTS - 10 else 0,
            )
            for number, part in enumerate(past.parts)
        ]
    )

    # All of those 30 stand ahead of a place behind them, and none of them takes a home.
    behind = past.ahead[PARTS - 9][past.months]
    assert outlook(held).range_for(behind + 30) == outlook(past).range_for(behind)


@pytest.mark.parametrize(
    ("speed", "leaving", "place", "months"),
    [
        (10, 0, 100, 10),
        (0, 0, 100, None),
        (0, 0.01, 100, None),
        (10, 0.01, 100, math.log(1.1) / 0.01),
        # More come back ahead than homes take away: never.
        (1, -0.02, 50, None),
        (1, -0.02, 49, math.log(0.02) / -0.02),
    ],
)
def test_months_at_a_speed_with_leavers(speed, leaving, place, months):
    told = months_at(speed=speed, leaving=leaving, place=place)

    assert told == (None if months is None else pytest.approx(months))


@given(
    speed=st.floats(0.1, 200),
    leaving=st.floats(0, 0.1),
    place=st.floats(1, 10_000),
)
def test_leavers_never_make_a_wait_longer(speed, leaving, place):
    assert months_at(speed=speed, leaving=leaving, place=place) <= place / speed * 1.0001


@given(at=st.floats(-5, 20))
def test_a_line_through_points_stays_between_them_and_is_level_outside(at):
    points = ((1.0, 2.0), (2.0, 6.0), (10.0, 4.0))

    assert 2 <= between(points, at) <= 6
    if at <= 1:
        assert between(points, at) == 2
    if at >= 10:
        assert between(points, at) == 4


@given(
    rows=st.lists(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=5, max_size=5),
        min_size=1,
        max_size=6,
    )
)
def test_what_stands_ahead_is_what_came_less_what_went(rows):
    parts = [
        Part(
            closed=0,
            came=tuple(came for came, _, _ in row),
            late=(0,) * 5,
            housed=tuple(housed for _, housed, _ in row),
            left=tuple(left for _, _, left in row),
        )
        for row in rows
    ]
    past = Past(parts)

    for number in range(len(parts) + 1):
        for known in range(6):
            before = [row[month] for row in rows[:number] for month in range(known)]
            assert past.ahead[number][known] == sum(came - housed - left for came, housed, left in before)
    assert past.homes[5] == sum(housed for row in rows for _, housed, _ in row)


@given(homes=st.lists(st.integers(0, 25), min_size=30, max_size=60), ahead=st.integers(0, 400))
def test_a_range_begins_before_it_ends_and_is_the_same_again(homes, ahead):
    past = fifo(months=len(homes), people=600, homes=homes)
    foreseen = outlook(past)
    if foreseen is not None:
        told = foreseen.range_for(ahead)
        assert 0 <= foreseen.tested.hits <= foreseen.tested.people
        assert told is None or (0 <= told.low <= told.high and told.high >= 1)
        assert outlook(past) == foreseen
