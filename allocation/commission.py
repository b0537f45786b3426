"""The commission's desk: what a member may see and do at a sitting now, and the forms that take a vote."""

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as noop

from allocation import engine_io, presenters
from allocation.documents import words
from allocation.models import Decision, Sitting, SittingMember, Vote
from allocation.rules.quorum import Tally
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors.sittings import Seat, list_seats
from allocation.services.sittings import count_votes
from queue_registry.models import User
from queue_registry.permissions import Permission
from queue_registry.presenters import list_name

_EMPTY: Final = "–"
_CHANGES_SHOWN: Final = 20
_THINGS: Final = {
    "entry": noop("Entry %(key)s"),
    "dwelling": noop("Home %(key)s"),
    "policy": noop("Policy"),
    "year_to_date": noop("Account of the year"),
}
_FIELDS: Final = {
    "present": noop("is there no more, or was not there before"),
    "eligibility": noop("whether it is eligible"),
    "reason": noop("why it is not eligible"),
    "registered_at": noop("the registration moment"),
    "members": noop("the members of the household"),
    "income": noop("the income"),
    "flags": noop("the grounds for exemption"),
    "state": noop("the state of the home"),
}


class Ballot(forms.Form):
    """One vote: the choice, the reason, and the digest of the result that the member saw."""

    choice = forms.ChoiceField(
        label=_("Your vote"),
        widget=forms.RadioSelect(attrs={"class": "govuk-radios__input"}),
        choices=[
            (Vote.Choice.FOR, _("For")),
            (Vote.Choice.AGAINST, _("Against")),
            (Vote.Choice.ABSTAINED, _("I abstain")),
        ],
        error_messages={"required": _("Choose how you vote."), "invalid_choice": _("Choose how you vote.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("A vote against must say why. The reason is printed in the protocol."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "govuk-textarea", "rows": 4, "cols": 40}),
    )
    result_sha256 = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("choice") == Vote.Choice.AGAINST and not cleaned.get("reason"):
            self.add_error("reason", gettext("Say why you vote against."))
        return cleaned


class Closing(forms.Form):
    """The chair's closing of the vote: the outcome that the page named, the digest of the result."""

    outcome = forms.ChoiceField(choices=[(outcome, outcome) for outcome in Decision.Outcome])
    result_sha256 = forms.CharField()


class PassedOverFilter(forms.Form):
    """Which of those passed over are shown: by code, by list."""

    def __init__(self, data: Any, *, codes: list[str], lists: list[str]) -> None:
        super().__init__(data)
        everything = ("", gettext("All"))
        self.fields["code"] = forms.ChoiceField(
            label=_("Reason"),
            required=False,
            choices=[everything, *((code, presenters.passed_over(code)) for code in codes)],
        )
        self.fields["list_number"] = forms.ChoiceField(
            label=_("List"),
            required=False,
            choices=[everything, *((number, list_name(number)) for number in lists)],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRow:
    """A member as a row of the page: everything in words; how he voted only where that may be shown."""

    member: SittingMember
    role: str
    recusal: str
    file_numbers: str
    vote: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """
    A sitting as one person may see and work at it now.

    `votes_shown`: a member who still may vote, or was recused, sees how others voted only after the vote
    is his own or closed. `outcome` is what the chair can close the vote as, empty without a quorum.
    """

    seats: tuple[Seat, ...]
    tally: Tally
    decision: Decision | None
    own: Seat | None
    is_live: bool
    may_vote: bool
    may_close: bool
    votes_shown: bool
    outcome: str

    @property
    def left(self) -> int:
        """Members left to vote after recusals."""
        return self.tally.entitled - self.tally.recused

    @property
    def chair_is_recused(self) -> bool:
        """Nobody can close the vote then."""
        return any(seat.member.is_chair and seat.member.recusal_ground for seat in self.seats)

    @property
    def votes_missing(self) -> int:
        """Votes missing to a quorum."""
        return max(0, self.tally.needed - self.tally.voted)


def desk_of(sitting: Sitting, user: User, permissions: frozenset[Permission]) -> Desk:
    """Return the sitting as this person, who holds these permissions in its akimat, works at it."""
    seats = tuple(list_seats(sitting))
    own = next((seat for seat in seats if seat.member.user_id == user.pk), None)
    decision: Decision | None = getattr(sitting, "decision", None)
    run = sitting.run
    is_live = decision is None and run.superseded_at is None and run.round.cancelled_at is None
    is_voting = own is not None and not own.member.recusal_ground
    tally = count_votes(sitting)
    return Desk(
        seats=seats,
        tally=tally,
        decision=decision,
        own=own,
        is_live=is_live,
        may_vote=is_live and _may_vote(own) and Permission.SITTING_VOTE in permissions,
        may_close=is_live and is_voting and _is_chair(own) and Permission.SITTING_DECIDE in permissions,
        votes_shown=decision is not None or own is None or own.vote is not None,
        outcome=_outcome(tally),
    )


def _may_vote(own: Seat | None) -> bool:
    return own is not None and own.vote is None and not own.member.recusal_ground


def _is_chair(own: Seat | None) -> bool:
    return own is not None and own.member.is_chair


def _outcome(tally: Tally) -> str:
    if not tally.has_quorum:
        return ""
    return str(Decision.Outcome.CONFIRMED if tally.is_adopted else Decision.Outcome.REFUSED)


def seat_rows(desk: Desk) -> list[SeatRow]:
    """Return the members as rows of the page."""
    return [_seat_row(seat, shown=desk.votes_shown) for seat in desk.seats]


def _seat_row(seat: Seat, *, shown: bool) -> SeatRow:
    member, vote = seat.member, seat.vote
    recused = bool(member.recusal_ground)
    if vote is None:
        cast = _EMPTY if recused else gettext("not yet")
    else:
        cast = words.choice(vote) if shown else gettext("voted")
    return SeatRow(
        member=member,
        role=words.role(member),
        recusal=words.recusal(member) if recused else "",
        file_numbers=words.recusal_file_numbers(member) if recused else "",
        vote=cast,
        reason=(vote.reason if vote and shown else "") or _EMPTY,
    )


def changes_in_words(refused: Refused) -> list[str]:
    """Return what changed since the freeze, the first few changes, for a refusal that names changes."""
    if refused.code is not Refusal.STALE:
        return []
    changes = refused.detail["changes"]
    lines = [_change(change) for change in changes[:_CHANGES_SHOWN]]
    more = len(changes) - len(lines)
    return [*lines, *([gettext("and %(count)s more") % {"count": more}] if more > 0 else [])]


def _change(change: engine_io.Change) -> str:
    thing = gettext(_THINGS.get(change.thing, change.thing)) % {"key": change.key}
    field = _FIELDS.get(change.field)
    return f"{thing}: {gettext(field) if field else change.field}"
