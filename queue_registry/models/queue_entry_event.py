from django.conf import settings
from django.db import models
from django.db.models import Q

from queue_registry.models.protection import APPEND_ONLY
from queue_registry.models.queue_entry import QueueEntry
from queue_registry.models.waiting_list import WaitingList


class QueueEntryEvent(models.Model):
    """
    One move of an entry, or a change of its registration moment, list or applicant; append-only.

    `holds_from` is when it is true of the queue, `recorded_at` when it was written: together they answer
    both "as known on that day" and "as corrected since". The database lets no transaction commit in which an
    entry does not stand as its newest event says, or an event has no record (`docs/audit.md`).
    """

    class Kind(models.TextChoices):
        REGISTERED = "REGISTERED"
        MOVED = "MOVED"
        REGISTERED_AT_CHANGED = "REGISTERED_AT_CHANGED"
        LIST_CHANGED = "LIST_CHANGED"
        APPLICANT_CHANGED = "APPLICANT_CHANGED"

    entry = models.ForeignKey(QueueEntry, on_delete=models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(max_length=25, choices=Kind)
    moved_from = models.CharField(max_length=15, blank=True)
    moved_to = models.CharField(max_length=15)
    registered_at = models.DateTimeField(help_text="The registration moment after this event.")
    list_number = models.CharField(max_length=1, help_text="The list after this event.")
    waiting_list = models.ForeignKey(
        WaitingList,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        # Held without a look at every move: no event comes in on a list that is not there (its record would
        # be of no akimat), and a list stays while an entry stands on it or an event tells that one left it.
        db_constraint=False,
        help_text="The same list, with its akimat.",
    )
    left_list = models.ForeignKey(
        WaitingList,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Where it stood before.",
    )
    holds_from = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        # Held without a look at every move: its record names who acts, and nobody of staff is ever deleted.
        db_constraint=False,
    )
    ground = models.CharField(max_length=60, blank=True)
    document = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="LIST_CHANGED", left_list__isnull=False)
                | (~Q(kind="LIST_CHANGED") & Q(left_list__isnull=True)),
                name="queue_entry_event_left_a_list_if_it_changed",
            ),
        )
        indexes = (
            models.Index(fields=("entry", "recorded_at", "id"), name="queue_entry_event_of_entry"),
            # Who was reinstated after a removal: few, so that a removal's case is looked at in no time.
            models.Index(
                fields=("entry", "recorded_at"),
                condition=Q(moved_from="DEREGISTERED"),
                name="queue_entry_event_reinstated",
            ),
            # Everything that ever happened on a list, in its order; and who left it.
            models.Index(fields=("waiting_list", "recorded_at"), name="queue_entry_event_on_list"),
            # Who got a home from a list, and when: few among all that happened on it, counted from the index.
            models.Index(
                fields=("waiting_list", "recorded_at"),
                include=("entry", "registered_at", "id", "ground"),
                condition=Q(kind="MOVED", moved_to="HOUSED"),
                name="queue_entry_event_housed",
            ),
            # Whose home was taken back: hardly anybody.
            models.Index(
                fields=("entry",), condition=Q(moved_from="HOUSED"), name="queue_entry_event_home_lost"
            ),
            models.Index(
                fields=("left_list", "recorded_at"),
                condition=Q(left_list__isnull=False),
                name="queue_entry_event_off_list",
            ),
        )
        triggers = (APPEND_ONLY,)

    def __str__(self) -> str:
        return f"{self.kind} of {self.entry_id}"
