from django.conf import settings
from django.db import models
from django.db.models import Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.application import Application
from queue_registry.models.household import Person


class Intake(models.Model):
    """
    What a clerk has put together of an application that is not filed yet.

    It has no file number and no moment: both come when all documents are there and it is filed. `claims` says
    on which lists the household has grounds: [{"list": "4", "category": "disability"}]; `members` whom it
    names: [{"person": 17, "relation": "SPOUSE"}].
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="intakes")
    applicant = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="intakes")
    claims = models.JSONField(default=list)
    members = models.JSONField(default=list)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    # Grows with every change: the second of two clerks on one intake is told.
    version = models.PositiveIntegerField(default=1)
    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, null=True, related_name="intake"
    )
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("akimat", "applicant"),
                condition=Q(application__isnull=True, dropped_at__isnull=True),
                name="one_open_intake_per_applicant",
            ),
            models.CheckConstraint(
                condition=Q(application__isnull=True) | Q(dropped_at__isnull=True),
                name="intake_filed_or_dropped",
            ),
        )

    def __str__(self) -> str:
        return f"intake {self.pk}"


class ApplicationDocument(models.Model):
    """A document of an application: what it is, and its scan, kept outside the web root; never deleted."""

    class Kind(models.TextChoices):
        APPLICATION = "APPLICATION"
        IDENTITY = "IDENTITY"
        FAMILY = "FAMILY"
        CATEGORY = "CATEGORY"
        RESIDENCE = "RESIDENCE"
        DECISION = "DECISION"
        OTHER = "OTHER"

    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, null=True, related_name="documents")
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, related_name="documents"
    )
    kind = models.CharField(max_length=15, choices=Kind)
    title = models.CharField(max_length=200)
    file = models.FileField(upload_to="documents/%Y/%m", blank=True, max_length=200)
    sha256 = models.CharField(max_length=64, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(intake__isnull=False) | Q(application__isnull=False),
                name="application_document_belongs_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(file="", sha256="") | (~Q(file="") & ~Q(sha256="")),
                name="application_document_file_with_digest",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.title}"
