from django.db import models
from django.db.models import Q

from queue_registry.models.policy import PolicyVersion
from queue_registry.models.queue_entry import QueueEntry


class Assessment(models.Model):
    """
    The verdict on an entry as last worked out by `rules.need` from facts and policy, kept so that lists
    can be filtered.

    It is a note of a pure function's answer, never the truth: a freeze works it out again.
    """

    class Eligibility(models.TextChoices):
        ELIGIBLE = "ELIGIBLE"
        INELIGIBLE = "INELIGIBLE"
        UNKNOWN = "UNKNOWN"

    entry = models.OneToOneField(QueueEntry, on_delete=models.PROTECT, related_name="assessment")
    eligibility = models.CharField(max_length=10, choices=Eligibility)
    code = models.CharField(max_length=64, blank=True)
    findings = models.JSONField(default=list)
    income_per_member = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    rung = models.CharField(max_length=20, blank=True, help_text="Empty: the income is unknown.")
    flags = models.JSONField(default=list)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    assessed_at = models.DateTimeField()
    # The household was eligible until an answer of this source, of this moment, turned against it.
    turned_by = models.CharField(max_length=30, blank=True)
    turned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(eligibility="ELIGIBLE", code="") | (~Q(eligibility="ELIGIBLE") & ~Q(code="")),
                name="assessment_code_unless_eligible",
            ),
            models.CheckConstraint(
                condition=Q(turned_by="", turned_at__isnull=True)
                | (~Q(turned_by="") & Q(turned_at__isnull=False)),
                name="assessment_turned_by_and_at_together",
            ),
        )
        indexes = (
            models.Index(
                fields=("turned_by", "turned_at"), condition=~Q(turned_by=""), name="assessment_turned"
            ),
        )

    def __str__(self) -> str:
        return f"{self.eligibility} {self.code}"


class AssessmentRequest(models.Model):
    """
    An entry whose facts changed since it was last assessed; the row is the queue and goes when it is done.
    """

    entry = models.OneToOneField(QueueEntry, on_delete=models.CASCADE, primary_key=True)
    requested_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"assess {self.pk}"
