"""Homes that a confirmed round gave and that do not stand any more, each with the day and the cause."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, Subquery

from allocation.models import AllocationLine, Offer, RoundDwelling, Tenancy
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy


class Cause(StrEnum):
    """Why a home is not given any more."""

    DEPARTURE = "DEPARTURE"  # the commission left it in the stock
    NOT_TAKEN = "NOT_TAKEN"  # nobody to whom it was offered took it
    ANNULLED = "ANNULLED"  # its contract was annulled


@dataclass(frozen=True, slots=True, kw_only=True)
class LostGift:
    """One such home; `by_share` if its list had it by its share."""

    round: str
    dwelling: str
    list_number: str
    by_share: bool
    on: date
    cause: Cause


def list_lost(run_ids: Collection[int]) -> list[LostGift]:
    """
    Return what of the homes served by these runs does not stand any more, in the order of rounds and numbers.

    A home that the household left after having lived there was given, and that stands.
    """
    line = AllocationLine.objects.filter(
        run__in=run_ids, run__round=OuterRef("round"), dwelling=OuterRef("dwelling")
    )
    taken = Offer.objects.filter(
        run__round=OuterRef("round"), dwelling=OuterRef("dwelling"), state=Offer.State.ACCEPTED
    )
    rows = (
        RoundDwelling.objects.filter(~Exists(taken), round__runs__in=run_ids, released_at__isnull=False)
        .annotate(list_number=Subquery(line.values("list_number")), tier=Subquery(line.values("tier")))
        .filter(list_number__isnull=False)
        .select_related("dwelling", "round__policy")
        .only("released_at", "round_id", "dwelling__number", "round__number", "round__policy__document")
        .order_by("round", "dwelling__number")
    )
    found = list(rows)
    tiers = {row.round_id: Policy.from_document(row.round.policy.document).tiers for row in found}
    annulled = _annulled(run_ids)
    return [
        LostGift(
            round=row.round.number,
            dwelling=row.dwelling.number,
            list_number=row.list_number,
            by_share=tiers[row.round_id][row.tier]["kind"] == "proportional",
            on=civil_day(annulled.get((row.round_id, row.dwelling_id), row.released_at)),
            cause=_cause(row, annulled),
        )
        for row in found
        if row.released_at is not None
    ]


def _annulled(run_ids: Collection[int]) -> dict[tuple[int, int], datetime]:
    """When contracts were annulled, by round and dwelling."""
    rows = Tenancy.objects.filter(offer__run__in=run_ids, annulled_at__isnull=False)
    found = rows.values_list("offer__run__round", "offer__dwelling", "annulled_at")
    return {(round_id, dwelling_id): at for round_id, dwelling_id, at in found if at is not None}


def _cause(row: RoundDwelling, annulled: Collection[tuple[int, int]]) -> Cause:
    if (row.round_id, row.dwelling_id) in annulled:
        return Cause.ANNULLED
    offered = Offer.objects.filter(run__round=row.round_id, dwelling=row.dwelling_id)
    return Cause.NOT_TAKEN if offered.exists() else Cause.DEPARTURE
