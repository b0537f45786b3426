from django.db import models
from django.db.models import Q


class DemoClock(models.Model):
    """How far a demo's clock stands from the machine's; a single row, read only where settings say DEMO."""

    offset_seconds = models.BigIntegerField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="one_demo_clock"),)

    def __str__(self) -> str:
        return f"{self.offset_seconds} s"
