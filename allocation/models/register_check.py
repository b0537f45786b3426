from django.db import models
from django.db.models import Q

from queue_registry.models.protection import APPEND_ONLY


class RegisterCheck(models.Model):
    """
    One look at every invariant of the register, homes and rounds, and what it found; append-only.

    `broken` has every invariant by its code: how many rows break it, 0 where it holds, null where the look
    failed and nobody knows. `heads` are the heads of the trail, which the next look finds again:
    {"271010000": [17, sha256]}.
    """

    at = models.DateTimeField()
    milliseconds = models.PositiveBigIntegerField()
    broken = models.JSONField()
    heads = models.JSONField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(broken={}), name="register_check_looked_at_something"),
        )
        indexes = (models.Index(fields=("-at",), name="register_check_newest"),)
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"check at {self.at}"
