from django.db import models
from django.db.models import Q

from queue_registry.models import Akimat


class Dwelling(models.Model):
    """A home to be let, with its state at all times; a person's file never sees it before an offer."""

    class State(models.TextChoices):
        READY = "READY"
        RESERVED = "RESERVED"  # for a round
        OFFERED = "OFFERED"
        ALLOTTED = "ALLOTTED"

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="dwellings")
    number = models.CharField(max_length=40, help_text="Inventory number, unique in the akimat.")
    address_kk = models.CharField(max_length=300)
    address_ru = models.CharField(max_length=300)
    rooms = models.PositiveSmallIntegerField()
    area = models.DecimalField(max_digits=7, decimal_places=2, help_text="Useful area, square meters.")
    floor = models.SmallIntegerField()
    lift = models.BooleanField()
    accessible = models.BooleanField()
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    state_since = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat", "number"), name="one_dwelling_per_number"),
            models.CheckConstraint(condition=Q(rooms__gte=1), name="dwelling_has_a_room"),
            models.CheckConstraint(condition=Q(area__gt=0), name="dwelling_has_an_area"),
            models.CheckConstraint(
                condition=Q(state__in=("READY", "RESERVED", "OFFERED", "ALLOTTED")),
                name="dwelling_state_is_known",
            ),
        )

    def __str__(self) -> str:
        return self.number
