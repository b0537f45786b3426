"""The stock of dwellings for pages."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from allocation.models import Dwelling, DwellingEvent, RoundDwelling
from queue_registry.models import Akimat
from queue_registry.rules.flags import limits
from queue_registry.rules.flags.distribution import whole_days
from queue_registry.rules.flags.kinds import FlagKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What ready homes or places are for: a programme, or none (empty), and how many there are."""

    programme: str
    kind: str
    ready: int


def list_stock(akimat: Akimat) -> QuerySet[Dwelling]:
    """Return the akimat's dwellings by number."""
    return Dwelling.objects.filter(akimat=akimat).order_by("number", "pk")


def list_ready(akimat: Akimat) -> QuerySet[Dwelling]:
    """Return the dwellings that can be put into a round: ready, and in no other round."""
    held = RoundDwelling.objects.filter(dwelling=OuterRef("pk"), released_at__isnull=True)
    return list_stock(akimat).filter(~Exists(held), state=Dwelling.State.READY)


def list_purposes(akimat: Akimat) -> list[Purpose]:
    """Return what the ready dwellings are for; those of no programme first."""
    rows = list_ready(akimat).order_by("programme", "kind").values_list("programme", "kind")
    return [
        Purpose(programme=programme, kind=kind, ready=count)
        for programme, kind, count in rows.annotate(count=Count("pk"))
    ]


def list_history(dwelling: Dwelling) -> QuerySet[DwellingEvent]:
    """Return everything that happened to a dwelling, the newest first."""
    return dwelling.events.select_related("by").order_by("-at", "-pk")


def count_by_state(akimat: Akimat) -> dict[str, int]:
    """Return how many dwellings stand in each state, every state named."""
    found = dict(
        Dwelling.objects.filter(akimat=akimat)
        .values("state")
        .annotate(n=Count("pk"))
        .values_list("state", "n")
    )
    return {str(state): found.get(state, 0) for state in Dwelling.State}


def idle_days(dwelling: Dwelling, *, at: datetime) -> int | None:
    """Return for how many whole days a home could be given and nobody has it; None if it cannot be given."""
    return None if dwelling.idle_since is None else whole_days(dwelling.idle_since, at)


def idle_limit(on: date) -> int:
    """Return after how many idle days the red flag of an idle home is raised."""
    return limits.in_force(on).whole(FlagKind.FLAT_IDLE, "days")
