"""Departures of a sitting for pages, notices and the protocol: who is passed over by them, and the votes."""

from django.db.models import Prefetch, QuerySet

from allocation.models import AllocationRound, Departure, DepartureVote, Sitting


def can_depart(sitting: Sitting) -> bool:
    """Return whether departures can be proposed: in commission mode, until the first vote on the whole."""
    run = sitting.run
    return (
        run.round.mode == AllocationRound.Mode.COMMISSION
        and run.round.cancelled_at is None
        and run.superseded_at is None
        and not hasattr(sitting, "decision")
        and not sitting.votes.exists()
    )


def list_departures(sitting: Sitting) -> QuerySet[Departure]:
    """Return all departures of a sitting in the order of their proposing, each with its votes."""
    votes = DepartureVote.objects.select_related("member__user").order_by("member__user__username")
    return (
        Departure.objects.filter(sitting=sitting)
        .select_related("sitting__run", "line__entry", "line__dwelling", "instead", "document", "proposed_by")
        .defer("sitting__run__result")
        .prefetch_related(Prefetch("votes", queryset=votes))
        .order_by("pk")
    )


def list_carried(sitting: Sitting) -> QuerySet[Departure]:
    """
    Return the departures that were applied: `line.entry` was served by the run and is left out with `ground`,
    `instead` (if any) got the offer, `passed_over` are public keys of everybody who is to hear of it, the
    entry that is left first.
    """
    return list_departures(sitting).filter(is_carried=True)
