from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.protection import KEPT_FOR_EVER


class MatchGroup(models.Model):
    """
    Applications that may be of one person, proposed with reasons, never joined silently.

    `members` are the keys of the applications in order. Decided SAME or DIFFERENT it stays so; a new member
    makes a new group, which supersedes it. An open one that a search does not find any more is gone.
    """

    class Outcome(models.TextChoices):
        """How a group was decided."""

        SAME = "SAME"
        DIFFERENT = "DIFFERENT"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="match_groups")
    members = models.JSONField()
    # Figures and codes per pair: which likeness of names, birth dates, families.
    reasons = models.JSONField()
    proposed_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    document = models.CharField(max_length=300, blank=True)
    scan = models.ForeignKey(
        "queue_registry.ApplicationDocument", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("akimat", "members"),
                condition=Q(superseded_by__isnull=True, gone_at__isnull=True),
                name="one_current_match_group_per_members",
            ),
            models.CheckConstraint(
                condition=Q(gone_at__isnull=True) | Q(superseded_by__isnull=True),
                name="match_group_gone_or_superseded",
            ),
            models.CheckConstraint(
                condition=~Q(superseded_by=F("pk")), name="match_group_superseded_by_another"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_by__isnull=True, decided_at__isnull=True)
                | (
                    Q(outcome__in=["SAME", "DIFFERENT"], decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(document="")
                ),
                name="match_group_decided_by_somebody_with_a_document",
            ),
            models.CheckConstraint(
                condition=Q(scan__isnull=True) | ~Q(outcome=""), name="match_group_scan_is_of_a_decision"
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"match group {self.pk}: {self.outcome or 'open'}"

    @property
    def is_open(self) -> bool:
        """Whether a person has to decide on it."""
        return not self.outcome and self.superseded_by_id is None and self.gone_at is None
