from django.conf import settings
from django.db import models
from django.db.models import Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.household import Person


class Application(models.Model):
    """
    A request to be put on the list, filed once; its file number never changes and is never used again.

    An application without an entry stands in the waiting file: it has a number and no place.
    `applicant` is empty while nobody could tell who it is (no IIN, a wrong one, another person's).
    """

    class Status(models.TextChoices):
        """PENDING: filed and not decided yet. What came by an old list was accepted long ago."""

        PENDING = "PENDING"
        ACCEPTED = "ACCEPTED"
        REFUSED = "REFUSED"
        WITHDRAWN = "WITHDRAWN"

    class Origin(models.TextChoices):
        IMPORT = "IMPORT"
        DESK = "DESK"
        PORTAL = "PORTAL"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="applications")
    running_number = models.PositiveIntegerField()
    file_number = models.CharField(max_length=16, unique=True)
    applicant = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="applications"
    )
    applicant_name = models.CharField(max_length=400, blank=True, help_text="As the first record wrote it.")
    origin = models.CharField(max_length=10, choices=Origin)
    # Another application turned out to be the same household's; its number leads there, and stays taken.
    joined_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="joined"
    )
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.ACCEPTED)
    # When all documents were there, by the server's clock: the registration moment once it is accepted.
    complete_at = models.DateTimeField(null=True)
    decide_by = models.DateField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)
    refusal_ground = models.CharField(max_length=30, blank=True)
    decision = models.TextField(blank=True)
    claims = models.JSONField(default=list, help_text="Lists and categories as filed; see Intake.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=["PENDING", "ACCEPTED", "REFUSED", "WITHDRAWN"]),
                name="application_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="PENDING")
                | Q(complete_at__isnull=False, decide_by__isnull=False, decided_at__isnull=True),
                name="application_pending_has_moment_and_deadline",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="application_decided_at_and_by_together",
            ),
            models.CheckConstraint(
                condition=Q(status="REFUSED", decided_at__isnull=False) & ~Q(refusal_ground="")
                | (~Q(status="REFUSED") & Q(refusal_ground="")),
                name="application_refused_with_ground",
            ),
            models.UniqueConstraint(
                fields=("akimat", "running_number"), name="one_application_per_running_number"
            ),
        )

    def __str__(self) -> str:
        return self.file_number
