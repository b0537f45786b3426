"""Sittings of the commission for pages: who sits, who has voted, what the arithmetic says so far."""

from dataclasses import dataclass

from django.db.models import QuerySet

from allocation.models import Decision, Sitting, SittingMember, Vote
from queue_registry.models import Akimat, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A member at a sitting with the vote, if it was cast."""

    member: SittingMember
    vote: Vote | None


def list_sittings(akimat: Akimat) -> QuerySet[Sitting]:
    """Return the akimat's sittings, newest first."""
    sittings = Sitting.objects.filter(akimat=akimat).select_related("run__round", "decision", "convened_by")
    return sittings.defer("run__result", "run__round__input").order_by("-number")


def list_seats(sitting: Sitting) -> list[Seat]:
    """Return everybody who sits, the chair first, with their votes."""
    members = sitting.members.select_related("user", "vote").order_by("-is_chair", "user__username")
    return [Seat(member=member, vote=getattr(member, "vote", None)) for member in members]


def get_seat(*, sitting: Sitting, user: User) -> Seat | None:
    """Return the user's seat at a sitting, or None for somebody who does not sit there."""
    return next((seat for seat in list_seats(sitting) if seat.member.user_id == user.pk), None)


def get_decision(sitting: Sitting) -> Decision | None:
    """Return the decision of a sitting, or None while there is none."""
    return Decision.objects.filter(sitting=sitting).select_related("decided_by").first()
