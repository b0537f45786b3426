"""Contracts for pages: accepted homes without one, and every contract."""

from django.db.models import F, QuerySet

from allocation.models import Offer, Tenancy
from queue_registry.models import Akimat


def list_to_conclude(akimat: Akimat) -> QuerySet[Offer]:
    """Return accepted offers without a contract, the oldest answer first."""
    offers = Offer.objects.filter(
        dwelling__akimat=akimat, state=Offer.State.ACCEPTED, tenancy__isnull=True, dwelling__state="OFFERED"
    )
    return (
        offers.select_related(
            "dwelling",
            "entry__waiting_list",
            "run__round",
            "run__sitting__akimat_decision",
            "invited_by",
            "answered_by",
        )
        .defer("run__result", "run__round__input")
        .order_by("answered_at", "pk")
    )


def list_tenancies(akimat: Akimat) -> QuerySet[Tenancy]:
    """Return the akimat's contracts: those whose keys are not handed over first, then the newest."""
    return (
        Tenancy.objects.filter(akimat=akimat)
        .select_related(
            "akimat",
            "akimat_decision",
            "offer__dwelling",
            "offer__entry__waiting_list",
            "offer__entry__applicant",
            "offer__run__round",
            "concluded_by",
            "keys_by",
            "annulled_by",
        )
        .defer("offer__run__result", "offer__run__round__input")
        .order_by(F("keys_at").desc(nulls_first=True), "-concluded_on", "-pk")
    )
