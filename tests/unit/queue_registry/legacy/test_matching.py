"""Who may be one person: every line of the table at its limit, groups, and worlds with planted doubles."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housing_queue.worlds.world import make_world
from queue_registry.rules.legacy import matching, mentions
from queue_registry.rules.legacy.matching import MOST_OF_ONE_KEY, find_groups
from queue_registry.rules.legacy.mentions import (
    COMBINATIONS,
    Difference,
    Mention,
    Sign,
    compare_mentions,
    is_asked,
    slips,
)
from queue_registry.rules.legacy.name_pairs import NameKind, read_name
from tests.unit.queue_registry.legacy import matches
from tests.unit.queue_registry.legacy.builders import ANNA, BOTA, CANAT, DANA

DAY = date(2012, 3, 4)
WRITTEN = {
    NameKind.FULL: "Ахметова Дана Серікқызы",
    NameKind.SHORT: "Ахметова Дана",
    NameKind.INITIALS: "Ахметова Д.С.",
    NameKind.GIVEN: "Ким Дана Серікқызы",
}
# What makes each sign, of one and of the other.
ALIKE = {
    Sign.IIN_SAME: ({"numbers": frozenset({ANNA})}, {"iin": ANNA}),
    Sign.IIN_ALMOST: ({"numbers": frozenset({"9" + ANNA[1:]})}, {"iin": ANNA}),
    Sign.BORN_SAME: ({"born": frozenset({DAY})},) * 2,
    Sign.MEMBER_SHARED: ({"members": frozenset({BOTA})},) * 2,
    Sign.MEMBERS_SHARED: ({"members": frozenset({BOTA, CANAT})},) * 2,
    Sign.PHONE_SAME: ({"phones": frozenset({"+77000001111"})},) * 2,
    Sign.DAY_SAME: ({"days": frozenset({DAY})},) * 2,
    Sign.SIZE_SAME: ({"sizes": frozenset({3})},) * 2,
    Sign.LIST_SAME: ({"lists": frozenset({"4"})},) * 2,
}


def mention(key, *, name="Ахметова Дана Серікқызы", **said):
    return Mention(key=key, names=(read_name(name, question_marks=False),), **said)


def two(kind, signs):
    mine, its = {}, {}
    for sign in signs:
        mine |= ALIKE[sign][0]
        its |= ALIKE[sign][1]
    return mention(1, name=WRITTEN[kind], **mine), mention(2, **its)


@pytest.mark.parametrize(("names", "signs"), COMBINATIONS)
def test_a_line_of_the_table_is_asked_with_all_its_signs_and_not_with_one_less(names, signs):
    for kind in names:
        one, other = two(kind, signs)
        pair = compare_mentions(one, other)

        assert pair is not None
        assert pair.name is kind
        assert signs <= set(pair.signs)
        assert len(find_groups([one, other]).groups) == 1
        for fewer in map(frozenset, combinations(signs, len(signs) - 1)):
            if not is_asked(kind, fewer):
                assert compare_mentions(*two(kind, fewer)) is None


def test_whatever_the_table_asks_is_found_by_the_keys():
    for kind, count in product(NameKind, (1, 2)):
        for signs in combinations(Sign, count):
            one, other = two(kind, signs)
            assert bool(find_groups([one, other]).groups) == (compare_mentions(one, other) is not None)


def test_a_name_alone_is_never_enough_nor_are_all_signs_without_a_name():
    assert compare_mentions(mention(1), mention(2)) is None
    assert compare_mentions(*(replace(one, names=()) for one in two(NameKind.FULL, Sign))) is None


def test_two_people_whom_the_register_knows_are_never_one():
    one, other = two(NameKind.FULL, {Sign.BORN_SAME, Sign.DAY_SAME, Sign.MEMBERS_SHARED})

    assert compare_mentions(replace(one, iin=ANNA), replace(other, iin=DANA)) is None


def test_another_birth_date_and_a_relative_are_somebody_else():
    one, other = two(NameKind.FULL, {Sign.DAY_SAME})

    for said in ({"born": frozenset({DAY})}, {"members": frozenset({ANNA})}):
        other = replace(other, iin=ANNA, born=frozenset({DAY + timedelta(days=1)}))
        assert compare_mentions(replace(one, **said), other) is None


def test_what_differs_is_told_beside_what_is_alike():
    one, other = two(NameKind.FULL, {Sign.DAY_SAME})
    mine = {"numbers": {BOTA}, "members": {BOTA}, "phones": {"1"}, "sizes": {2}, "lists": {"4"}}
    its = {"iin": ANNA, "members": {CANAT}, "phones": {"2"}, "sizes": {3}, "lists": {"5"}}
    frozen = lambda said: {name: value if name == "iin" else frozenset(value) for name, value in said.items()}  # noqa: E731

    pair = compare_mentions(replace(one, **frozen(mine)), replace(other, **frozen(its)))

    assert pair.differences == (
        Difference.IIN_OTHER,
        Difference.MEMBERS_OTHER,
        Difference.PHONE_OTHER,
        Difference.SIZE_OTHER,
        Difference.LIST_OTHER,
    )


@pytest.mark.parametrize(
    ("number", "is_one_slip"),
    [
        ("800101100111", False),
        ("800101100112", True),
        ("080101100111", True),
        ("80010110011", True),
        ("8001011001110", True),
        ("800101100122", False),
        ("8001011001", False),
        ("108001100111", False),
    ],
)
def test_one_slip_of_the_hand_and_not_two(number, is_one_slip):
    assert ("800101100111" in slips(number)) == is_one_slip


def test_size_and_list_count_only_of_a_name_that_nobody_else_has():
    pair = two(NameKind.FULL, {Sign.SIZE_SAME, Sign.LIST_SAME})

    assert len(find_groups(pair).groups) == 1
    assert not find_groups([*pair, replace(pair[0], key=3)]).groups


def test_a_key_that_too_many_share_is_left_out_and_told():
    many = [mention(key, days=frozenset({DAY})) for key in range(MOST_OF_ONE_KEY + 1)]

    assert len(find_groups(many[:-1]).groups) == 1
    # One of the whole name, two of a surname beside initials, one of first name and patronymic.
    assert find_groups(many) == matching.Found(groups=(), crowded=4)


def test_groups_reach_over_several_pairs():
    first = mention(1, days=frozenset({DAY}))
    middle = mention(2, days=frozenset({DAY}), phones=frozenset({"1"}))
    last = mention(3, phones=frozenset({"1"}))

    (group,) = find_groups([last, first, middle]).groups

    assert group.members == (1, 2, 3)
    assert [pair.keys for pair in group.pairs] == [(1, 2), (2, 3)]


def test_a_pair_that_was_decided_to_be_two_ties_nothing():
    three = [mention(key, days=frozenset({DAY})) for key in (1, 2, 3)]

    assert not find_groups(three[:2], apart={(1, 2)}).groups
    # Somebody new who is like both brings them together again.
    assert find_groups(three, apart={(1, 2)}).groups[0].members == (1, 2, 3)


MENTIONS = st.lists(
    st.builds(
        mention,
        st.just(0),
        name=st.sampled_from([*WRITTEN.values(), "Дана Ахметова", "Ахметов Дана"]),
        iin=st.sampled_from([None, None, ANNA, BOTA]),
        numbers=st.frozensets(st.sampled_from([ANNA, "9" + ANNA[1:], BOTA]), max_size=1),
        born=st.frozensets(st.just(DAY), max_size=1),
        members=st.frozensets(st.sampled_from([BOTA, CANAT, DANA]), max_size=2),
        days=st.frozensets(st.sampled_from([DAY, DAY + timedelta(days=1)]), max_size=2),
        sizes=st.frozensets(st.sampled_from([2, 3]), max_size=1),
        lists=st.frozensets(st.sampled_from(["4", "5"]), max_size=1),
    ),
    max_size=8,
).map(lambda ones: [replace(one, key=key) for key, one in enumerate(ones)])


@given(MENTIONS, st.randoms(use_true_random=False))
def test_order_changes_nothing_and_groups_are_what_the_pairs_tie_together(ones, rng):
    found = find_groups(ones)
    rng.shuffle(ones)

    assert find_groups(ones) == found
    members = [key for group in found.groups for key in group.members]
    assert len(members) == len(set(members))
    for group in found.groups:
        reached = {group.members[0]}
        for _ in group.members:
            reached |= {key for pair in group.pairs if reached & set(pair.keys) for key in pair.keys}
        assert reached == set(group.members)


@given(MENTIONS)
def test_no_pair_of_the_table_is_missed_but_by_a_common_name(ones):
    found = {pair.keys for group in find_groups(ones).groups for pair in group.pairs}
    weak = frozenset({Sign.SIZE_SAME, Sign.LIST_SAME})
    for one, other in combinations(ones, 2):
        pair = mentions.compare_mentions(one, other)
        assert pair == mentions.compare_mentions(other, one)
        if pair is not None and is_asked(pair.name, set(pair.signs) - weak):
            assert pair.keys in found


def test_as_many_comparisons_as_rows_not_as_pairs_of_rows(monkeypatch):
    compared = []
    monkeypatch.setattr(matching, "compare_mentions", lambda *pair: compared.append(pair))
    days = [DAY + timedelta(days=number % 1_000) for number in range(3_000)]
    ones = [mention(key, days=frozenset({day})) for key, day in enumerate(days)]

    find_groups(ones)

    assert len(compared) == 3_000


@pytest.mark.parametrize("seed", [311, 312])
def test_planted_doubles_of_a_world_are_proposed_and_hardly_anything_else(seed):
    planted = matches.plant(make_world(seed=seed, households=600), seed=seed, share=0.15)

    found = {pair.keys for group in find_groups(planted.mentions).groups for pair in group.pairs}

    true = planted.true_pairs
    precision, recall = len(found & true) / len(found), len(found & true) / len(true)
    print(
        f"seed {seed}: {len(true)} planted, {len(found)} proposed, {precision:.3f} right, {recall:.3f} found"
    )
    assert len(true) > 50
    assert precision >= 0.97
    assert recall >= 0.93
