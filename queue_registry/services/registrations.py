"""Registration: applications get their entries, each with its first event and its record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from queue_registry.models import Akimat, Application, QueueEntry, QueueEntryEvent, User, WaitingList
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.services import audit
from queue_registry.services.entry_records import event_of

_BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """
    One entry to be made: an application whose applicant is known, a list, the registration moment, the
    document it rests on.
    """

    application: Application
    waiting_list: WaitingList
    registered_at: datetime
    time_known: bool = True
    provisional: bool = False
    document: str = ""


@transaction.atomic
def register_many(
    *,
    akimat: Akimat,
    registrations: Sequence[Registration],
    by: User | None,
    at: datetime,
    ground: str,
) -> list[QueueEntry]:
    """
    Put applications on lists: an entry, its first event and a trail record each (art 74(1) of the Housing
    Law).

    :raises django.db.IntegrityError: if a person already has a live entry on the list.
    """
    entries = QueueEntry.objects.bulk_create(
        [_entry(akimat, item) for item in registrations], batch_size=_BATCH
    )
    documents = [item.document for item in registrations]
    QueueEntryEvent.objects.bulk_create(
        (
            event_of(entry, QueueEntryEvent.Kind.REGISTERED, by=by, at=at, ground=ground, document=document)
            for entry, document in zip(entries, documents, strict=True)
        ),
        batch_size=_BATCH,
    )
    audit.record_many(
        akimat=akimat,
        by=by or audit.SYSTEM,
        at=at,
        acts=[
            audit.Act(
                event="queue_entry.registered",
                target=f"queue_entry:{entry.pk}",
                data={
                    "file_number": entry.file_number,
                    "list": entry.waiting_list.number,
                    "registered_at": entry.registered_at.isoformat(),
                    "provisional": entry.provisional,
                    "ground": ground,
                    "document": document,
                },
            )
            for entry, document in zip(entries, documents, strict=True)
        ],
    )
    return entries


def _entry(akimat: Akimat, item: Registration) -> QueueEntry:
    if item.application.applicant_id is None:
        raise ValueError("Nobody knows whose application it is: it stands in the waiting file.")
    return QueueEntry(
        akimat=akimat,
        application=item.application,
        applicant_id=item.application.applicant_id,
        waiting_list=item.waiting_list,
        file_number=item.application.file_number,
        registered_at=item.registered_at,
        time_known=item.time_known,
        provisional=item.provisional,
        status=QueueEntryStatus.WAITING,
    )
