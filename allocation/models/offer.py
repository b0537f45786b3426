from django.conf import settings
from django.db import models
from django.db.models import Q

from allocation.models.dwelling import Dwelling
from allocation.models.run import AllocationRun
from queue_registry.models import Application, QueueEntry
from queue_registry.models.protection import NEVER_DELETED

_OPEN = Q(state="OPEN")


class Offer(models.Model):
    """
    A dwelling offered to an entry; answered by the citizen within the policy's working days, or expired.

    `application` repeats the entry's, so that the database sees that no household holds two live offers.
    """

    class State(models.TextChoices):
        OPEN = "OPEN"
        ACCEPTED = "ACCEPTED"
        REFUSED = "REFUSED"
        EXPIRED = "EXPIRED"
        WITHDRAWN = "WITHDRAWN"

    class Channel(models.TextChoices):
        """How the household answered: on its own page with a one-time code, or on paper at a clerk's desk."""

        CITIZEN = "CITIZEN"
        CLERK = "CLERK"

    run = models.ForeignKey(AllocationRun, on_delete=models.PROTECT, related_name="offers")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="offers")
    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="offers")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="offers")
    # 0: the entry that the run served; 1-3: called from the reserve.
    call = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField()
    # Last working day on which an answer is in time.
    answer_by = models.DateField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Of an accepted home: since when the household does not live there any more, and it can be given again.
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60, blank=True)
    # The household says that the home does not fit it; until a second person has looked, the refusal counts
    # for nothing.
    unfit_claimed = models.BooleanField(default=False)
    unfit_looked_at = models.DateTimeField(null=True)
    unfit_looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # It does not fit indeed: the refusal does not count as one of a fitting home.
    is_unfit = models.BooleanField(default=False)
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    # The household was invited to sign the contract on an accepted home, until this day.
    sign_by = models.DateField(null=True)
    invited_at = models.DateTimeField(null=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The scan of a paper answer, in the file of the household.
    scan = models.ForeignKey(
        "queue_registry.ApplicationDocument", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("dwelling",), condition=_OPEN, name="one_open_offer_per_dwelling"
            ),
            models.UniqueConstraint(fields=("entry",), condition=_OPEN, name="one_open_offer_per_entry"),
            models.UniqueConstraint(
                fields=("application",), condition=_OPEN, name="one_open_offer_per_household"
            ),
            models.UniqueConstraint(
                fields=("dwelling",),
                condition=Q(state="ACCEPTED", ended_at__isnull=True),
                name="one_accepted_offer_per_dwelling",
            ),
            models.UniqueConstraint(
                fields=("run", "entry", "dwelling"), name="dwelling_offered_once_to_an_entry"
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", answered_at__isnull=True) | (~_OPEN & Q(answered_at__isnull=False)),
                name="offer_answered_at_unless_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("OPEN", "ACCEPTED", "REFUSED", "EXPIRED", "WITHDRAWN")),
                name="offer_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=("", "CITIZEN", "CLERK")), name="offer_channel_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~_OPEN, name="offer_ended_only_if_answered"
            ),
            models.CheckConstraint(
                condition=Q(is_unfit=False, unfit_claimed=False) | Q(state="REFUSED"),
                name="offer_unfit_only_if_refused",
            ),
            models.CheckConstraint(
                condition=Q(is_unfit=False) | Q(unfit_claimed=True, unfit_looked_at__isnull=False),
                name="offer_unfit_after_a_second_look",
            ),
            models.CheckConstraint(
                condition=Q(unfit_looked_at__isnull=True, unfit_looked_by__isnull=True)
                | Q(unfit_looked_at__isnull=False, unfit_looked_by__isnull=False, unfit_claimed=True),
                name="offer_unfit_looked_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(sign_by=None, invited_at=None, invited_by=None)
                | Q(
                    sign_by__isnull=False,
                    invited_at__isnull=False,
                    invited_by__isnull=False,
                    state__in=("ACCEPTED", "WITHDRAWN"),
                ),
                name="offer_invitation_all_or_nothing",
            ),
        )
        triggers = (NEVER_DELETED,)

    def __str__(self) -> str:
        return f"{self.dwelling_id} to {self.entry_id}"
