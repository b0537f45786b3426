"""
Arithmetic of a commission's vote: quorum, majority, who presides and breaks a tie. (Settings of a policy; no
act gives them.)

Who is recused neither votes nor counts: the quorum is a share of those left. Present is who attends and is
not recused; a majority is more than half of those present, so that who is present and does not vote stands
with those who are not for. The vote is settled once no vote that is still missing could change its outcome.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
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
    """One vote; whether it is that of who presides."""

    choice: Choice
    presides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """
    A member of a sitting as far as it tells who presides; `votes` is who attends and is not recused, `name`
    the user name.
    """

    name: str
    is_chair: bool
    votes: bool
    mandate_from: date | None


def who_presides(members: Iterable[Presence]) -> str | None:
    """
    Return the name of who leads the sitting and closes its vote: the chair; if he is recused or absent, the
    member with the oldest mandate, of equal ones the first by name; None if nobody present may vote.
    """
    voting = [member for member in members if member.votes]
    if not voting:
        return None
    return min(voting, key=lambda one: (not one.is_chair, one.mandate_from or date.max, one.name)).name


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """
    Numbers of members and votes: `entitled` are all voting members, the `recused` among them; `needed` is the
    quorum in members, `present` are those who attend and are not recused. `chair_choice` is the vote of who
    presides; None: not cast yet.
    """

    entitled: int
    recused: int
    needed: int
    present: int
    voted: int
    in_favor: int
    against: int
    abstained: int
    chair_choice: Choice | None

    @property
    def missing(self) -> int:
        """Those present who have not voted."""
        return self.present - self.voted

    @property
    def has_quorum(self) -> bool:
        return self.present >= self.needed

    @property
    def is_tie(self) -> bool:
        """Exactly half of those present are for: an abstention counts with those who are not for."""
        return self.present > 0 and 2 * self.in_favor == self.present

    @property
    def chair_broke_tie(self) -> bool:
        """A tie decided by the vote for of who presides."""
        return self.has_quorum and self.is_tie and self.chair_choice is Choice.FOR

    @property
    def is_adopted(self) -> bool:
        """
        With a quorum: more than half of those present voted for, or in a tie who presides voted for.
        """
        return self.has_quorum and (2 * self.in_favor > self.present or self.chair_broke_tie)

    @property
    def is_settled(self) -> bool:
        """There is a quorum, and the outcome is the same whatever those still to vote would say."""
        best = replace(
            self,
            in_favor=self.in_favor + self.missing,
            voted=self.present,
            chair_choice=self.chair_choice or (Choice.FOR if self.missing else None),
        )
        return self.has_quorum and self.is_adopted == best.is_adopted

    def as_json(self) -> dict[str, int | bool]:
        """Return the numbers as they stand in a decision and its protocol."""
        return {
            "entitled": self.entitled,
            "recused": self.recused,
            "needed": self.needed,
            "present": self.present,
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


def tally(*, entitled: int, recused: int, present: int, quorum: Fraction, ballots: Sequence[Ballot]) -> Tally:
    """
    Count the votes.

    :param entitled: all voting members of the commission.
    :param recused: how many of them may not vote this time.
    :param present: how many attend and are not recused.
    :raises ValueError: if more are present than may vote, more votes were cast than members are present, or
        two of them by who presides.
    """
    presiding = [ballot.choice for ballot in ballots if ballot.presides]
    if present > entitled - recused or len(ballots) > present or len(presiding) > 1:
        raise ValueError("ballots: more than the members who may vote")
    choices = [ballot.choice for ballot in ballots]
    return Tally(
        entitled=entitled,
        recused=recused,
        needed=members_needed(voting=entitled - recused, quorum=quorum),
        present=present,
        voted=len(choices),
        in_favor=choices.count(Choice.FOR),
        against=choices.count(Choice.AGAINST),
        abstained=choices.count(Choice.ABSTAINED),
        chair_choice=presiding[0] if presiding else None,
    )
