import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.protection import NEVER_DELETED


class RecoveryCode(models.Model):
    """
    A code on paper that lets somebody of staff in once without the telephone; kept as a keyed digest only.

    Codes of before are ended, not deleted, when a telephone is tied anew or untied.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "digest"), name="one_recovery_code_per_digest"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(ended_at__isnull=True),
                name="recovery_code_used_or_ended",
            ),
        )

    def __str__(self) -> str:
        return f"of {self.user_id}, made {self.made_at}"


class SecondFactorReset(models.Model):
    """A telephone is to be untied from a sign-in: one person proposes it, another does it or drops it."""

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="second_factor_resets")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="second_factor_resets"
    )
    reason = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    is_carried_out = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, is_carried_out__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False, is_carried_out__isnull=False),
                name="second_factor_reset_decided_at_by_and_how_together",
            ),
            # Dropping needs nobody else: it changes nothing.
            models.CheckConstraint(
                condition=Q(is_carried_out__isnull=True)
                | Q(is_carried_out=False)
                | ~Q(decided_by=F("proposed_by")),
                name="second_factor_reset_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("user")) & (Q(decided_by__isnull=True) | ~Q(decided_by=F("user"))),
                name="second_factor_reset_not_of_oneself",
            ),
            models.UniqueConstraint(
                fields=("user",),
                condition=Q(decided_at__isnull=True),
                name="one_open_second_factor_reset_per_user",
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
        return f"of {self.user_id}, proposed {self.proposed_at}"
