import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.application import Application
from queue_registry.models.protection import NEVER_DELETED


class Erasure(models.Model):
    """
    What is no longer needed of a closed case is blanked: proposed by one person, carried out by another.

    `erased` says what was blanked: counts, and the digests of scans, so that a paper can still be told to be
    the one that was there. The trail has the same and is not touched: it never held a name.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="erasures")
    document = models.CharField(max_length=200, help_text="The request or decision that it rests on.")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    erased = models.JSONField(null=True, help_text="Empty if it was dropped.")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(document=""), name="erasure_rests_on_a_document"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, erased__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="erasure_decided_at_and_by_together",
            ),
            # Dropping needs nobody else: it changes nothing.
            models.CheckConstraint(
                condition=Q(erased__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="erasure_carried_out_by_another_person",
            ),
            models.UniqueConstraint(
                fields=("application",),
                condition=Q(decided_at__isnull=True) | Q(erased__isnull=False),
                name="one_open_or_carried_out_erasure_per_application",
            ),
        )
        triggers = (
            NEVER_DELETED,
            pgtrigger.Protect(
                name="decided_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__decided_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"of {self.application_id}, proposed {self.proposed_at}"
