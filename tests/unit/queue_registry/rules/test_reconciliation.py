"""Reconciliation: what figures explain is explained, once and exactly; everything else waits for a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.digitization import reconciliation
from queue_registry.rules.digitization.reconciliation import (
    FileTotal,
    Group,
    LineKind,
    Part,
    Statement,
    count,
    explained,
    lines,
    unexplained,
)
from queue_registry.rules.legacy.codes import Source

# Three lists of a city: 507 people stand on two of them.
CITY = (
    Group(people=18_884 - 507, rows={Source.SPP: 1}, lists=("4",)),
    Group(people=507, rows={Source.SPP: 2}, lists=("4", "5")),
    Group(people=12_151 - 507, rows={Source.SPP: 1}, lists=("5",)),
    Group(people=588, rows={Source.SPP: 1}, lists=("2",)),
)


def line(found, key):
    return next(one for one in found if one.key == key)


@pytest.mark.parametrize("source", ["", "spp"])
def test_lists_that_add_up_to_more_than_stated_because_people_stand_on_two_are_explained(source):
    assert [count(CITY, list_number=number).total for number in "452"] == [18_884, 12_151, 588]

    found = lines(CITY, statements=[Statement(stated=31_116, source=source)])

    stated = line(found, f"stated:all/{source or 'all'}")
    assert (stated.counted, stated.difference) == (31_623, 507)
    assert stated.parts == {Part.ON_TWO_LISTS: 507}
    assert unexplained(found) == ()


def test_one_person_more_or_less_is_not_explained_any_more():
    for stated in (31_115, 31_117):
        found = lines(CITY, statements=[Statement(stated=stated)])
        assert [one.key for one in unexplained(found)] == ["stated:all/all"]


def test_a_total_of_one_list_is_compared_with_that_list_alone():
    found = lines(
        CITY, statements=[Statement(stated=588, list_number="2"), Statement(stated=1, list_number="4")]
    )

    assert line(found, "stated:2/all").difference == 0
    assert line(found, "stated:4/all").difference == 18_883
    assert [one.key for one in unexplained(found)] == ["stated:4/all"]


def test_who_waits_without_a_place_explains_what_a_stated_total_has_more():
    groups = (*CITY, Group(people=40, rows={Source.SPP: 1}))

    found = lines(groups, statements=[Statement(stated=31_623 + 40)])

    assert line(found, "stated:all/all").parts == {Part.WAITING_FILE: -40}
    waiting = line(found, "waiting_file")
    assert (waiting.counted, waiting.difference, waiting.is_explained) == (31_116 + 40, 40, True)


def test_rows_said_twice_explain_a_file_and_a_source():
    groups = (
        Group(people=90, rows={Source.RSHEP: 1}, lists=("5",)),
        Group(people=5, rows={Source.RSHEP: 3}, lists=("5",)),
    )
    total = FileTotal(batch=7, sheet=1, row=106, stated=95, counted=105, repeated=10)

    found = lines(groups, files=[total], statements=[Statement(stated=95, source="rshep")])

    assert line(found, "file:7/1/106").parts == {Part.REPEATED: 10}
    assert line(found, "stated:all/rshep").parts == {Part.REPEATED: 10}
    assert line(found, "rows:rshep").parts == {Part.REPEATED: 10}
    assert unexplained(found) == ()


def test_people_whom_one_source_alone_names_wait_for_a_person_unless_nobody_could_identify_them():
    groups = [
        Group(people=100, rows={Source.SPP: 1, Source.RSHEP: 1}, lists=("5",)),
        Group(people=7, rows={Source.SPP: 1}, lists=("5",)),
        Group(people=3, rows={Source.RSHEP: 1}),
    ]

    found = lines(groups)

    assert (line(found, "only:spp/rshep").counted, line(found, "only:spp/rshep").difference) == (107, 7)
    assert line(found, "only:rshep/spp").parts == {Part.WAITING_FILE: 3}
    assert [one.key for one in unexplained(found)] == ["only:spp/rshep"]


def test_an_explanation_is_about_one_difference_and_no_other():
    found = lines(CITY, statements=[Statement(stated=31_000)])

    assert unexplained(found, {("stated:all/all", 623)}) == ()
    assert len(unexplained(found, {("stated:all/all", 622)})) == 1
    assert len(unexplained(found, {("stated:4/all", 623)})) == 1


def test_two_ways_to_come_to_a_difference_explain_nothing():
    assert explained(5, {Part.REPEATED: 5, Part.ON_TWO_LISTS: 5}) == {}
    assert explained(10, {Part.REPEATED: 5, Part.ON_TWO_LISTS: 5}) == {Part.REPEATED: 5, Part.ON_TWO_LISTS: 5}
    assert explained(0, {Part.REPEATED: 3, Part.WAITING_FILE: -3}) == {}


GROUPS = st.lists(
    st.builds(
        Group,
        people=st.integers(1, 50),
        rows=st.dictionaries(st.sampled_from(Source), st.integers(0, 4), min_size=1),
        lists=st.lists(st.sampled_from("123456"), unique=True, max_size=3).map(
            lambda one: tuple(sorted(one))
        ),
    ),
    max_size=8,
)


@given(GROUPS, st.integers(0, 500))
def test_parts_always_make_the_whole_difference(groups, stated):
    statements = [Statement(stated=stated), Statement(stated=stated, source="spp")]
    for one in lines(groups, statements=statements):
        assert not one.parts or sum(one.parts.values()) == one.difference
        assert one.is_explained or one.kind in {LineKind.STATED, LineKind.ONLY_IN}


@given(GROUPS)
def test_rows_are_people_and_what_repeats_or_stands_twice(groups):
    for source in Source:
        counted = reconciliation.count(groups, source=source)
        people = sum(one.people for one in groups if one.rows.get(source))
        assert counted.total == people + counted.parts[Part.REPEATED] + counted.parts[Part.ON_TWO_LISTS]
        assert all(figure >= 0 for figure in counted.parts.values())
