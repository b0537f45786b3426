"""The commission's desk: what a person may see and do at a sitting now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext

from allocation import engine_io, presenters, round_presenters
from allocation.commission_forms import Ballot
from allocation.documents import words
from allocation.models import Decision, Departure, DepartureVote, Sitting, SittingMember
from allocation.rules.quorum import Tally
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors.departures import can_depart, list_departures
from allocation.selectors.sittings import Seat, list_seats
from allocation.services.tallies import count_departure_votes, count_votes, presiding_over
from queue_registry.models import User
from queue_registry.permissions import Permission

_EMPTY: Final = "–"
_CHANGES_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRow:
    """A member as a row of the page: everything in words; how he voted only where that may be shown."""

    member: SittingMember
    role: str
    recusal: str
    about: str
    vote: str
    reason: str
    may_be_entered: bool
    may_be_let_go: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparer:
    """Who prepared the round, with an interest in words, if one was found."""

    name: str
    interest: str
    file_numbers: str
    family_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureRow:
    """A departure as a part of the page; `ballot` only for who may vote on it now."""

    departure: Departure
    ground: str
    passed_over: tuple[str, ...]
    votes: tuple[DepartureVote, ...]
    tally: Tally
    ballot: Ballot | None
    own: DepartureVote | None
    votes_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """
    A sitting as one person may see and work at it now.

    `votes_shown`: a member who still may vote, or was recused, sees how others voted only after the vote
    is his own or closed. `outcome` is what the vote can be closed as, empty while there is no quorum or the
    outcome, of the whole or of a departure, is open.
    """

    seats: tuple[Seat, ...]
    departures: tuple[DepartureRow, ...]
    tally: Tally
    decision: Decision | None
    own: Seat | None
    presiding: SittingMember | None
    is_live: bool
    has_begun: bool
    may_attend: bool
    may_vote: bool
    may_declare: bool
    may_close: bool
    may_announce: bool
    may_enter: bool
    may_propose: bool
    votes_shown: bool
    outcome: str

    @property
    def left(self) -> int:
        """Members left to vote after recusals."""
        return self.tally.entitled - self.tally.recused

    @property
    def members_missing(self) -> int:
        """Members missing to a quorum."""
        return max(0, self.tally.needed - self.tally.present)


def desk_of(sitting: Sitting, user: User, permissions: frozenset[Permission], at: datetime) -> Desk:
    """Return the sitting as this person, who holds these permissions in its akimat, works at it."""
    seats = tuple(list_seats(sitting))
    own = next((seat for seat in seats if seat.member.user_id == user.pk), None)
    decision: Decision | None = getattr(sitting, "decision", None)
    run, tally, presiding = sitting.run, count_votes(sitting), presiding_over(sitting)
    is_live = decision is None and run.superseded_at is None and run.round.cancelled_at is None
    has_begun = sitting.sits_at is None or sitting.sits_at <= at
    is_seated = is_live and own is not None and not own.member.recusal_ground
    attends = own is not None and own.member.attended_at is not None
    may_vote = is_seated and attends and Permission.SITTING_VOTE in permissions
    rows = tuple(
        _departure_row(one, own=own, may_vote=may_vote, is_closed=decision is not None)
        for one in list_departures(sitting)
    )
    return Desk(
        seats=seats,
        departures=rows,
        tally=tally,
        decision=decision,
        own=own,
        presiding=presiding,
        is_live=is_live,
        has_begun=has_begun,
        may_attend=is_seated and not attends and has_begun and Permission.SITTING_VOTE in permissions,
        may_vote=may_vote and own is not None and own.vote is None,
        may_declare=is_seated and Permission.DECLARE_INTEREST in permissions,
        may_close=_presides(own, presiding) and is_live and Permission.SITTING_DECIDE in permissions,
        may_announce=is_live and not _anybody_attends(seats) and Permission.SITTING_CONVENE in permissions,
        may_enter=is_live and has_begun and Permission.SITTING_CONVENE in permissions,
        may_propose=Permission.DEPARTURE_PROPOSE in permissions and can_depart(sitting),
        votes_shown=decision is not None or own is None or own.vote is not None,
        outcome=_outcome(tally, rows),
    )


def _presides(own: Seat | None, presiding: SittingMember | None) -> bool:
    return own is not None and presiding is not None and own.member.pk == presiding.pk


def _anybody_attends(seats: tuple[Seat, ...]) -> bool:
    return any(seat.member.attended_at is not None for seat in seats)


def _outcome(tally: Tally, departures: tuple[DepartureRow, ...]) -> str:
    if not tally.is_settled:
        return ""
    if not tally.is_adopted:
        return str(Decision.Outcome.REFUSED)
    is_settled = all(row.tally.is_settled for row in departures)
    return str(Decision.Outcome.CONFIRMED) if is_settled else ""


def _departure_row(
    departure: Departure, *, own: Seat | None, may_vote: bool, is_closed: bool
) -> DepartureRow:
    sitting = departure.sitting
    votes = tuple(departure.votes.all())
    cast = next((vote for vote in votes if own is not None and vote.member_id == own.member.pk), None)
    form = Ballot(prefix=ballot_prefix(departure.pk), initial={"result_sha256": sitting.run.result_sha256})
    return DepartureRow(
        departure=departure,
        ground=presenters.departure_ground(departure.ground),
        passed_over=tuple(engine_io.file_number_of(key) for key in departure.passed_over),
        votes=votes,
        tally=count_departure_votes(sitting, departure.pk),
        ballot=form if may_vote and cast is None else None,
        own=cast,
        votes_shown=is_closed or own is None or cast is not None,
    )


def ballot_prefix(departure_id: int) -> str:
    """Return the prefix of a departure's ballot, so that several stand on one page."""
    return f"departure-{departure_id}"


