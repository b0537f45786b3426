"""
Every move of a queue entry. Nobody else writes an entry, its events or their trail.

A move is checked against the table of moves, and the row is locked before the check.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.db import connection, transaction

from queue_registry.models import (
    Akimat,
    Application,
    QueueEntry,
    QueueEntryEvent,
    RegistrationChange,
    RemovalCase,
    Succession,
    User,
    WaitingList,
)
from queue_registry.rules.move_refusals import MoveRefusal, require
from queue_registry.rules.reasons import RegistrationChangeGround
from queue_registry.rules.statuses import HELD, UNDECIDED, MoveNotAllowed, QueueEntryStatus, check_move
from queue_registry.selectors import moves
from queue_registry.services import audit

_BATCH = 2_000
SYSTEM = "system"
_LONGEST_DOCUMENT: Final = 300
# A move as most acts make it, in one planned statement: the entry, its event, the record of the trail.
MOVE: Final = f"SELECT queue_registry_move({', '.join(['%s'] * 23)})"


class Ground(StrEnum):
    """Why an entry moved or changed."""

    APPLICATION = "APPLICATION"
    IMPORT = "IMPORT"
    DIGITIZATION = "DIGITIZATION"
    IIN_CHANGED = "IIN_CHANGED"
    OFFER_MADE = "OFFER_MADE"
    OFFER_ACCEPTED = "OFFER_ACCEPTED"
    KEYS_HANDED = "KEYS_HANDED"
    HOUSED_ON_OTHER_LIST = "HOUSED_ON_OTHER_LIST"
    TENANCY_ANNULLED = "TENANCY_ANNULLED"
    CONTRACT_NOT_SIGNED = "CONTRACT_NOT_SIGNED"


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
            _event(entry, QueueEntryEvent.Kind.REGISTERED, by=by, at=at, ground=ground, document=document)
            for entry, document in zip(entries, documents, strict=True)
        ),
        batch_size=_BATCH,
    )
    audit.record_many(
        akimat=akimat,
        by=by or SYSTEM,
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


def _event(
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
        kind is QueueEntryEvent.Kind.LIST_CHANGED and ground == Ground.DIGITIZATION
    )
    is_reinstated = kind is QueueEntryEvent.Kind.MOVED and ground == RegistrationChangeGround.REINSTATEMENT
    if not is_correction and not is_reinstated:
        return at
    wrong = entry.events.order_by("-recorded_at", "-pk").values_list("holds_from", flat=True)
    if is_correction:
        return wrong.filter(kind=QueueEntryEvent.Kind.REGISTERED).get()
    return wrong.filter(moved_to=QueueEntryStatus.DEREGISTERED)[0]


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
    entry = _locked(entry_id)
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
    entry.save(update_fields=["waiting_list", "registered_at", "time_known", "provisional"])
    for kind in kinds:
        _event(
            entry,
            kind,
            by=by,
            at=at,
            moved_from=entry.status,
            ground=Ground.DIGITIZATION,
            document=document,
            left_list=left_list,
        ).save()
    audit.record(
        akimat=entry.akimat,
        by=by or SYSTEM,
        at=at,
        event="queue_entry.settled",
        target=f"queue_entry:{entry.pk}",
        was=was,
        list=entry.waiting_list.number,
        registered_at=entry.registered_at.isoformat(),
        provisional=entry.provisional,
        ground=Ground.DIGITIZATION,
        document=document,
    )
    return entry


class NotByDigitization(Exception):
    """What the commission decided on, or was removed, is not changed by a file of an old list."""


@transaction.atomic
def suspend(*, entry_id: int, by: User | None, at: datetime, ground: str, document: str = "") -> QueueEntry:
    """Take an entry out of distribution for a time; it keeps its place. :raises MoveNotAllowed:"""
    return _move(
        entry_id,
        QueueEntryStatus.SUSPENDED,
        only_from=QueueEntryStatus.WAITING,
        by=by,
        at=at,
        ground=ground,
        document=document,
    )


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
        ground=Ground.DIGITIZATION,
        documents=dict.fromkeys((entry.pk for entry in held), document),
    )
    return held


@transaction.atomic
def resume(*, entry_id: int, by: User | None, at: datetime, ground: str, document: str = "") -> QueueEntry:
    """End a suspension. :raises MoveNotAllowed: if the entry is not suspended."""
    return _move(
        entry_id,
        QueueEntryStatus.WAITING,
        only_from=QueueEntryStatus.SUSPENDED,
        by=by,
        at=at,
        ground=ground,
        document=document,
    )


@transaction.atomic
def mark_offered(*, entry_id: int, by: User | None, at: datetime, document: str) -> QueueEntry:
    """The entry has a live offer. :raises MoveNotAllowed: if it does not wait."""
    return _move(
        entry_id, QueueEntryStatus.OFFERED, by=by, at=at, ground=Ground.OFFER_MADE, document=document
    )


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
        ground=Ground.OFFER_MADE,
        documents=documents,
    )
    return entries


@transaction.atomic
def return_to_waiting(
    *, entry_id: int, by: User | None, at: datetime, ground: str, document: str = ""
) -> QueueEntry:
    """The offer ended without a home: the entry waits again, at the place of its moment."""
    return _move(
        entry_id,
        QueueEntryStatus.WAITING,
        only_from=QueueEntryStatus.OFFERED,
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
        only_from=QueueEntryStatus.OFFERED,
        by=by,
        at=at,
        ground=Ground.KEYS_HANDED,
        document=document,
    )


@transaction.atomic
def close_as_housed(*, entry_id: int, by: User | None, at: datetime, document: str) -> QueueEntry:
    """
    The household got its home through another of its entries, so this one ends, too.

    :raises MoveNotAllowed: if it neither waits nor is suspended.
    """
    entry = _locked(entry_id)
    if entry.status == QueueEntryStatus.OFFERED:
        raise MoveNotAllowed(QueueEntryStatus.OFFERED, QueueEntryStatus.HOUSED)
    return _move(
        entry_id, QueueEntryStatus.HOUSED, by=by, at=at, ground=Ground.HOUSED_ON_OTHER_LIST, document=document
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
        only_from=QueueEntryStatus.HOUSED,
        by=by,
        at=at,
        ground=Ground.TENANCY_ANNULLED,
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
        only_from=QueueEntryStatus.DEREGISTERED,
        by=by,
        at=at,
        ground=RegistrationChangeGround.REINSTATEMENT,
        document=document,
    )


@transaction.atomic
def change_registered_at(*, change: RegistrationChange, by: User, at: datetime) -> QueueEntry:
    """Set an entry's registration moment by an approved change; the entry's place follows from it."""
    entry = _locked(change.entry_id)
    was = entry.registered_at
    entry.registered_at, entry.time_known, entry.provisional = change.registered_at, change.time_known, False
    _correct(
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
    entry = _locked(entry_id)
    left_list, entry.waiting_list = entry.waiting_list, waiting_list
    _correct(
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
    entries = [_locked(key) for key in application.entries.order_by("pk").values_list("pk", flat=True)]
    for entry in entries:
        entry.applicant_id = applicant_id
        _correct(
            entry,
            QueueEntryEvent.Kind.APPLICANT_CHANGED,
            by=by,
            at=at,
            ground=ground,
            document=document,
            **data,
        )
    return entries


def _correct(
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
    event = _event(
        entry,
        kind,
        by=by,
        at=at,
        moved_from=entry.status,
        ground=ground,
        document=document,
        left_list=left_list,
    )
    act = audit.Act(
        event=f"queue_entry.{kind.lower()}",
        target=f"queue_entry:{entry.pk}",
        data={"file_number": entry.file_number, "ground": ground, "document": document, **data},
    )
    _write(event, act, by=by)


def _write(event: QueueEntryEvent, act: audit.Act, *, by: User | None) -> None:
    """Write the entry of an event as it stands now, the event and its record; the caller holds its lock."""
    record = audit.single(akimat=event.entry.akimat, by=by or SYSTEM, at=event.recorded_at, act=act)
    with connection.cursor() as cursor, audit.kept_here(event.entry.akimat):
        cursor.execute(MOVE, move_values(event, record))


def move_values(event: QueueEntryEvent, record: audit.Single) -> tuple[Any, ...]:
    """What `MOVE` is told: all of the entry that an act may change, its event, its record."""
    entry = event.entry
    return (
        entry.pk,
        str(entry.status),
        entry.registered_at,
        entry.time_known,
        entry.provisional,
        entry.waiting_list_id,
        event.list_number,
        entry.applicant_id,
        str(event.kind),
        str(event.moved_from),
        event.left_list_id,
        event.holds_from,
        event.by_id,
        str(event.ground),
        event.document,
        *record,
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
    entry = _locked(entry_id)
    require(seen is None or seen == moves.version_of(entry), MoveRefusal.CHANGED_MEANWHILE)
    return entry


def _locked(entry_id: int) -> QueueEntry:
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
    only_from: QueueEntryStatus | None = None,
) -> QueueEntry:
    entry = _locked(entry_id)
    was = QueueEntryStatus(entry.status)
    if only_from not in {None, was}:
        raise MoveNotAllowed(was, target)
    check_move(current=was, target=target)
    entry.status = target
    event = _event(
        entry, QueueEntryEvent.Kind.MOVED, by=by, at=at, moved_from=was, ground=ground, document=document
    )
    act = audit.Act(
        event="queue_entry.moved",
        target=f"queue_entry:{entry.pk}",
        data={"moved_from": was, "moved_to": target, "ground": ground, "document": document},
    )
    _write(event, act, by=by)
    return entry


def _move_waiting(
    entries: Sequence[QueueEntry],
    target: QueueEntryStatus,
    *,
    akimat: Akimat,
    by: User | None,
    at: datetime,
    ground: Ground,
    documents: Mapping[int, str],
) -> None:
    """Move many locked entries that wait, each with its event and its record, by a few statements."""
    was = QueueEntryStatus.WAITING
    for entry in entries:
        entry.status = target
    QueueEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(status=target)
    QueueEntryEvent.objects.bulk_create(
        (
            _event(
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
    audit.record_many(
        akimat=akimat,
        by=by or SYSTEM,
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
