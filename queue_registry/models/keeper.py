import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.protection import APPEND_ONLY, KEPT_FOR_EVER


class QueueKeeper(models.Model):
    """
    Who keeps the queue of an akimat from a day on, and where it is found: a dated setting of two people.

    From that day on this installation only shows the queue, unless it took it over itself (`QueueTakeover`).
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="keepers")
    from_on = models.DateField()
    name_kk = models.CharField(max_length=200)
    name_ru = models.CharField(max_length=200)
    address = models.URLField(max_length=200, help_text="Where the new keeper's public pages are.")
    document = models.CharField(max_length=200, help_text="The act by which the queue is handed over.")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="queue_keeper_approved_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(dropped_by__isnull=True, dropped_at__isnull=True)
                | Q(dropped_by__isnull=False, dropped_at__isnull=False),
                name="queue_keeper_dropped_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="queue_keeper_approved_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(name_kk="") & ~Q(name_ru="") & ~Q(address="") & ~Q(document=""),
                name="queue_keeper_is_named_with_its_act",
            ),
            models.UniqueConstraint(
                fields=("akimat",),
                condition=Q(approved_at__isnull=True, dropped_at__isnull=True),
                name="one_open_queue_keeper_proposal_per_akimat",
            ),
            models.UniqueConstraint(
                fields=("akimat", "from_on"),
                condition=Q(approved_at__isnull=False, dropped_at__isnull=True),
                name="one_queue_keeper_a_day",
            ),
        )
        triggers = (
            KEPT_FOR_EVER,
            pgtrigger.ReadOnly(
                name="queue_keeper_as_proposed",
                fields=[
                    "akimat",
                    "from_on",
                    "name_kk",
                    "name_ru",
                    "address",
                    "document",
                    "proposed_by",
                    "proposed_at",
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.akimat_id}: {self.name_kk} from {self.from_on}"


class QueueTakeover(models.Model):
    """This installation is the keeper's: it took the queue in, from whom, and what exactly; append-only."""

    keeper = models.OneToOneField(QueueKeeper, on_delete=models.PROTECT, related_name="takeover")
    taken_at = models.DateTimeField()
    handed_over_by = models.CharField(max_length=150, help_text="User name in the installation before.")
    manifest_sha256 = models.CharField(max_length=64)
    trail_head = models.CharField(max_length=64, help_text="The head of the trail as it was handed over.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(manifest_sha256__regex=r"^[0-9a-f]{64}$", trail_head__regex=r"^[0-9a-f]{64}$"),
                name="queue_takeover_names_its_digests",
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.keeper_id} took over at {self.taken_at}"
