"""
Every move of a queue entry, checked against the table of moves; the row is locked before the check.

Beside it `bulk_moves` moves many at once, `registrations` makes entries, and `entry_changes` changes what is
no move. Nobody else writes an entry, its events or their trail.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db import transaction

from queue_registry.models import QueueEntry, QueueEntryEvent, RemovalCase, User
from queue_registry.rules.move_refusals import MoveRefusal, require
from queue_registry.rules.reasons import EntryGround, RegistrationChangeGround
from queue_registry.rules.statuses import HELD, MoveNotAllowed, QueueEntryStatus, check_move
from queue_registry.selectors import moves
from queue_registry.services import audit
from queue_registry.services.entry_records import write

_LONGEST_DOCUMENT: Final = 300


@transaction.atomic
def suspend(*, entry_id: int, by: User | None, at: datetime, ground: str, document: str = "") -> QueueEntry:
    """Take an entry out of distribution for a time; it keeps its place. :raises MoveNotAllowed:"""
    return _move(
        entry_id,
        QueueEntryStatus.SUSPENDED,
        only_from={QueueEntryStatus.WAITING},
        by=by,
        at=at,
        ground=ground,
        document=document,
    )


@transaction.atomic
def resume(*, entry_id: int, by: User | None, at: datetime, ground: str, document: str = "") -> QueueEntry:
    """Let an entry that is held wait again. :raises MoveNotAllowed: if it is not held."""
    return _move(
        entry_id,
        QueueEntryStatus.WAITING,
        only_from=HELD,
        by=by,
        at=at,
        ground=ground,
        document=document,
    )


@transaction.atomic
def mark_offered(*, entry_id: int, by: User | None, at: datetime, document: str) -> QueueEntry:
    """The entry has a live offer. :raises MoveNotAllowed: if it does not wait."""
    return _move(
        entry_id, QueueEntryStatus.OFFERED, by=by, at=at, ground=EntryGround.OFFER_MADE, document=document
    )


@transaction.atomic
def return_to_waiting(
    *, entry_id: int, by: User | None, at: datetime, ground: str, document: str = ""
) -> QueueEntry:
    """The offer ended without a home: the entry waits again, at the place of its moment."""
    return _move(
        entry_id,
        QueueEntryStatus.WAITING,
        only_from={QueueEntryStatus.OFFERED},
        by=by,
        at=at,
        ground=ground,
        document=document,
    )


@transaction.atomic
def mark_housed(*, entry_id: int, by: User | None, at: datetime, document: str) -> QueueEntry:
    """The household has the keys of the home that it accepted. :raises MoveNotAllowed: if it held none."""
    return _move(
        entry_id,
        QueueEntryStatus.HOUSED,
        only_from={QueueEntryStatus.OFFERED},
        by=by,
        at=at,
        ground=EntryGround.KEYS_HANDED,
        document=document,
    )


@transaction.atomic
def close_as_housed(*, entry_id: int, by: User | None, at: datetime, document: str) -> QueueEntry:
    """
    The household got its home through another of its entries, so this one ends, too.

    :raises MoveNotAllowed: if it neither waits nor is suspended.
    """
    entry = lock_entry(entry_id)
    if entry.status == QueueEntryStatus.OFFERED:
        raise MoveNotAllowed(QueueEntryStatus.OFFERED, QueueEntryStatus.HOUSED)
    return _move(
        entry_id,
        QueueEntryStatus.HOUSED,
        by=by,
        at=at,
        ground=EntryGround.HOUSED_ON_OTHER_LIST,
        document=document,
    )


@transaction.atomic
def undo_housed(*, entry_id: int, by: User, at: datetime, document: str) -> QueueEntry:
    """
    The contract on the home was annulled: the entry stands again as before, at the moment that it had. What
    had an offer waits; what was closed beside it is again what it was.

    :raises MoveNotAllowed: if the entry is not housed.
    """
    was = (
        QueueEntryEvent.objects.filter(entry=entry_id, moved_to=QueueEntryStatus.HOUSED)
        .order_by("-recorded_at", "-pk")
        .values_list("moved_from", flat=True)
        .first()
    )
    return _move(
        entry_id,
        QueueEntryStatus(was) if was in HELD else QueueEntryStatus.WAITING,
        only_from={QueueEntryStatus.HOUSED},
        by=by,
        at=at,
        ground=EntryGround.TENANCY_ANNULLED,
        document=document,
    )


@transaction.atomic
def deregister(*, case: RemovalCase, by: User, at: datetime) -> QueueEntry:
    """
    Remove an entry by a case that was decided so (art 73); the database asks for the case as well.

    :raises MoveNotAllowed: if a home is offered or was provided.
    """
    if case.outcome != RemovalCase.Outcome.REMOVED:
        raise ValueError("Nobody is removed without a case that was decided so.")
    return _move(
        case.entry_id,
        QueueEntryStatus.DEREGISTERED,
        by=by,
        at=at,
        ground=case.ground,
        document=case.decision[:_LONGEST_DOCUMENT],
    )


@transaction.atomic
def reinstate(*, entry_id: int, by: User, at: datetime, document: str) -> QueueEntry:
    """
    Put a removed entry back on its list, at the moment that it had. :raises MoveNotAllowed: if it is not
    removed.
    """
    return _move(
        entry_id,
        QueueEntryStatus.WAITING,
        only_from={QueueEntryStatus.DEREGISTERED},
        by=by,
        at=at,
        ground=RegistrationChangeGround.REINSTATEMENT,
        document=document,
    )


def lock_entries(entry_ids: Iterable[int]) -> dict[int, QueueEntry]:
    """Lock entries in key order inside the caller's transaction and return them by key."""
    rows = (
        QueueEntry.objects.select_for_update(of=("self",), no_key=True)
        .select_related("waiting_list")
        .filter(pk__in=list(entry_ids))
        .order_by("pk")
    )
    return {entry.pk: entry for entry in rows}


def lock_as_seen(entry_id: int, *, seen: int | None) -> QueueEntry:
    """
    Lock an entry inside the caller's transaction and return it as it is now.

    :param seen: `selectors.moves.version_of` the entry on the page that the act comes from; None: any.
    :raises MoveRefused: CHANGED_MEANWHILE, if something happened to it since: a form sent twice acts once,
        and the second of two clerks is told.
    """
    entry = lock_entry(entry_id)
    require(seen is None or seen == moves.version_of(entry), MoveRefusal.CHANGED_MEANWHILE)
    return entry


def lock_entry(entry_id: int) -> QueueEntry:
    """Lock an entry inside the caller's transaction and return it as it is now."""
    return (
        QueueEntry.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "waiting_list")
        .get(pk=entry_id)
    )


def _move(
    entry_id: int,
    target: QueueEntryStatus,
    *,
    by: User | None,
    at: datetime,
    ground: str,
    document: str = "",
    only_from: Collection[QueueEntryStatus] = frozenset(QueueEntryStatus),
) -> QueueEntry:
    entry = lock_entry(entry_id)
    was = QueueEntryStatus(entry.status)
    if was not in only_from:
        raise MoveNotAllowed(was, target)
    check_move(current=was, target=target)
    entry.status = target
    act = audit.Act(
        event="queue_entry.moved",
        target=f"queue_entry:{entry.pk}",
        data={"moved_from": was, "moved_to": target, "ground": ground, "document": document},
    )
    write(
        entry,
        QueueEntryEvent.Kind.MOVED,
        act,
        by=by,
        at=at,
        moved_from=was,
        ground=ground,
        document=document,
    )
    return entry
