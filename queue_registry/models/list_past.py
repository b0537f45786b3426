from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from queue_registry.models.queue_entry_event import QueueEntryEvent
from queue_registry.models.waiting_list import WaitingList


class ListPast(models.Model):
    """
    Until when the past of a list is summed up: a cache of its events, made anew as a whole, never the truth.

    Entries that changed their list or their moment are not in the sums: their events are few and are read.
    """

    waiting_list = models.OneToOneField(WaitingList, on_delete=models.PROTECT, related_name="past")
    until = models.DateTimeField(help_text="What was recorded before this is in the sums.")
    moved_entries = ArrayField(
        models.BigIntegerField(), help_text="Entries that changed their list or their moment before."
    )

    def __str__(self) -> str:
        return f"{self.waiting_list_id} until {self.until}"


class ListPastSum(models.Model):
    """
    What of one kind happened on a list on one day, or at one moment to many: the keys of those whom it
    happened to, in the order of the list, so that whoever stands behind finds by halving how many they were.
    """

    past = models.ForeignKey(ListPast, on_delete=models.CASCADE, related_name="sums", db_index=False)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    kind = models.CharField(max_length=25, choices=QueueEntryEvent.Kind)
    ground = models.CharField(max_length=60, blank=True)
    moved_to = models.CharField(max_length=15)
    effect = models.SmallIntegerField(help_text="By how much each changes the place of who stands behind.")
    moments = ArrayField(models.DateTimeField())
    file_numbers = ArrayField(models.CharField(max_length=20))
    recorded = ArrayField(
        models.DateTimeField(), help_text="When each was recorded; empty if all were at one moment."
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(first_at=F("last_at")) | ~Q(recorded=[]), name="list_past_sum_knows_its_moments"
            ),
        )
        indexes = (models.Index(fields=("past", "last_at"), name="list_past_sum_since"),)

    def __str__(self) -> str:
        return f"{self.kind} of {len(self.moments)} on {self.first_at}"
