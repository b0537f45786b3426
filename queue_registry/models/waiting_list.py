from django.db import models
from django.db.models import Q

from queue_registry.models.akimat import Akimat
from queue_registry.rules.waiting_lists import ListNumber


class WaitingList(models.Model):
    """One of the six separate lists of art 74(2), kept by one akimat."""

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="waiting_lists")
    number = models.CharField(max_length=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("akimat", "number"), name="one_waiting_list_per_number"),
            models.CheckConstraint(
                condition=Q(number__in=list(ListNumber)), name="waiting_list_number_is_lawful"
            ),
        )

    def __str__(self) -> str:
        return f"{self.akimat_id}/{self.number}"
