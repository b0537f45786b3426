from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.protection import APPEND_ONLY, KEPT_FOR_EVER
from queue_registry.models.queue_entry import QueueEntry


class VerificationSample(models.Model):
    """
    Entries drawn by a published seed to be compared with their paper files: anybody can draw the same again.

    The seed follows from the head of the trail that was sealed for the day before the draw (`TrailSeal`); an
    older sample, of which a person typed the seed, has no head. `population` and `population_sha256` say of
    which entries it was drawn (file numbers in order).
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="verification_samples")
    seed = models.CharField(max_length=64)
    head_on = models.DateField(null=True, help_text="The day whose sealed head the seed is made of.")
    head_sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField()
    population = models.PositiveIntegerField()
    population_sha256 = models.CharField(max_length=64)
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(size__gte=1) & Q(size__lte=F("population")), name="sample_is_of_its_population"
            ),
            models.CheckConstraint(
                condition=Q(head_on__isnull=True, head_sha256="")
                | (Q(head_on__isnull=False) & ~Q(head_sha256="")),
                name="sample_names_its_head_with_the_day",
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"sample {self.pk} of {self.akimat_id}"


class SampledEntry(models.Model):
    """One entry of a sample, and what the comparison with its paper file came to."""

    class Result(models.TextChoices):
        """What a comparison came to."""

        AGREES = "AGREES"
        DIFFERS = "DIFFERS"

    sample = models.ForeignKey(VerificationSample, on_delete=models.PROTECT, related_name="sampled")
    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    result = models.CharField(max_length=10, choices=Result, blank=True)
    # Codes of what differs: MOMENT, LIST, FAMILY, IDENTITY, NO_FILE.
    differs = models.JSONField(default=list)
    note = models.CharField(max_length=500, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sample", "entry"), name="one_place_in_a_sample_per_entry"),
            models.CheckConstraint(
                condition=Q(result="", checked_by__isnull=True, checked_at__isnull=True)
                | Q(result__in=["AGREES", "DIFFERS"], checked_by__isnull=False, checked_at__isnull=False),
                name="sampled_entry_checked_by_somebody",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"entry {self.entry_id} of sample {self.sample_id}: {self.result or 'open'}"
