"""The stock of dwellings for pages."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from allocation import engine_io
from allocation.models import AllocationRound, Dwelling, DwellingEvent, RoundDwelling
from allocation.rules import programmes
from queue_registry.models import Akimat
from queue_registry.rules.flags import limits
from queue_registry.rules.flags.distribution import whole_days
from queue_registry.rules.flags.kinds import FlagKind
from queue_registry.rules.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """
    What a round can be for: homes of no programme (empty) or of one, or places of one that lends to a rung;
    and how many are ready.
    """

    programme: str
    kind: str
    rung: str
    ready: int


def list_stock(akimat: Akimat) -> QuerySet[Dwelling]:
    """Return the akimat's dwellings by number."""
    return Dwelling.objects.filter(akimat=akimat).order_by("number", "pk")


def list_ready(akimat: Akimat, purpose: Purpose | None = None) -> QuerySet[Dwelling]:
    """Return the dwellings that can be put into a round (of one purpose): ready, and in no other round."""
    held = RoundDwelling.objects.filter(dwelling=OuterRef("pk"), released_at__isnull=True)
    found = list_stock(akimat).filter(~Exists(held), state=Dwelling.State.READY)
    if purpose is None:
        return found
    return found.filter(programme=purpose.programme, kind=purpose.kind)


def list_addable(round_: AllocationRound) -> QuerySet[Dwelling]:
    """Return the ready dwellings that can be put into an open round: of its kind and its programme."""
    return list_ready(round_.akimat).filter(programme=round_.programme, kind=kind_of(round_))


def kind_of(round_: AllocationRound) -> Dwelling.Kind:
    """Return what a round gives: homes, or places of a loan programme."""
    return Dwelling.Kind.HOME if round_.rung in {"", engine_io.RENT} else Dwelling.Kind.LOAN


def list_round_purposes(akimat: Akimat, *, policy: Policy, on: date) -> list[Purpose]:
    """
    Return what a round under the policy can be for: homes of no programme first, then of each that has some
    ready, then every programme that lends, if the policy helps by the ladder.
    """
    rows = list_ready(akimat).order_by().values_list("programme", "kind").annotate(count=Count("pk"))
    ready = {(programme, kind): count for programme, kind, count in rows}
    codes = {"", *(programme for programme, kind in ready if kind == Dwelling.Kind.HOME)}
    rungs = {name for name, _ in policy.ladder} if policy.support["rung"] else set()
    lenders = [one for one in programmes.in_force(on).values() if one.rung in rungs]
    return [_purpose(ready, code, Dwelling.Kind.HOME, "") for code in sorted(codes)] + [
        _purpose(ready, one.code, Dwelling.Kind.LOAN, one.rung) for one in lenders
    ]


def _purpose(ready: dict[tuple[str, str], int], code: str, kind: Dwelling.Kind, rung: str) -> Purpose:
    return Purpose(programme=code, kind=kind, rung=rung, ready=ready.get((code, kind), 0))


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
