"""Sittings of the commission for pages: who sits, who has voted, what the arithmetic says so far."""

from dataclasses import dataclass

from allocation.models import Sitting, SittingMember, Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A member at a sitting with the vote, if it was cast."""

    member: SittingMember
    vote: Vote | None


def list_seats(sitting: Sitting) -> list[Seat]:
    """Return everybody who sits, the chair first, with their votes."""
    members = sitting.members.select_related("user", "vote").order_by("-is_chair", "user__username")
    return [Seat(member=member, vote=getattr(member, "vote", None)) for member in members]
