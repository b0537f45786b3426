"""The stock of dwellings for pages."""

from django.db.models import Count, Exists, OuterRef, QuerySet

from allocation.models import Dwelling, RoundDwelling
from queue_registry.models import Akimat


def list_stock(akimat: Akimat) -> QuerySet[Dwelling]:
    """Return the akimat's dwellings by number."""
    return Dwelling.objects.filter(akimat=akimat).order_by("number", "pk")


def list_ready(akimat: Akimat) -> QuerySet[Dwelling]:
    """Return the dwellings that can be put into a round: ready, and in no other round."""
    held = RoundDwelling.objects.filter(dwelling=OuterRef("pk"), released_at__isnull=True)
    return list_stock(akimat).filter(~Exists(held), state=Dwelling.State.READY)


def count_by_state(akimat: Akimat) -> dict[str, int]:
    """Return how many dwellings stand in each state, every state named."""
    found = dict(
        Dwelling.objects.filter(akimat=akimat)
        .values("state")
        .annotate(n=Count("pk"))
        .values_list("state", "n")
    )
    return {str(state): found.get(state, 0) for state in Dwelling.State}
