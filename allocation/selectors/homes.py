"""The homes of a round by type: what anybody may know of them before and after they are given."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q

from allocation.models import AllocationLine, AllocationRun, RoundDwelling


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeType:
    """Homes of so many rooms; places of a loan program have none, and no area."""

    rooms: int | None
    count: int
    given: int
    smallest: Decimal | None
    largest: Decimal | None
    accessible: int
    with_lift: int


def list_types(run: AllocationRun) -> list[HomeType]:
    """Return the homes of a run's round by number of rooms, and how many of each kind the run gives."""
    given = AllocationLine.objects.filter(run=run, dwelling=OuterRef("dwelling"))
    rows = (
        RoundDwelling.objects.filter(round=run.round_id)
        .annotate(is_given=Exists(given))
        .order_by("dwelling__rooms")
        .values(rooms=F("dwelling__rooms"))
        .annotate(
            count=Count("pk"),
            given=Count("pk", filter=Q(is_given=True)),
            smallest=Min("dwelling__area"),
            largest=Max("dwelling__area"),
            accessible=Count("pk", filter=Q(dwelling__accessible=True)),
            with_lift=Count("pk", filter=Q(dwelling__lift=True)),
        )
    )
    return [HomeType(**row) for row in rows]
