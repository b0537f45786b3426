"""
Changes of an entry that are no move: its list, its registration moment, its applicant. Its place follows from
them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from queue_registry.models import (
    Application,
    QueueEntry,
    QueueEntryEvent,
    RegistrationChange,
    Succession,
    User,
    WaitingList,
)
from queue_registry.rules.reasons import EntryGround
from queue_registry.rules.statuses import UNDECIDED, QueueEntryStatus
from queue_registry.services import audit
from queue_registry.services.entry_records import event_of, write
from queue_registry.services.queue_entries import lock_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What the source documents of digitization say of an entry: its list, its registration moment."""

    waiting_list: WaitingList
    registered_at: datetime
    time_known: bool
    provisional: bool


@transaction.atomic
def settle(*, entry_id: int, settled: Settled, by: User | None, at: datetime, document: str) -> QueueEntry:
    """
    Set an entry's list and moment by the source documents of digitization: the typed ground for which one
    person brings the document and another confirms it.

    Each of the two that changes leaves its event; the trail has one record of the act.

    :raises NotByDigitization: if a home is offered or was provided, or the entry is removed.
    """
    entry = lock_entry(entry_id)
    if QueueEntryStatus(entry.status) not in UNDECIDED:
        raise NotByDigitization(f"The entry is {entry.status}.")
    was = {"list": entry.waiting_list.number, "registered_at": entry.registered_at.isoformat()}
    left_list = entry.waiting_list
    kinds = [
        kind
        for kind, differs in (
            (QueueEntryEvent.Kind.LIST_CHANGED, entry.waiting_list != settled.waiting_list),
            (QueueEntryEvent.Kind.REGISTERED_AT_CHANGED, entry.registered_at != settled.registered_at),
        )
        if differs
    ]
    entry.waiting_list, entry.registered_at = settled.waiting_list, settled.registered_at
    entry.time_known, entry.provisional = settled.time_known, settled.provisional
    # First the trail: the counters change under its head.
    audit.record(
        akimat=entry.akimat,
        by=by or audit.SYSTEM,
        at=at,
        event="queue_entry.settled",
        target=f"queue_entry:{entry.pk}",
        was=was,
        list=entry.waiting_list.number,
        registered_at=entry.registered_at.isoformat(),
        provisional=entry.provisional,
        ground=EntryGround.DIGITIZATION,
        document=document,
    )
    entry.save(update_fields=["waiting_list", "registered_at", "time_known", "provisional"])
    for kind in kinds:
        event_of(
            entry,
            kind,
            by=by,
            at=at,
            moved_from=entry.status,
            ground=EntryGround.DIGITIZATION,
            document=document,
            left_list=left_list,
        ).save()
    return entry


class NotByDigitization(Exception):
    """What the commission decided on, or was removed, is not changed by a file of an old list."""


@transaction.atomic
def change_registered_at(*, change: RegistrationChange, by: User, at: datetime) -> QueueEntry:
    """Set an entry's registration moment by an approved change; the entry's place follows from it."""
    entry = lock_entry(change.entry_id)
    was = entry.registered_at
    entry.registered_at, entry.time_known, entry.provisional = change.registered_at, change.time_known, False
    _change(
        entry,
        QueueEntryEvent.Kind.REGISTERED_AT_CHANGED,
        by=by,
        at=at,
        ground=change.ground,
        document=change.document,
        was=was.isoformat(),
        registered_at=entry.registered_at.isoformat(),
        registration_change=change.pk,
    )
    return entry


@transaction.atomic
def change_list(
    *, entry_id: int, waiting_list: WaitingList, by: User, at: datetime, ground: str, document: str
) -> QueueEntry:
    """Let an entry stand on another list of its akimat, with its registration moment."""
    entry = lock_entry(entry_id)
    left_list, entry.waiting_list = entry.waiting_list, waiting_list
    _change(
        entry,
        QueueEntryEvent.Kind.LIST_CHANGED,
        by=by,
        at=at,
        ground=ground,
        document=document,
        left_list=left_list,
        was=left_list.number,
        list=waiting_list.number,
    )
    return entry


@transaction.atomic
def pass_on(*, application: Application, succession: Succession, by: User, at: datetime) -> list[QueueEntry]:
    """
    Let the entries of an application, whatever became of them, follow its new applicant; the caller holds
    their locks.
    """
    return follow(
        application=application,
        applicant_id=succession.successor_id,
        ground=succession.ground,
        document=succession.document,
        by=by,
        at=at,
        succession=succession.pk,
    )


@transaction.atomic
def follow(
    *,
    application: Application,
    applicant_id: int,
    ground: str,
    document: str,
    by: User,
    at: datetime,
    **data: Any,
) -> list[QueueEntry]:
    """
    Let the entries of an application bear the applicant that it has now, another or the same under another
    row; the caller holds their locks.
    """
    entries = [lock_entry(key) for key in application.entries.order_by("pk").values_list("pk", flat=True)]
    for entry in entries:
        entry.applicant_id = applicant_id
        _change(
            entry,
            QueueEntryEvent.Kind.APPLICANT_CHANGED,
            by=by,
            at=at,
            ground=ground,
            document=document,
            **data,
        )
    return entries


def _change(
    entry: QueueEntry,
    kind: QueueEntryEvent.Kind,
    *,
    by: User,
    at: datetime,
    ground: str,
    document: str,
    left_list: WaitingList | None = None,
    **data: Any,
) -> None:
    """Write a change that is no move, with its event and its record."""
    act = audit.Act(
        event=f"queue_entry.{kind.lower()}",
        target=f"queue_entry:{entry.pk}",
        data={"file_number": entry.file_number, "ground": ground, "document": document, **data},
    )
    write(
        entry,
        kind,
        act,
        by=by,
        at=at,
        moved_from=entry.status,
        ground=ground,
        document=document,
        left_list=left_list,
    )
