from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.list_seal import ListSeal
from queue_registry.models.protection import APPEND_ONLY, KEPT_FOR_EVER


class GateEvent(models.Model):
    """
    The gate to automatic distribution of an akimat is opened, or closed again; the newest one counts.

    Opening takes two people and a seal, and keeps the criteria as they were; closing takes one and a reason.
    """

    class Kind(models.TextChoices):
        """What happened to the gate."""

        OPENED = "OPENED"
        CLOSED = "CLOSED"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="gate_events")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    seal = models.ForeignKey(ListSeal, on_delete=models.PROTECT, null=True, related_name="+")
    criteria = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=(
                    Q(kind="OPENED", approved_by__isnull=False, seal__isnull=False)
                    & ~Q(approved_by=F("proposed_by"))
                )
                | (Q(kind="CLOSED") & ~Q(reason="")),
                name="gate_opened_by_two_people_with_a_seal",
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"gate of {self.akimat_id}: {self.kind}"


class GateProposal(models.Model):
    """Somebody proposes to open the gate; another person opens it, or it is dropped."""

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="gate_proposals")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    seal = models.ForeignKey(ListSeal, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("akimat",),
                condition=Q(closed_at__isnull=True),
                name="one_open_gate_proposal_per_akimat",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"proposal to open the gate of {self.akimat_id}"
