"""The split as a picture: a row a list, bars as high as their figures, all of them beside the bars."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import split_picture
from allocation.selectors.rounds import ShareStep, Split, TierStep

COLUMNS = 4


def share(number, *, count, exact, seats, served):
    return ShareStep(
        list_number=number,
        count=count,
        share=Fraction(exact),
        share_decimal=0,
        owed_before=Fraction(0),
        owed_before_decimal=0,
        by_share_before=0,
        seats=seats,
        served=served,
    )


def tier(*lists, kind="proportional", shares=(), target=None, served=0):
    return TierStep(
        number=0,
        kind=kind,
        lists=lists,
        rule={},
        available=0,
        served=served,
        target=target,
        missing=0,
        shortfall="",
        shares=tuple(shares),
        floor=None,
    )


def split(*tiers, **sizes):
    return Split(
        dwellings=100,
        list_sizes={name.removeprefix("list"): size for name, size in sizes.items()},
        served={},
        tiers=tiers,
        passed_over={},
        not_reached={},
        unallotted=(),
        year_to_date={},
    )


URALSK = split(
    tier("2", kind="floor", target=20, served=20),
    tier("3", kind="quota", target=25, served=25),
    tier(
        "4",
        "5",
        "6",
        shares=[
            share("4", count=8485, exact="466675/18523", seats=25, served=25),
            share("5", count=9851, exact="541805/18523", seats=29, served=29),
            share("6", count=187, exact="10285/18523", seats=1, served=1),
        ],
    ),
    list2=1966,
    list3=2159,
    list4=8485,
    list5=9851,
    list6=187,
)


def test_each_list_has_its_row_with_its_four_figures():
    picture = split_picture.of(URALSK)

    assert [row.lists for row in picture.rows] == [("2",), ("3",), ("4",), ("5",), ("6",)]
    figures = [[cell.value for cell in row.cells] for row in picture.rows]
    assert figures[0] == [1966, None, 20, 20]
    assert figures[3] == [9851, Fraction(541805, 18523), 29, 29]


def test_the_highest_bar_is_that_of_the_greatest_figure_and_what_is_little_is_seen():
    rows = split_picture.of(URALSK).rows
    heights = [[cell.height for cell in row.cells] for row in rows]

    assert max(row[0] for row in heights) == heights[3][0]
    assert max(row[3] for row in heights) == heights[3][3]
    assert all(cell.height >= 2 for row in rows for cell in row.cells if cell.value)


def test_bands_join_only_the_bars_that_there_are():
    picture = split_picture.of(URALSK)

    assert [len(row.bands) for row in picture.rows] == [2, 2, 3, 3, 3]
    assert picture.rows[0].bands[0].startswith(f"{picture.columns[0] + 14},")


def test_a_round_without_tiers_is_an_empty_picture():
    assert split_picture.of(split()).rows == ()


@given(
    sizes=st.lists(st.integers(0, 200_000), min_size=1, max_size=6),
    served=st.integers(0, 2_000),
)
def test_every_bar_stands_inside_its_row(sizes, served):
    tiers = [tier(str(number), kind="merged", served=served) for number in range(1, len(sizes) + 1)]
    picture = split_picture.of(
        split(*tiers, **{f"list{number}": size for number, size in enumerate(sizes, start=1)})
    )

    for row in picture.rows:
        assert len(row.cells) == COLUMNS
        for cell in row.cells:
            assert row.line_y <= cell.y <= cell.y + cell.height <= picture.height
            assert (cell.height == 0) == (not cell.value)


@pytest.mark.parametrize(("lists", "size"), [(("4",), 10), (("4", "5"), 30)])
def test_several_lists_in_one_tier_are_one_row_with_the_sum_of_their_sizes(lists, size):
    picture = split_picture.of(split(tier(*lists, kind="merged", served=3), list4=10, list5=20))

    assert [cell.value for cell in picture.rows[0].cells] == [size, None, None, 3]
