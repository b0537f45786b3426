"""Quorum, majority and the chair's tie-break, at their limits and over all small commissions."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.rules.quorum import Ballot, Choice, Presence, members_needed, tally, who_presides

TWO_THIRDS = Fraction(2, 3)
FOR, AGAINST, ABSTAINED = Choice.FOR, Choice.AGAINST, Choice.ABSTAINED


def count(choices, *, chair=None, entitled=9, recused=0, quorum=TWO_THIRDS, silent=0):
    """Everybody who attends has voted, but for the `silent`."""
    ballots = [Ballot(choice=choice) for choice in choices]
    if chair is not None:
        ballots.append(Ballot(choice=chair, presides=True))
    present = len(ballots) + silent
    return tally(entitled=entitled, recused=recused, present=present, quorum=quorum, ballots=ballots)


@pytest.mark.parametrize(
    ("voting", "needed"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (9, 6), (11, 8)]
)
def test_two_thirds_of_those_who_may_vote_are_rounded_up(voting, needed):
    assert members_needed(voting=voting, quorum=TWO_THIRDS) == needed


def test_a_recusal_makes_the_quorum_smaller_and_not_the_vote_easier():
    assert not count([FOR] * 3, entitled=5).has_quorum
    assert count([FOR] * 3, entitled=5, recused=1).has_quorum


@pytest.mark.parametrize(
    ("choices", "chair", "is_adopted"),
    [
        ([FOR] * 6, None, True),
        ([FOR] * 5, None, False),  # one short of the quorum of nine
        ([FOR] * 4 + [AGAINST] * 3, None, True),
        ([FOR] * 3 + [AGAINST] * 4, None, False),
        ([FOR] * 3 + [AGAINST] * 3, None, False),  # a tie without the chair's vote
        ([FOR] * 3 + [AGAINST] * 4, FOR, True),  # equal votes: the chair's decides
        ([FOR] * 4 + [AGAINST] * 3, AGAINST, False),
        ([FOR] * 3 + [AGAINST] * 3, ABSTAINED, False),
        ([FOR] * 3 + [ABSTAINED] * 3, None, False),  # half of those present is no majority
        ([FOR] * 4 + [ABSTAINED] * 3, None, True),
        ([FOR] * 3 + [AGAINST] + [ABSTAINED] * 3, None, False),  # more for than against, but no majority
        ([FOR] * 2 + [AGAINST] * 3 + [ABSTAINED], FOR, False),  # three of seven, though three are against
        ([FOR] * 3 + [AGAINST] * 3 + [ABSTAINED], FOR, True),  # four of eight, the chair among them
        ([AGAINST] + [ABSTAINED] * 5, FOR, False),  # the chair alone carries nothing
        ([ABSTAINED] * 6, None, False),
    ],
)
def test_a_proposal_is_adopted_by_more_than_half_of_those_present_or_by_the_chair_in_a_tie(
    choices, chair, is_adopted
):
    assert count(choices, chair=chair).is_adopted is is_adopted


def test_the_arithmetic_says_whether_the_chair_broke_a_tie():
    counted = count([FOR] * 3 + [AGAINST] * 4, chair=FOR, recused=1)

    assert counted.as_json() == {
        "entitled": 9,
        "recused": 1,
        "needed": 6,
        "present": 8,
        "voted": 8,
        "for": 4,
        "against": 4,
        "abstained": 0,
        "chair_broke_tie": True,
    }


def test_more_votes_than_voting_members_are_an_error():
    with pytest.raises(ValueError, match="ballots"):
        count([FOR] * 5, entitled=5, recused=1)


def test_two_chairs_are_an_error():
    with pytest.raises(ValueError, match="ballots"):
        tally(
            entitled=5,
            recused=0,
            present=5,
            quorum=TWO_THIRDS,
            ballots=[Ballot(choice=FOR, presides=True), Ballot(choice=FOR, presides=True)],
        )


def test_more_votes_than_members_who_attend_are_an_error():
    with pytest.raises(ValueError, match="ballots"):
        tally(entitled=5, recused=0, present=1, quorum=TWO_THIRDS, ballots=[Ballot(choice=FOR)] * 2)


@pytest.mark.parametrize(
    ("choices", "chair", "silent", "is_settled"),
    [
        ([], None, 9, False),
        ([FOR] * 4, None, 5, False),
        ([FOR] * 5, None, 4, True),  # five of nine are for: nobody can undo it
        ([AGAINST] * 4, None, 5, False),
        ([AGAINST] * 5, None, 4, True),  # four of nine at most can be for
        ([AGAINST] * 4, None, 4, False),  # a tie is still possible, and who presides has not voted
        ([AGAINST] * 3, AGAINST, 4, True),  # the same, and who presides is against
        ([FOR] * 4, FOR, 3, True),
        ([FOR] * 3, FOR, 4, True),  # half of eight are for, who presides among them
        ([FOR] * 4, None, 4, False),  # half of eight are for, who presides has not voted
        ([FOR] * 5, None, 0, False),  # no quorum
    ],
)
def test_a_vote_is_settled_when_no_missing_vote_can_change_it(choices, chair, silent, is_settled):
    assert count(choices, chair=chair, silent=silent).is_settled is is_settled


def test_who_attends_and_does_not_vote_stands_with_those_who_are_not_for():
    assert count([FOR] * 4, silent=3).is_adopted
    assert not count([FOR] * 3, silent=3).is_adopted


DAY = date(2024, 3, 1)


def member(name, *, chair=False, votes=True, mandate_from=DAY):
    return Presence(name=name, is_chair=chair, votes=votes, mandate_from=mandate_from)


def test_the_chair_presides_and_without_the_chair_the_oldest_mandate():
    young = member("a", mandate_from=DAY + timedelta(days=1))
    old, as_old = member("c"), member("b")
    unknown = member("0", mandate_from=None)
    others = [young, old, as_old, unknown]

    assert who_presides([*others, member("z", chair=True, mandate_from=date.max)]) == "z"
    assert who_presides([*others, member("z", chair=True, votes=False)]) == "b"
    assert who_presides([young, unknown]) == "a"
    assert who_presides([member("a", votes=False)]) is None
    assert who_presides([]) is None


shares = st.sampled_from([Fraction(1, 2), TWO_THIRDS, Fraction(3, 4), Fraction(1)])


@st.composite
def votes(draw):
    entitled = draw(st.integers(1, 11))
    recused = draw(st.integers(0, entitled - 1))
    choices = draw(st.lists(st.sampled_from(Choice), max_size=entitled - recused))
    silent = draw(st.integers(0, entitled - recused - len(choices)))
    presides = draw(st.booleans()) and bool(choices)
    return entitled, recused, draw(shares), choices, presides, silent


def counted(entitled, recused, quorum, choices, presides, silent):
    ballots = [Ballot(choice=choice, presides=presides and not index) for index, choice in enumerate(choices)]
    present = len(choices) + silent
    return tally(entitled=entitled, recused=recused, present=present, quorum=quorum, ballots=ballots)


@given(drawn=votes())
def test_nothing_is_adopted_without_a_quorum_or_with_more_against_than_for(drawn):
    result = counted(*drawn)

    if result.present < result.needed or result.against > result.in_favor:
        assert not result.is_adopted
        assert result.present >= result.needed or not result.is_settled
    assert result.in_favor + result.against + result.abstained == result.voted
    assert result.voted + result.missing == result.present
    assert Fraction(result.needed) >= (result.entitled - result.recused) * drawn[2]


@settings(max_examples=500)
@given(drawn=votes())
def test_a_vote_changed_to_for_never_makes_an_adopted_proposal_fail(drawn):
    entitled, recused, quorum, choices, presides, silent = drawn
    before = counted(*drawn)

    for index in range(len(choices)):
        changed = [*choices[:index], FOR, *choices[index + 1 :]]
        if before.is_adopted:
            assert counted(entitled, recused, quorum, changed, presides, silent).is_adopted


@given(drawn=votes())
def test_the_order_of_other_members_votes_changes_nothing(drawn):
    entitled, recused, quorum, choices, presides, silent = drawn
    head, rest = choices[:1], choices[1:]

    assert counted(*drawn) == counted(entitled, recused, quorum, head + rest[::-1], presides, silent)


@settings(max_examples=300)
@given(drawn=votes(), later=st.lists(st.sampled_from(Choice), min_size=11, max_size=11))
def test_a_settled_vote_ends_the_same_whatever_those_missing_say(drawn, later):
    """Who presides may be among the missing: the first of them."""
    entitled, recused, quorum, choices, presides, silent = drawn
    before = counted(*drawn)
    ballots = [
        Ballot(choice=choice, presides=presides and not index) for index, choice in enumerate(choices)
    ] + [Ballot(choice=choice, presides=not presides and not index) for index, choice in enumerate(later)]
    present = len(choices) + silent
    after = tally(
        entitled=entitled, recused=recused, present=present, quorum=quorum, ballots=ballots[:present]
    )

    assert after.is_settled is after.has_quorum
    if before.is_settled:
        assert after.is_adopted == before.is_adopted


members = st.builds(
    Presence,
    name=st.text("abc", min_size=1, max_size=2),
    is_chair=st.sampled_from([False]),
    votes=st.booleans(),
    mandate_from=st.none() | st.dates(DAY, DAY + timedelta(days=3)),
)


@given(everybody=st.lists(members, unique_by=lambda one: one.name), chaired=st.booleans())
def test_somebody_presides_as_long_as_anybody_may_vote(everybody, chaired):
    if chaired and everybody:
        first = everybody[0]
        everybody[0] = Presence(
            name=first.name, is_chair=True, votes=first.votes, mandate_from=first.mandate_from
        )
    name = who_presides(everybody)

    voting = {one.name: one for one in everybody if one.votes}
    assert (name is None) == (not voting)
    if name is not None:
        assert name in voting
        assert voting[name].is_chair or not any(one.is_chair for one in voting.values())
    assert who_presides(everybody[::-1]) == name
