import pgtrigger
from django.conf import settings
from django.db import models

from queue_registry.models.queue_entry import QueueEntry

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class QueueEntryEvent(models.Model):
    """
    One move of an entry, or a change of its registration moment or list; append-only.

    `holds_from` is when it is true of the queue, `recorded_at` when it was written: together they answer
    both "as known on that day" and "as corrected since".
    """

    class Kind(models.TextChoices):
        REGISTERED = "REGISTERED"
        MOVED = "MOVED"
        REGISTERED_AT_CHANGED = "REGISTERED_AT_CHANGED"
        LIST_CHANGED = "LIST_CHANGED"

    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=25, choices=Kind)
    moved_from = models.CharField(max_length=15, blank=True)
    moved_to = models.CharField(max_length=15)
    registered_at = models.DateTimeField(help_text="The registration moment after this event.")
    list_number = models.CharField(max_length=1, help_text="The list after this event.")
    holds_from = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    ground = models.CharField(max_length=60, blank=True)
    document = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (models.Index(fields=("entry", "recorded_at"), name="queue_entry_event_of_entry"),)
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.kind} of {self.entry_id}"
