from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.procedures import REMOVAL_PROCEDURE
from queue_registry.models.queue_entry import QueueEntry
from queue_registry.rules.reasons import RemovalGround


class RemovalCase(models.Model):
    """
    The procedure that may end in removal: ground, evidence, notice, term for objections, hearing, decision.

    Nobody is removed without one, by any role: the database refuses DEREGISTERED without a decided case.
    """

    class Outcome(models.TextChoices):
        REMOVED = "REMOVED"
        DROPPED = "DROPPED"

    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="removal_cases")
    ground = models.CharField(max_length=30)
    evidence = models.TextField()
    evidence_source = models.CharField(max_length=30, blank=True)
    evidence_as_of = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    proposed_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True)
    # The last day for objections, and the first on which a decision may be taken (APC).
    objections_until = models.DateField(null=True)
    decision_from = models.DateField(null=True)
    objection = models.TextField(blank=True)
    objected_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    hearing = models.TextField(blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True, help_text="Why it was decided so, with the document.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("entry",),
                condition=Q(decided_at__isnull=True),
                name="one_open_removal_case_per_entry",
            ),
            models.CheckConstraint(
                condition=Q(ground__in=list(RemovalGround)), name="removal_case_ground_is_lawful"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, outcome="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="")),
                name="removal_case_decided_at_by_and_outcome_together",
            ),
            models.CheckConstraint(
                condition=Q(
                    notified_at__isnull=True, objections_until__isnull=True, decision_from__isnull=True
                )
                | Q(notified_at__isnull=False, objections_until__isnull=False, decision_from__isnull=False),
                name="removal_case_notice_and_terms_together",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="REMOVED") | Q(notified_at__isnull=False),
                name="removal_case_removed_only_after_notice",
            ),
            models.CheckConstraint(
                condition=Q(objected_at__isnull=True, objection="")
                | (Q(objected_at__isnull=False) & ~Q(objection="")),
                name="removal_case_objection_and_moment_together",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True)
                | Q(decided_by__isnull=True)
                | ~Q(decided_by=F("proposed_by")),
                name="removal_case_decided_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(decision_from__isnull=True) | Q(decision_from__gt=F("objections_until")),
                name="removal_case_decision_after_objections",
            ),
            models.CheckConstraint(
                condition=(Q(notified_at__isnull=True) | Q(notified_at__gte=F("proposed_at")))
                & (Q(decided_at__isnull=True) | Q(decided_at__gte=F("proposed_at"))),
                name="removal_case_moments_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="REMOVED") | Q(objected_at__isnull=True) | Q(heard_at__isnull=False),
                name="removal_case_objection_heard_before_removal",
            ),
        )
        triggers = (REMOVAL_PROCEDURE,)

    def __str__(self) -> str:
        return f"{self.ground} against {self.entry_id}"
