from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.application import Application
from queue_registry.models.queue_entry import QueueEntry
from queue_registry.models.removal import RemovalCase
from queue_registry.rules.reasons import RegistrationChangeGround, ReviewOutcome, ReviewSource


class Review(models.Model):
    """A citizen or a court contests a decision: a removal, a refusal, a registration moment."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reviews")
    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, null=True, related_name="reviews")
    removal_case = models.ForeignKey(RemovalCase, on_delete=models.PROTECT, null=True, related_name="reviews")
    source = models.CharField(max_length=10)
    claim = models.TextField()
    document = models.CharField(max_length=300)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    opened_at = models.DateTimeField()
    decide_by = models.DateField()
    outcome = models.CharField(max_length=12, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(source__in=list(ReviewSource)), name="review_source_is_known"),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=list(ReviewOutcome)), name="review_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, outcome="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="")),
                name="review_decided_at_by_and_outcome_together",
            ),
        )

    def __str__(self) -> str:
        return f"review {self.pk} of {self.application_id}"


class RegistrationChange(models.Model):
    """
    A change of an entry's registration moment, proposed by one person with a document, approved by another,
    on one of the four grounds that exist.
    """

    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="registration_changes")
    ground = models.CharField(max_length=20)
    registered_at = models.DateTimeField(help_text="The moment as it shall be.")
    time_known = models.BooleanField(default=True)
    document = models.CharField(max_length=300)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ground__in=list(RegistrationChangeGround)),
                name="registration_change_ground_is_lawful",
            ),
            models.CheckConstraint(condition=~Q(document=""), name="registration_change_has_a_document"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False, dropped_at__isnull=True),
                name="registration_change_approved_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="registration_change_approved_by_another_person",
            ),
            models.UniqueConstraint(
                fields=("entry",),
                condition=Q(approved_at__isnull=True, dropped_at__isnull=True),
                name="one_open_registration_change_per_entry",
            ),
        )

    def __str__(self) -> str:
        return f"{self.ground} of {self.entry_id}"


class Succession(models.Model):
    """The place passed from one applicant to another of the co-registered family; append-only."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="successions")
    predecessor = models.ForeignKey("queue_registry.Person", on_delete=models.PROTECT, related_name="+")
    successor = models.ForeignKey("queue_registry.Person", on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=12)
    document = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="succession_to_another_person"
            ),
        )

    def __str__(self) -> str:
        return f"succession in {self.application_id}"
