from django.conf import settings
from django.db import models
from django.db.models import Q

from allocation.models.round import AllocationRound
from queue_registry.models.protection import KEPT_FOR_EVER


class FreezeOrder(models.Model):
    """
    Somebody wants a round frozen; a worker does it. The row is the queue, and stays with what became of it.
    """

    class State(models.TextChoices):
        """Where an order stands."""

        WANTED = "WANTED"
        DONE = "DONE"
        REFUSED = "REFUSED"

    round = models.ForeignKey(AllocationRound, on_delete=models.PROTECT, related_name="freeze_orders")
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WANTED)
    # Why it was not done: {"code": "SOURCES_SILENT", "families": 3, "days": 2}.
    refusal = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("round",), condition=Q(state="WANTED"), name="one_wanted_freeze_order_per_round"
            ),
            models.CheckConstraint(
                condition=Q(state="WANTED", closed_at__isnull=True, refusal={})
                | Q(state="DONE", closed_at__isnull=False, refusal={})
                | (Q(state="REFUSED", closed_at__isnull=False) & ~Q(refusal={})),
                name="freeze_order_closed_or_wanted",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"freeze of {self.round_id} ({self.state})"
