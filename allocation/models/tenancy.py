import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from allocation.models.offer import Offer
from allocation.models.round import RoundDocument
from allocation.models.sitting import Sitting
from queue_registry.models import Akimat
from queue_registry.models.protection import APPEND_ONLY, NEVER_DELETED

_USER = settings.AUTH_USER_MODEL


class AkimatDecision(models.Model):
    """The akimat's own decision, which cites the protocol and is published in its term. Law art 77, 78."""

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="decisions")
    sitting = models.OneToOneField(Sitting, on_delete=models.PROTECT, related_name="akimat_decision")
    number = models.CharField(max_length=40, help_text="The number of the act, as it stands on it.")
    decided_on = models.DateField()
    document = models.OneToOneField(RoundDocument, on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    # The last working day on which those housed may be published in time.
    publish_by = models.DateField()
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat", "number"), name="one_akimat_decision_per_number"),
            models.CheckConstraint(condition=~Q(number=""), name="akimat_decision_has_a_number"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="akimat_decision_published_at_and_by_together",
            ),
        )
        triggers = (
            NEVER_DELETED,
            pgtrigger.ReadOnly(
                name="akimat_decision_as_entered",
                fields=["akimat", "sitting", "number", "decided_on", "document", "entered_by", "entered_at"],
            ),
        )

    def __str__(self) -> str:
        return self.number


class Tenancy(models.Model):
    """
    The written contract on an accepted home (Law art 80), the act of its keys, and its annulment (art 82).

    Of a loan place it is the referral to the bank, and the act is the bank's contract.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="tenancies")
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="tenancy")
    akimat_decision = models.ForeignKey(AkimatDecision, on_delete=models.PROTECT, related_name="tenancies")
    number = models.CharField(max_length=20, help_text="Year and running number in the akimat: D-2026-1.")
    concluded_on = models.DateField()
    concluded_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    concluded_at = models.DateTimeField()
    keys_on = models.DateField(null=True)
    keys_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    keys_at = models.DateTimeField(null=True)
    keys_document = models.CharField(max_length=300, blank=True)
    annulled_at = models.DateTimeField(null=True)
    annulled_on = models.DateField(null=True)
    annulled_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    annulled_ground = models.CharField(max_length=30, blank=True)
    annulled_document = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat", "number"), name="one_tenancy_per_number"),
            models.CheckConstraint(
                condition=Q(keys_on=None, keys_by=None, keys_at=None, keys_document="")
                | (
                    Q(keys_on__isnull=False, keys_by__isnull=False, keys_at__isnull=False)
                    & ~Q(keys_document="")
                ),
                name="tenancy_keys_all_or_nothing",
            ),
            models.CheckConstraint(
                condition=Q(
                    annulled_at=None,
                    annulled_on=None,
                    annulled_by=None,
                    annulled_ground="",
                    annulled_document="",
                )
                | (
                    Q(annulled_at__isnull=False, annulled_on__isnull=False, annulled_by__isnull=False)
                    & ~Q(annulled_ground="")
                    & ~Q(annulled_document="")
                ),
                name="tenancy_annulment_all_or_nothing",
            ),
        )
        triggers = (NEVER_DELETED,)

    def __str__(self) -> str:
        return self.number


class TenancyPaper(models.Model):
    """The contract as a PDF in one language; made again it has the same bytes. Append-only."""

    tenancy = models.ForeignKey(Tenancy, on_delete=models.PROTECT, related_name="papers")
    language = models.CharField(max_length=2)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenancy", "language"), name="one_paper_per_tenancy_and_language"
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.language} of {self.tenancy_id}"
