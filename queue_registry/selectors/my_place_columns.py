"""
What the page of a household reads of each of its entries beside the entry itself: columns of one query.

Each hangs on the entry of the query around it (`OuterRef`); a row of several values comes as a document.
"""

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from queue_registry.models import (
    AkimatOffice,
    CategoryPeriod,
    ListSeal,
    QueueEntry,
    QueueEntryEvent,
    QueueKeeper,
    RemovalCase,
    Review,
    SealedLeaf,
)
from queue_registry.selectors.kept_queries import Given


def offices(on: date | Given) -> QuerySet[AkimatOffice, Any]:
    """Where the housing departments are on a day, the newest row first."""
    row = JSONObject(address_kk="address_kk", address_ru="address_ru", telephone="telephone")
    return AkimatOffice.objects.filter(from_on__lte=on).order_by("-from_on").values_list(row, flat=True)


def keepers(on: date | Given) -> QuerySet[QueueKeeper, Any]:
    """Who keeps the queues on a day, the newest first; `taken` where that is this installation."""
    row = JSONObject(
        name_kk="name_kk", name_ru="name_ru", address="address", since="from_on", taken="takeover__pk"
    )
    approved = QueueKeeper.objects.filter(approved_at__isnull=False, dropped_at__isnull=True)
    return approved.filter(from_on__lte=on).order_by("-from_on").values_list(row, flat=True)


def events() -> ArraySubquery:
    """What happened to the entry, in its order: its newest move, and what its places followed from."""
    rows = QueueEntryEvent.objects.filter(entry=OuterRef("pk")).order_by("recorded_at", "pk")
    row = JSONObject(
        kind="kind",
        recorded_at="recorded_at",
        ground="ground",
        waiting_list="waiting_list_id",
        moved_to="moved_to",
        registered_at="registered_at",
    )
    return ArraySubquery(rows.values(row=row))


def sealed_lines() -> ArraySubquery:
    """The lines of the application under the newest seal of its akimat, by list."""
    newest = ListSeal.objects.filter(akimat=OuterRef(OuterRef("akimat"))).order_by("-sealed_at", "-pk")
    lines = SealedLeaf.objects.filter(
        seal=Subquery(newest.values("pk")[:1]), file_number=OuterRef("file_number")
    )
    row = JSONObject(key="pk", list_number="list_number", sealed_at="seal__sealed_at")
    return ArraySubquery(lines.order_by("list_number").values(row=row))


def open_removal() -> Subquery:
    """The household is told of a case once its term runs; before that it has no day to answer by."""
    cases = RemovalCase.objects.filter(
        entry=OuterRef("pk"), decided_at__isnull=True, notified_at__isnull=False
    )
    return Subquery(cases.values(row=JSONObject(ground="ground", until="objections_until"))[:1])


def removal() -> Subquery:
    """The newest decision by which the entry was removed."""
    cases = RemovalCase.objects.filter(entry=OuterRef("pk"), outcome=RemovalCase.Outcome.REMOVED)
    rows = cases.order_by("-decided_at", "-pk").values(row=JSONObject(ground="ground", at="decided_at"))
    return Subquery(rows[:1])


def open_review() -> Subquery:
    """A contest about the entry that runs."""
    reviews = Review.objects.filter(entry=OuterRef("pk"), decided_at__isnull=True).order_by("pk")
    return Subquery(reviews.values(row=JSONObject(at="opened_at", until="decide_by"))[:1])


def category_places() -> ArraySubquery:
    """The categories that count, each with how many active entries of the list stand before by it."""
    counting = CategoryPeriod.objects.filter(Q(until_on__isnull=True) | Q(sticky=True))
    before = Q(registered_at__lt=OuterRef("entry__registered_at")) | Q(
        registered_at=OuterRef("entry__registered_at"), file_number__lt=OuterRef("entry__file_number")
    )
    by_it = counting.filter(entry=OuterRef("pk"), category=OuterRef(OuterRef("category")))
    ahead = (
        QueueEntry.objects.active()
        .filter(before, Exists(by_it), waiting_list=OuterRef("entry__waiting_list"))
        .values("waiting_list")
        .annotate(ahead=Count("pk"))
        .values("ahead")
    )
    own = counting.filter(entry=OuterRef("pk")).order_by("category").distinct("category")
    counted = Coalesce(Subquery(ahead), 0, output_field=IntegerField())
    row = JSONObject(category="category", ahead="ahead")
    return ArraySubquery(own.annotate(ahead=counted).values(row=row))
