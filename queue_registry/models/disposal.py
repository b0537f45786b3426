from django.db import models
from django.db.models import Q

from queue_registry.models.protection import APPEND_ONLY


class Disposal(models.Model):
    """How much of what was removed or blanked because its time was over, in one go; append-only."""

    class Kind(models.TextChoices):
        """What has a term of its own in this installation."""

        SESSIONS = "SESSIONS"
        SIGN_IN_RECORDS = "SIGN_IN_RECORDS"
        ONE_TIME_CODES = "ONE_TIME_CODES"
        STRAY_FILES = "STRAY_FILES"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.CharField(max_length=150, help_text="The name of a task, or of whoever ran the command.")
    before = models.DateTimeField(help_text="What was over by this moment.")
    rows = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["SESSIONS", "SIGN_IN_RECORDS", "ONE_TIME_CODES", "STRAY_FILES"]),
                name="disposal_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(by=""), name="disposal_has_somebody"),
            models.CheckConstraint(condition=Q(rows__gt=0), name="disposal_is_of_something"),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.kind}: {self.rows} by {self.by}"
