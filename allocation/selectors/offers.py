"""Offers for pages and tasks."""

from datetime import datetime

from django.db.models import F, QuerySet

from allocation.models import AllocationLine, Offer
from queue_registry.models import Akimat, Application, QueueEntry
from queue_registry.rules.calendar import civil_day, kazakhstan
from queue_registry.rules.categories import has_disability
from queue_registry.rules.household import household
from queue_registry.rules.policy import Policy
from queue_registry.selectors import keepers, many
from queue_registry.selectors.facts import cases
from queue_registry.selectors.kept_queries import Given, KeptQuery


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
    """Return the keys of open offers, of queues kept here, whose last day is over, oldest first."""
    overdue = Offer.objects.filter(state=Offer.State.OPEN, answer_by__lt=civil_day(at))
    overdue = overdue.exclude(run__round__akimat__in=keepers.resting(at))
    return list(overdue.order_by("answer_by", "pk").values_list("pk", flat=True))


def list_to_look_at(akimat: Akimat) -> QuerySet[Offer]:
    """Return refusals of homes that do not fit, as the households say, at which nobody looked again."""
    return list_offers(akimat).filter(unfit_claimed=True, unfit_looked_at__isnull=True)


def open_offer_of(application: Application) -> Offer | None:
    """Return the offer that the household has to answer, if there is one."""
    offers = Offer.objects.filter(application=application, state=Offer.State.OPEN).select_related(
        "dwelling", "entry__waiting_list", "entry__akimat", "run__round__policy"
    )
    return offers.defer("run__result", "run__round__input").first()


def list_open(entries: list[int]) -> list[Offer]:
    """Return the open offers to these entries, with their dwellings."""
    return _open(entries=entries)


@KeptQuery
def _open() -> QuerySet[Offer]:
    to_them = Offer.objects.filter(entry__in=many.keys(Given("entries")), state=Offer.State.OPEN)
    return to_them.select_related("dwelling")


def is_too_high(offer: Offer, *, at: datetime) -> bool:
    """
    Whether a disability is known in the household, and the home lies above the floor that the law names
    (art 76).
    """
    floor = offer.dwelling.floor
    highest = Policy.from_document(offer.run.round.policy.document).fit["max_floor_mobility"]
    if floor is None or floor <= highest:
        return False
    entry = QueueEntry.objects.select_related("akimat", "waiting_list").get(pk=offer.entry_id)
    case, on = cases([entry])[entry.pk], civil_day(at)
    people = household(applicant=case.people[case.applicant], named=case.named, people=case.people, on=on)
    return has_disability(household=people, on=on)


def working_days_left(offer: Offer, *, at: datetime) -> int:
    """Return how many working days of the term come after today; 0 on its last day and later."""
    return kazakhstan().working_days_between(civil_day(at), offer.answer_by)
