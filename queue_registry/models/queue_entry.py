from django.db import models
from django.db.models import Q

from queue_registry.models.akimat import Akimat
from queue_registry.models.application import Application
from queue_registry.models.counting import COUNTED
from queue_registry.models.household import Person
from queue_registry.models.waiting_list import WaitingList
from queue_registry.rules.statuses import ACTIVE, HELD, QueueEntryStatus

_ACTIVE = Q(status__in=sorted(ACTIVE))


class QueueEntryQuerySet(models.QuerySet["QueueEntry"]):
    """Questions about entries, in words of the domain."""

    def active(self) -> "QueueEntryQuerySet":
        """Entries that have a place."""
        return self.filter(_ACTIVE)

    def in_order(self) -> "QueueEntryQuerySet":
        """Order inside a list: registration moment, then file number (art 74(1); ties are ours)."""
        return self.order_by("registered_at", "file_number", "pk")


class QueueEntry(models.Model):
    """
    An application's place-holder on one list; has the registration moment.

    The place is never stored: it is the rank of (registered_at, file_number) among active entries of the
    list. `akimat`, `applicant` and `file_number` repeat the application's, so that constraints and the
    covering index see them; `status` repeats the newest event's and `check_register` proves it.
    """

    akimat = models.ForeignKey(Akimat, on_delete=models.PROTECT, related_name="entries")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="entries")
    applicant = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="entries")
    waiting_list = models.ForeignKey(WaitingList, on_delete=models.PROTECT, related_name="entries")
    file_number = models.CharField(max_length=16)
    registered_at = models.DateTimeField()
    # False: only the day is known, stored as 23:59:59 of it, so it sorts after all timed entries of that day.
    time_known = models.BooleanField(default=True)
    # True: the moment waits for a person's decision (digitisation); the entry takes part with it meanwhile.
    provisional = models.BooleanField(default=False)
    status = models.CharField(max_length=15, default=QueueEntryStatus.WAITING)

    objects = QueueEntryQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=list(QueueEntryStatus)), name="queue_entry_status_is_known"
            ),
            models.UniqueConstraint(
                fields=("waiting_list", "applicant"),
                condition=_ACTIVE,
                name="one_live_queue_entry_per_person_and_list",
            ),
            models.UniqueConstraint(
                fields=("waiting_list", "application"), name="one_queue_entry_per_application_and_list"
            ),
        )
        indexes = (
            models.Index(
                fields=("waiting_list", "registered_at", "file_number"),
                condition=_ACTIVE,
                name="queue_entry_order",
            ),
            models.Index(fields=("akimat", "file_number"), name="queue_entry_file_number"),
        )
        # What every single move pays for are plain triggers of migration 0011, which nobody can tell to stand
        # aside: counters, no removal without a case, no move without its event.
        triggers = COUNTED

    def __str__(self) -> str:
        return f"{self.file_number} on list {self.waiting_list_id}"

    @property
    def is_active(self) -> bool:
        return QueueEntryStatus(self.status) in ACTIVE

    @property
    def is_held(self) -> bool:
        return QueueEntryStatus(self.status) in HELD
