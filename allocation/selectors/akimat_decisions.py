"""Decisions of the akimat for pages: protocols that wait for one, and what has to be published by when."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from allocation.models import AkimatDecision, Decision, Sitting
from queue_registry.models import Akimat
from queue_registry.rules.calendar import YearUnknown, kazakhstan


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """How many working days are left to publish in time; None: the calendar of that year is not known."""

    days_left: int | None
    is_published: bool
    is_overdue: bool


def list_waiting(akimat: Akimat) -> QuerySet[Sitting]:
    """Return confirmed sittings on which the akimat has not decided, the oldest first."""
    return list_confirmed(akimat).filter(akimat_decision__isnull=True).order_by("decision__decided_at", "pk")


def list_confirmed(akimat: Akimat) -> QuerySet[Sitting]:
    """Return the akimat's sittings that confirmed their distribution."""
    sittings = Sitting.objects.filter(akimat=akimat, decision__outcome=Decision.Outcome.CONFIRMED)
    return sittings.select_related("decision", "run__round").defer("run__result", "run__round__input")


def list_decisions(akimat: Akimat) -> QuerySet[AkimatDecision]:
    """Return the akimat's decisions, those to be published first, then the newest."""
    return (
        AkimatDecision.objects.filter(akimat=akimat)
        .select_related("sitting__run__round", "document", "entered_by", "published_by")
        .defer("sitting__run__result", "sitting__run__round__input")
        .order_by("-published_at", "publish_by", "-pk")
    )


def count_overdue(akimat: Akimat, *, on: date) -> int:
    """Return how many decisions had to be published before the day and are not."""
    return AkimatDecision.objects.filter(akimat=akimat, published_at__isnull=True, publish_by__lt=on).count()


def publication_of(decision: AkimatDecision, *, on: date) -> Publication:
    """Return how the publication of a decision stands on a day."""
    is_published = decision.published_at is not None
    try:
        days = kazakhstan().working_days_between(on, decision.publish_by)
    except YearUnknown:
        days = None
    return Publication(
        days_left=days, is_published=is_published, is_overdue=not is_published and decision.publish_by < on
    )
