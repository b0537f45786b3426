"""The working list: cases in which somebody has to act, by the day until which."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Least

from queue_registry.models import (
    Akimat,
    Application,
    DataDispute,
    ImportCase,
    NoticeDelivery,
    RecheckFinding,
    RegistrationChange,
    RemovalCase,
    Review,
)

PENDING = Application.Status.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do in a case: its kind, the key of its row, and the last day for it, if there is one."""

    kind: str
    key: int | None = None
    until: date | None = None
    overdue: bool = False


def list_work(akimat: Akimat) -> QuerySet[Application]:
    """
    Return the cases of an akimat in which something is open, the most urgent first.

    `deadline` is the nearest day on which a term ends; a removal may be decided from `removal_from` on, which
    orders it and makes it never late.
    """
    removals = RemovalCase.objects.filter(entry__application=OuterRef("pk"), decided_at__isnull=True)
    reviews = Review.objects.filter(application=OuterRef("pk"), decided_at__isnull=True)
    changes = RegistrationChange.objects.filter(
        entry__application=OuterRef("pk"), approved_at__isnull=True, dropped_at__isnull=True
    )
    imports = ImportCase.objects.filter(application=OuterRef("pk"), closed_at__isnull=True)
    findings = RecheckFinding.objects.filter(
        entry__application=OuterRef("pk"), state=RecheckFinding.State.HELD
    )
    undelivered = NoticeDelivery.objects.filter(
        notice__application=OuterRef("pk"),
        state=NoticeDelivery.State.UNDELIVERED,
        settled_at__isnull=True,
    )
    disputes = DataDispute.objects.filter(application=OuterRef("pk"), settled_at__isnull=True).order_by(
        "settle_by", "pk"
    )
    return (
        Application.objects.filter(akimat=akimat)
        .annotate(
            review_by=Subquery(reviews.order_by("decide_by").values("decide_by")[:1]),
            removal_from=Subquery(removals.order_by("decision_from").values("decision_from")[:1]),
            has_removal=Exists(removals),
            has_change=Exists(changes),
            has_import_case=Exists(imports),
            recheck=Subquery(findings.order_by("pk").values("pk")[:1]),
            dispute=Subquery(disputes.values("pk")[:1]),
            dispute_by=Subquery(disputes.values("settle_by")[:1]),
            notice_by=Subquery(undelivered.order_by("notice__due_on").values("notice__due_on")[:1]),
        )
        .annotate(
            decision_by=Case(
                When(status=PENDING, then=F("decide_by")), default=Value(None), output_field=DateField()
            )
        )
        .annotate(deadline=Least("decision_by", "review_by", "notice_by", "dispute_by"))
        .annotate(due=Least("deadline", "removal_from"))
        .filter(
            Q(status=PENDING)
            | Q(review_by__isnull=False)
            | Q(has_removal=True)
            | Q(has_change=True)
            | Q(has_import_case=True)
            | Q(recheck__isnull=False)
            | Q(dispute__isnull=False)
            # Asked once for all cases: few notices do not arrive.
            | Q(pk__in=_without_notice(akimat))
        )
        .select_related("applicant")
        .order_by(F("due").asc(nulls_last=True), "running_number")
    )


def _without_notice(akimat: Akimat) -> QuerySet[NoticeDelivery, Any]:
    undelivered = NoticeDelivery.objects.filter(
        notice__application__akimat=akimat,
        state=NoticeDelivery.State.UNDELIVERED,
        settled_at__isnull=True,
    )
    return undelivered.values("notice__application")


def count_overdue(akimat: Akimat, *, on: date) -> int:
    """Return in how many cases a term ended before the day."""
    late = Q(status=PENDING, decide_by__lt=on) | Q(review_by__lt=on) | Q(notice_by__lt=on)
    late |= Q(dispute_by__lt=on)
    return list_work(akimat).filter(late).count()


def tasks_of(application: Application, *, on: date) -> list[Task]:
    """Return what is open in a case of the working list."""
    return list(_tasks(application, on))


def _tasks(row: Application, on: date) -> Iterator[Task]:
    found = vars(row)
    # Kind, whether it is open, the key of its row, and the last day for it.
    possible = (
        ("DECISION", found["decision_by"], None, found["decision_by"]),
        ("REVIEW", found["review_by"], None, found["review_by"]),
        ("REMOVAL", found["has_removal"], None, None),
        ("REDATING", found["has_change"], None, None),
        ("IMPORT", found["has_import_case"], row.pk, None),
        ("RECHECK", found["recheck"], found["recheck"], None),
        ("DISPUTE", found["dispute"], found["dispute"], found["dispute_by"]),
        ("NOTICE", found["notice_by"], row.pk, found["notice_by"]),
    )
    for kind, is_open, key, until in possible:
        if is_open:
            yield Task(kind=kind, key=key, until=until, overdue=until is not None and until < on)
