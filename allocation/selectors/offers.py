"""Offers for pages and tasks."""

from datetime import datetime

from django.db.models import F, QuerySet

from allocation.models import AllocationLine, Offer
from queue_registry.models import Akimat, QueueEntry
from queue_registry.rules.calendar import civil_day, kazakhstan


def list_offers(akimat: Akimat) -> QuerySet[Offer]:
    """Return the akimat's offers, open ones first by the end of their term, then the newest."""
    offers = Offer.objects.filter(dwelling__akimat=akimat).select_related(
        "dwelling", "entry__waiting_list", "run__round", "answered_by"
    )
    return offers.defer("run__result", "run__round__input").order_by(
        F("answered_at").desc(nulls_first=True), "answer_by", "pk"
    )


def list_of_entry(entry: QueueEntry) -> QuerySet[Offer]:
    """Return what an entry was ever offered, newest first."""
    offers = entry.offers.select_related("dwelling", "run__round")
    return offers.defer("run__result", "run__round__input").order_by("-made_at", "-pk")


def list_reserve(offer: Offer) -> list[QueueEntry]:
    """Return the entries that are called next for the dwelling if this offer ends without a yes, in order."""
    line = AllocationLine.objects.filter(run=offer.run_id, dwelling=offer.dwelling_id).first()
    keys = line.reserve[offer.call :] if line else []
    found = QueueEntry.objects.select_related("waiting_list").in_bulk(keys)
    return [found[key] for key in keys]


def list_overdue(at: datetime) -> list[int]:
    """Return the keys of open offers whose last day is before the day of `at`, oldest first."""
    overdue = Offer.objects.filter(state=Offer.State.OPEN, answer_by__lt=civil_day(at))
    return list(overdue.order_by("answer_by", "pk").values_list("pk", flat=True))


def working_days_left(offer: Offer, *, at: datetime) -> int:
    """Return how many working days of the term come after today; 0 on its last day and later."""
    return kazakhstan().working_days_between(civil_day(at), offer.answer_by)
