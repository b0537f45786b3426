from django.conf import settings
from django.db import models
from django.db.models import Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.imports import ImportBatch
from queue_registry.models.protection import KEPT_FOR_EVER
from queue_registry.rules.legacy.codes import Source


class ImportUpload(models.Model):
    """
    A file on its way in: uploaded, its columns looked at and corrected by a person, read in the background.

    `columns` says for each sheet which field each header is; `rows_done` of `rows_total` is the progress.
    """

    class State(models.TextChoices):
        """Where an upload stands."""

        UPLOADED = "UPLOADED"
        WANTED = "WANTED"
        TRYING = "TRYING"
        PUT_IN = "PUT_IN"
        FAILED = "FAILED"
        DROPPED = "DROPPED"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="import_uploads")
    source = models.CharField(max_length=10, choices=[(source, source) for source in Source])
    file = models.FileField(upload_to="imports/%Y/%m", max_length=200)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    consent_document = models.CharField(max_length=300, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    # Code and place of what made it fail; never a cell.
    error = models.JSONField(default=dict)
    # What trying it out in the background found, until its columns are corrected.
    tried = models.JSONField(default=dict)
    batch = models.OneToOneField(ImportBatch, on_delete=models.PROTECT, null=True, related_name="upload")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["UPLOADED", "WANTED", "TRYING", "PUT_IN", "FAILED", "DROPPED"]),
                name="import_upload_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="PUT_IN", batch__isnull=False)
                | (~Q(state="PUT_IN") & Q(batch__isnull=True)),
                name="import_upload_put_in_as_a_batch",
            ),
        )
        triggers = (KEPT_FOR_EVER,)

    def __str__(self) -> str:
        return f"{self.source}: {self.file_name} ({self.state})"
