"""
Arithmetic of a commission's vote: quorum, majority, the chair's tie-break. (Settings of a policy; no act
gives them.)

Who is recused neither votes nor counts: the quorum is a share of those left. Present is who has voted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil


class Choice(StrEnum):
    """What a member may vote."""

    FOR = "FOR"
    AGAINST = "AGAINST"
    ABSTAINED = "ABSTAINED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One vote; whether it is the chair's."""

    choice: Choice
    is_chair: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """
    Numbers of members and votes: `entitled` are all voting members, the `recused` among them; `needed` is the
    quorum in members.
    """

    entitled: int
    recused: int
    needed: int
    voted: int
    in_favor: int
    against: int
    abstained: int
    chair_choice: Choice | None

    @property
    def has_quorum(self) -> bool:
        return self.voted >= self.needed

    @property
    def is_tie(self) -> bool:
        """Exactly half of those present are for: an abstention counts with those who are not for."""
        return self.voted > 0 and 2 * self.in_favor == self.voted

    @property
    def chair_broke_tie(self) -> bool:
        """A tie decided by the chair's own vote for."""
        return self.has_quorum and self.is_tie and self.chair_choice is Choice.FOR

    @property
    def is_adopted(self) -> bool:
        """With a quorum: more than half of those present voted for, or the chair's vote for broke a tie."""
        return self.has_quorum and (2 * self.in_favor > self.voted or self.chair_broke_tie)

    def as_json(self) -> dict[str, int | bool]:
        """Return the numbers as they stand in a decision and its protocol."""
        return {
            "entitled": self.entitled,
            "recused": self.recused,
            "needed": self.needed,
            "voted": self.voted,
            "for": self.in_favor,
            "against": self.against,
            "abstained": self.abstained,
            "chair_broke_tie": self.chair_broke_tie,
        }


def members_needed(*, voting: int, quorum: Fraction) -> int:
    """
    Return how many members make a quorum: the share of those who are not recused, rounded up, at least one.
    """
    return max(1, ceil(voting * quorum))


def tally(*, entitled: int, recused: int, quorum: Fraction, ballots: Sequence[Ballot]) -> Tally:
    """
    Count the votes.

    :param entitled: all voting members of the commission.
    :param recused: how many of them may not vote this time.
    :raises ValueError: if more votes were cast than members may vote, or two of them by a chair.
    """
    chairs = [ballot.choice for ballot in ballots if ballot.is_chair]
    if len(ballots) > entitled - recused or len(chairs) > 1:
        raise ValueError("ballots: more than the members who may vote")
    choices = [ballot.choice for ballot in ballots]
    return Tally(
        entitled=entitled,
        recused=recused,
        needed=members_needed(voting=entitled - recused, quorum=quorum),
        voted=len(choices),
        in_favor=choices.count(Choice.FOR),
        against=choices.count(Choice.AGAINST),
        abstained=choices.count(Choice.ABSTAINED),
        chair_choice=chairs[0] if chairs else None,
    )
