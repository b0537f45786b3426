from django.conf import settings
from django.db import models

from queue_registry.models.akimat import Akimat
from queue_registry.models.household import Person


class Application(models.Model):
    """
    A request to be put on the list, filed once; its file number never changes and is never used again.

    An application without an entry stands in the waiting file: it has a number and no place.
    `applicant` is empty while nobody could tell who it is (no IIN, a wrong one, another person's).
    """

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

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("akimat", "running_number"), name="one_application_per_running_number"
            ),
        )

    def __str__(self) -> str:
        return self.file_number
