import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.protection import KEPT_FOR_EVER


class CategoryMappingVersion(models.Model):
    """
    One version of an akimat's table from local categories to the six lists, each line with its article; in
    force once two people approved it, until a newer one is.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="category_mappings")
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    approved_at = models.DateTimeField(null=True)
    approved_second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    in_force_at = models.DateTimeField(null=True, help_text="When the second person approved it.")
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_second_by__isnull=True) | ~Q(approved_second_by=F("approved_by")),
                name="category_mapping_approved_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(in_force_at__isnull=True, approved_second_by__isnull=True)
                | Q(in_force_at__isnull=False, approved_second_by__isnull=False, approved_by__isnull=False),
                name="category_mapping_in_force_once_approved",
            ),
        )
        triggers = (
            KEPT_FOR_EVER,
            pgtrigger.ReadOnly(
                name="category_mapping_as_drafted",
                fields=["akimat", "document", "sha256", "drafted_by", "drafted_at"],
            ),
        )

    def __str__(self) -> str:
        return f"category mapping {self.pk} of {self.akimat_id}"
