"""Removals and contests of an akimat, with everything that their pages show."""

from django.db.models import F, Prefetch, QuerySet

from queue_registry.models import Akimat, RegistrationChange, RemovalCase, Review


def list_cases(akimat: Akimat) -> QuerySet[RemovalCase]:
    """Return every case of an akimat, the open ones first, then the newest."""
    return (
        RemovalCase.objects.filter(entry__akimat=akimat)
        .select_related(
            "entry__applicant", "entry__waiting_list", "entry__application", "proposed_by", "decided_by"
        )
        .prefetch_related(Prefetch("reviews", queryset=Review.objects.order_by("pk")))
        .order_by(F("decided_at").desc(nulls_first=True), "-pk")
    )


def list_reviews(akimat: Akimat) -> QuerySet[Review]:
    """Return every contest of an akimat, the open ones first by their last day, then the newest."""
    return (
        Review.objects.filter(application__akimat=akimat)
        .select_related(
            "application__applicant", "entry__waiting_list", "removal_case", "opened_by", "decided_by"
        )
        .order_by(F("decided_at").desc(nulls_first=True), "decide_by", "-pk")
    )


def list_changes(akimat: Akimat) -> QuerySet[RegistrationChange]:
    """Return every proposed change of a registration moment, those that wait first, then the newest."""
    return (
        RegistrationChange.objects.filter(entry__akimat=akimat)
        .select_related(
            "entry__akimat", "entry__applicant", "entry__waiting_list", "proposed_by", "approved_by"
        )
        .order_by(F("approved_at").desc(nulls_first=True), F("dropped_at").desc(nulls_first=True), "-pk")
    )
