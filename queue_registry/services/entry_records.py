"""
What every change of an entry leaves: the entry as it stands now, its event, its record of the trail, in one
statement.
"""

from datetime import datetime
from typing import Any, Final

from django.db import connection

from queue_registry.models import QueueEntry, QueueEntryEvent, User, WaitingList
from queue_registry.rules.reasons import EntryGround, RegistrationChangeGround
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.services import audit

# A move as most acts make it, in one planned statement: the entry, its event, the record of the trail.
MOVE: Final = f"SELECT queue_registry_move({', '.join(['%s'] * 23)})"


def event_of(
    entry: QueueEntry,
    kind: QueueEntryEvent.Kind,
    *,
    by: User | None,
    at: datetime,
    moved_from: str = "",
    ground: str = "",
    document: str = "",
    left_list: WaitingList | None = None,
) -> QueueEntryEvent:
    """The event of an entry that is already as the act leaves it; not written yet."""
    return QueueEntryEvent(
        entry=entry,
        kind=kind,
        moved_from=moved_from,
        moved_to=entry.status,
        registered_at=entry.registered_at,
        list_number=entry.waiting_list.number,
        waiting_list=entry.waiting_list,
        left_list=left_list if kind is QueueEntryEvent.Kind.LIST_CHANGED else None,
        holds_from=_holds_from(entry, kind, ground=ground, at=at),
        recorded_at=at,
        by=by,
        ground=ground,
        document=document,
    )


def _holds_from(entry: QueueEntry, kind: QueueEntryEvent.Kind, *, ground: str, at: datetime) -> datetime:
    """
    A correction is true of the queue from where the error began: a moment or a list as from the registration,
    a reinstatement as from the removal. Everything else is true from now.
    """
    is_correction = kind is QueueEntryEvent.Kind.REGISTERED_AT_CHANGED or (
        kind is QueueEntryEvent.Kind.LIST_CHANGED and ground == EntryGround.DIGITIZATION
    )
    is_reinstated = kind is QueueEntryEvent.Kind.MOVED and ground == RegistrationChangeGround.REINSTATEMENT
    if not is_correction and not is_reinstated:
        return at
    wrong = entry.events.order_by("-recorded_at", "-pk").values_list("holds_from", flat=True)
    if is_correction:
        return wrong.filter(kind=QueueEntryEvent.Kind.REGISTERED).get()
    return wrong.filter(moved_to=QueueEntryStatus.DEREGISTERED)[0]


def write(
    entry: QueueEntry,
    kind: QueueEntryEvent.Kind,
    act: audit.Act,
    *,
    by: User | None,
    at: datetime,
    moved_from: str,
    ground: str,
    document: str,
    left_list: WaitingList | None = None,
) -> None:
    """Write an entry as an act leaves it, its event and its record; the caller holds its lock."""
    record = audit.single(akimat=entry.akimat, by=by or audit.SYSTEM, at=at, act=act)
    values = move_values(
        entry,
        kind,
        record,
        by=by,
        holds_from=_holds_from(entry, kind, ground=ground, at=at),
        moved_from=moved_from,
        ground=ground,
        document=document,
        left_list=left_list,
    )
    with connection.cursor() as cursor, audit.kept_here(entry.akimat):
        cursor.execute(MOVE, values)


def move_values(
    entry: QueueEntry,
    kind: QueueEntryEvent.Kind,
    record: audit.Single,
    *,
    by: User | None,
    holds_from: datetime,
    moved_from: str,
    ground: str,
    document: str,
    left_list: WaitingList | None = None,
) -> tuple[Any, ...]:
    """What `MOVE` is told: all of the entry that an act may change, its event, its record."""
    return (
        entry.pk,
        str(entry.status),
        entry.registered_at,
        entry.time_known,
        entry.provisional,
        entry.waiting_list_id,
        entry.waiting_list.number,
        entry.applicant_id,
        str(kind),
        str(moved_from),
        left_list.pk if left_list is not None else None,
        holds_from,
        by.pk if by is not None else None,
        str(ground),
        document,
        *record,
    )
