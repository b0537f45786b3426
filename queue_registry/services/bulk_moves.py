"""Moves of many entries of one akimat at once, each with its event and its record."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from queue_registry.models import Akimat, QueueEntry, QueueEntryEvent, User
from queue_registry.rules.reasons import EntryGround
from queue_registry.rules.statuses import QueueEntryStatus, check_move
from queue_registry.services import audit
from queue_registry.services.entry_records import event_of
from queue_registry.services.queue_entries import lock_entries

_BATCH = 2_000


@transaction.atomic
def hold_many(
    *, akimat: Akimat, entry_ids: Iterable[int], by: User, at: datetime, document: str
) -> list[QueueEntry]:
    """
    Take waiting entries of one akimat out of distribution at once, because the paper they rest on was taken
    back; they keep their places. Return those that waited.
    """
    held = [one for one in lock_entries(entry_ids).values() if one.status == QueueEntryStatus.WAITING]
    _move_waiting(
        held,
        QueueEntryStatus.SUSPENDED,
        akimat=akimat,
        by=by,
        at=at,
        ground=EntryGround.DIGITIZATION,
        documents=dict.fromkeys((entry.pk for entry in held), document),
    )
    return held


@transaction.atomic
def mark_offered_many(
    *, akimat: Akimat, documents: Mapping[int, str], by: User | None, at: datetime
) -> list[QueueEntry]:
    """
    The entries of one akimat, by key each with its document, have live offers: a whole round's at once.

    :raises MoveNotAllowed: if one of them does not wait.
    """
    entries = list(lock_entries(documents).values())
    for entry in entries:
        check_move(current=QueueEntryStatus(entry.status), target=QueueEntryStatus.OFFERED)
    _move_waiting(
        entries,
        QueueEntryStatus.OFFERED,
        akimat=akimat,
        by=by,
        at=at,
        ground=EntryGround.OFFER_MADE,
        documents=documents,
    )
    return entries


def _move_waiting(
    entries: Sequence[QueueEntry],
    target: QueueEntryStatus,
    *,
    akimat: Akimat,
    by: User | None,
    at: datetime,
    ground: EntryGround,
    documents: Mapping[int, str],
) -> None:
    """Move many locked entries that wait, each with its event and its record, by a few statements."""
    was = QueueEntryStatus.WAITING
    for entry in entries:
        entry.status = target
    # First the trail: the counters change under its head.
    audit.record_many(
        akimat=akimat,
        by=by or audit.SYSTEM,
        at=at,
        acts=[
            audit.Act(
                event="queue_entry.moved",
                target=f"queue_entry:{entry.pk}",
                data={
                    "moved_from": was,
                    "moved_to": target,
                    "ground": ground,
                    "document": documents[entry.pk],
                },
            )
            for entry in entries
        ],
    )
    QueueEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(status=target)
    QueueEntryEvent.objects.bulk_create(
        (
            event_of(
                entry,
                QueueEntryEvent.Kind.MOVED,
                by=by,
                at=at,
                moved_from=was,
                ground=ground,
                document=documents[entry.pk],
            )
            for entry in entries
        ),
        batch_size=_BATCH,
    )
