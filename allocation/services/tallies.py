"""
What the votes of a sitting come to, as it is attended now: counted from the rows in the caller's view.

A vote of who was recused later stays in its row and is not counted.
"""

from collections.abc import Iterable
from fractions import Fraction

from allocation.models import DepartureVote, Sitting, SittingMember, Vote
from allocation.rules.quorum import Ballot, Choice, Presence, Tally, tally, who_presides


def count_votes(sitting: Sitting) -> Tally:
    """Return the arithmetic of the votes on the whole proposal so far."""
    return _count(sitting, Vote.objects.filter(sitting=sitting))


def count_departure_votes(sitting: Sitting, departure_id: int) -> Tally:
    """Return the arithmetic of the votes on one departure so far."""
    return _count(sitting, DepartureVote.objects.filter(departure=departure_id))


def presiding_over(sitting: Sitting) -> SittingMember | None:
    """Return who leads the sitting as it is attended now, or None if nobody there may vote."""
    members = {member.user.username: member for member in sitting.members.select_related("user")}
    name = who_presides(
        Presence(
            name=name,
            is_chair=member.is_chair,
            votes=_votes(member),
            mandate_from=member.mandate_from,
        )
        for name, member in members.items()
    )
    return None if name is None else members[name]


def _count(sitting: Sitting, votes: Iterable[Vote | DepartureVote]) -> Tally:
    members = {member.pk: member for member in sitting.members.all()}
    presiding = presiding_over(sitting)
    return tally(
        entitled=len(members),
        recused=sum(bool(member.recusal_ground) for member in members.values()),
        present=sum(map(_votes, members.values())),
        quorum=Fraction(sitting.quorum_numerator, sitting.quorum_denominator),
        ballots=[
            Ballot(
                choice=Choice(vote.choice),
                presides=presiding is not None and vote.member_id == presiding.pk,
            )
            for vote in votes
            if _votes(members[vote.member_id])
        ],
    )


def _votes(member: SittingMember) -> bool:
    return member.attended_at is not None and not member.recusal_ground
