"""Quorum, majority and the chair's tie-break, at their limits and over all small commissions."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.rules.quorum import Ballot, Choice, members_needed, tally

TWO_THIRDS = Fraction(2, 3)
FOR, AGAINST, ABSTAINED = Choice.FOR, Choice.AGAINST, Choice.ABSTAINED


def count(choices, *, chair=None, entitled=9, recused=0, quorum=TWO_THIRDS):
    ballots = [Ballot(choice=choice) for choice in choices]
    if chair is not None:
        ballots.append(Ballot(choice=chair, is_chair=True))
    return tally(entitled=entitled, recused=recused, quorum=quorum, ballots=ballots)


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
            quorum=TWO_THIRDS,
            ballots=[Ballot(choice=FOR, is_chair=True), Ballot(choice=FOR, is_chair=True)],
        )


shares = st.sampled_from([Fraction(1, 2), TWO_THIRDS, Fraction(3, 4), Fraction(1)])


@st.composite
def votes(draw):
    entitled = draw(st.integers(1, 11))
    recused = draw(st.integers(0, entitled - 1))
    choices = draw(st.lists(st.sampled_from(Choice), max_size=entitled - recused))
    chair = draw(st.booleans()) and bool(choices)
    return entitled, recused, draw(shares), choices, chair


def counted(entitled, recused, quorum, choices, chair):
    ballots = [Ballot(choice=choice, is_chair=chair and not index) for index, choice in enumerate(choices)]
    return tally(entitled=entitled, recused=recused, quorum=quorum, ballots=ballots)


@given(drawn=votes())
def test_nothing_is_adopted_without_a_quorum_or_with_more_against_than_for(drawn):
    result = counted(*drawn)

    if result.voted < result.needed or result.against > result.in_favor:
        assert not result.is_adopted
    assert result.in_favor + result.against + result.abstained == result.voted
    assert Fraction(result.needed) >= (result.entitled - result.recused) * drawn[2]


@settings(max_examples=500)
@given(drawn=votes())
def test_a_vote_changed_to_for_never_makes_an_adopted_proposal_fail(drawn):
    entitled, recused, quorum, choices, chair = drawn
    before = counted(*drawn)

    for index in range(len(choices)):
        changed = [*choices[:index], FOR, *choices[index + 1 :]]
        if before.is_adopted:
            assert counted(entitled, recused, quorum, changed, chair).is_adopted


@given(drawn=votes())
def test_the_order_of_other_members_votes_changes_nothing(drawn):
    entitled, recused, quorum, choices, chair = drawn
    head, rest = choices[:1], choices[1:]

    assert counted(*drawn) == counted(entitled, recused, quorum, head + rest[::-1], chair)
