"""Nobody is singled out in what is published: not by a small category, nor by what totals leave over."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.publishing import (
    MERGED,
    PublishingFileError,
    groups,
    groups_with_sizes,
    masked_number,
    parse_rules,
    rules_in_force,
)

CATEGORIES = st.sampled_from(["military", "civil_servant", "budget_worker", "cosmonaut", "elected", ""])
COUNTS = st.dictionaries(CATEGORIES, st.integers(0, 40))
SMALLEST = st.integers(1, 20)


def published(counts, smallest):
    """How many people stand under each published name."""
    sizes = Counter()
    for category, name in groups(counts, smallest=smallest).items():
        sizes[name] += counts[category]
    return {name: count for name, count in sizes.items() if count}


def test_two_cosmonauts_never_stand_alone():
    assert published({"cosmonaut": 2, "military": 50, "budget_worker": 300}, 10) == {
        MERGED: 52,
        "budget_worker": 300,
    }


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"cosmonaut": 9, "military": 10}, {MERGED: 19}),
        ({"cosmonaut": 10, "military": 10}, {"cosmonaut": 10, "military": 10}),
        ({"cosmonaut": 5, "elected": 5, "military": 10}, {MERGED: 10, "military": 10}),
        (
            {"cosmonaut": 4, "elected": 5, "military": 10, "budget_worker": 11},
            {MERGED: 19, "budget_worker": 11},
        ),
        ({"cosmonaut": 2}, {MERGED: 2}),
        ({"cosmonaut": 0, "military": 10}, {"military": 10}),
        ({}, {}),
    ],
)
def test_small_categories_are_merged_at_the_limit_of_ten(counts, expected):
    assert published(counts, 10) == expected


@given(COUNTS, SMALLEST)
def test_a_published_group_is_large_enough_or_the_whole_list(counts, smallest):
    sizes = published(counts, smallest)

    assert all(size >= smallest for size in sizes.values()) or set(sizes) <= {MERGED}


@given(COUNTS, SMALLEST)
def test_nothing_follows_from_the_difference_of_totals(counts, smallest):
    """Groups divide the list: whatever is summed and taken off the total is again whole groups."""
    sizes = published(counts, smallest)
    total = sum(counts.values())

    assert sum(sizes.values()) == total
    for name, size in sizes.items():
        rest = total - sum(other for one, other in sizes.items() if one != name)
        assert rest == size
        assert rest >= smallest or rest == total


@given(COUNTS, SMALLEST)
def test_a_category_is_merged_only_if_it_is_small_or_a_small_one_needs_it(counts, smallest):
    names = groups(counts, smallest=smallest)
    merged = {one for one, name in names.items() if name == MERGED and counts[one]}

    if merged:
        largest = max(counts[one] for one in merged)
        assert min(counts[one] for one in merged) < smallest
        assert largest < smallest or sum(counts[one] for one in merged) - largest < smallest


def both(counts, smallest):
    """How many families stand under each published category and size."""
    published = Counter()
    for key, names in groups_with_sizes(counts, smallest=smallest).items():
        published[names] += counts[key]
    return {names: count for names, count in published.items() if count}


def test_a_family_of_nine_is_not_told_by_its_size():
    counts = {("military", 3): 30, ("military", 4): 12, ("military", 9): 1}

    assert both(counts, 10) == {("military", "3"): 30, ("military", MERGED): 13}


def test_families_of_two_cosmonauts_are_merged_in_both():
    counts = {("cosmonaut", 3): 2, ("military", 3): 10, ("military", 4): 3, ("teacher", 5): 20}

    assert both(counts, 10) == {(MERGED, MERGED): 15, ("teacher", "5"): 20}


@given(st.dictionaries(st.tuples(CATEGORIES, st.integers(1, 9)), st.integers(0, 40)), SMALLEST)
def test_whoever_is_published_by_category_and_size_is_one_of_enough(counts, smallest):
    told = both(counts, smallest)

    assert all(count >= smallest for count in told.values()) or set(told) <= {(MERGED, MERGED)}
    assert sum(told.values()) == sum(counts.values())
    # Taken together the sizes of a category are the category, as it is published without them.
    alone = Counter()
    for (category, _size), count in counts.items():
        alone[category] += count
    by_category = Counter()
    for (category, _size), count in told.items():
        by_category[category] += count
    assert {name: count for name, count in published(alone, smallest).items() if count} == by_category


@given(COUNTS, SMALLEST)
def test_the_order_in_which_categories_come_changes_nothing(counts, smallest):
    assert groups(counts, smallest=smallest) == groups(dict(reversed(counts.items())), smallest=smallest)


def test_a_masked_number_keeps_territory_and_thousands():
    assert masked_number("271010-0001234-5") == "271010-0001***-*"


def test_figures_are_dated():
    rules = rules_in_force(date(2026, 9, 1))
    assert (rules.smallest_group, rules.months_of_housed) == (10, 24)
    with pytest.raises(PublishingFileError, match="in force"):
        rules_in_force(rules.in_force_from - timedelta(days=1))


@pytest.mark.parametrize(
    "figures",
    [
        "smallest_group = 10",
        "smallest_group = 10\nmonths_of_housed = 0",
        'smallest_group = "10"\nmonths_of_housed = 24',
        "smallest_group = 10\nmonths_of_housed = 24\nmore = 1",
        "smallest_group = ",
    ],
)
def test_a_broken_file_of_figures_is_refused(figures):
    head = 'code = "x"\nin_force_from = 2022-01-01\nact = "x"\n[figures]\n'
    with pytest.raises(PublishingFileError):
        parse_rules(head + figures)
