from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.protection import KEPT_FOR_EVER


class StatedTotal(models.Model):
    """What an authority said a list counts, on which day, in which document; a newer one supersedes it."""

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="stated_totals")
    list_number = models.CharField(max_length=1, blank=True, help_text="Empty: all lists.")
    source = models.CharField(max_length=10, blank=True, help_text="Empty: all sources.")
    stated = models.PositiveIntegerField()
    as_of = models.DateField()
    document = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("akimat", "list_number", "source"),
                condition=Q(superseded_at__isnull=True),
                name="one_current_stated_total_per_list_and_source",
            ),
            models.CheckConstraint(condition=~Q(document=""), name="stated_total_has_a_document"),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"{self.stated} on list {self.list_number or 'all'}"


class ReconciliationExplanation(models.Model):
    """
    Why a line of the reconciliation differs, by one person and approved by another; it explains this
    difference and no other: when the figures change, the line is open again.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="reconciliation_explanations")
    line = models.CharField(max_length=80)
    difference = models.IntegerField()
    explanation = models.TextField()
    document = models.CharField(max_length=300)
    explained_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    explained_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("explained_by")),
                name="reconciliation_approved_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(explanation="") & ~Q(document=""),
                name="reconciliation_has_explanation_and_document",
            ),
            models.UniqueConstraint(
                fields=("akimat", "line", "difference"),
                condition=Q(dropped_at__isnull=True),
                name="one_explanation_per_line_and_difference",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"{self.line}: {self.difference}"