def seat_rows(desk: Desk) -> list[SeatRow]:
    """Return the members as rows of the page."""
    return [_seat_row(seat, desk) for seat in desk.seats]


def _seat_row(seat: Seat, desk: Desk) -> SeatRow:
    member, vote = seat.member, seat.vote
    recused, shown = bool(member.recusal_ground), desk.votes_shown
    attends = member.attended_at is not None
    if vote is None:
        cast = _EMPTY if recused or not attends else gettext("not yet")
    elif recused:
        cast = gettext("not counted")
    else:
        cast = words.choice(vote) if shown else gettext("voted")
    return SeatRow(
        member=member,
        role=words.role(member),
        recusal=words.recusal(member) if recused else "",
        about=words.recusal_file_numbers(member) if recused else "",
        vote=cast,
        reason=(vote.reason if vote and shown else "") or _EMPTY,
        may_be_entered=desk.may_enter and not attends,
        may_be_let_go=desk.may_enter and attends and vote is None,
    )


def preparers(sitting: Sitting) -> list[Preparer]:
    """Return who prepared the round, with the interests that were found when the sitting was convened."""
    names = {user.username: str(user) for user in User.objects.filter(username__in=_user_names(sitting))}
    return [
        Preparer(
            name=names.get(row["user"], row["user"]),
            interest=words.interest(row["ground"], row["detail"]) if row["ground"] else "",
            file_numbers=words.interest_file_numbers(row["detail"]),
            family_known=row["family_known"],
        )
        for row in sitting.preparers
    ]


def _user_names(sitting: Sitting) -> list[str]:
    return [row["user"] for row in sitting.preparers]


def changes_in_words(changes: list[engine_io.Change]) -> list[str]:
    """Return what changed since the freeze, the first few changes."""
    lines = [
        round_presenters.change_in_words(one.thing, one.key, one.field) for one in changes[:_CHANGES_SHOWN]
    ]
    more = len(changes) - len(lines)
    return [*lines, *([gettext("and %(count)s more") % {"count": more}] if more > 0 else [])]


def refused_changes(refused: Refused | None) -> list[str]:
    """Return what changed, for a refusal that names changes."""
    if refused is None or refused.code is not Refusal.STALE:
        return []
    detail: Mapping[str, Any] = refused.detail
    return changes_in_words(detail["changes"])
