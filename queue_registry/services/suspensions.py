"""Suspension of an entry: out of distribution for a time, on a ground, with a document; the place is kept."""

from datetime import datetime

from django.db import transaction

from queue_registry.models import Notice, QueueEntry, User
from queue_registry.rules import removals
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.ground_articles import article_of
from queue_registry.rules.move_refusals import MoveRefusal, require
from queue_registry.rules.reasons import SuspensionGround
from queue_registry.rules.statuses import HELD, QueueEntryStatus
from queue_registry.services import notices, policies, queue_entries


@transaction.atomic
def suspend(
    *,
    entry_id: int,
    ground: SuspensionGround,
    document: str,
    by: User | None,
    at: datetime,
    seen: int | None = None,
) -> QueueEntry:
    """
    Suspend an entry and write the notice with the ground (A6).

    :param by: None: no person of staff, it follows from what the household did.

    :raises MoveRefused: DOCUMENT_MISSING, CHANGED_MEANWHILE, ENTRY_OFFERED, ENTRY_SUSPENDED_ALREADY,
        ENTRY_NOT_ACTIVE.
    """
    require(document.strip(), MoveRefusal.DOCUMENT_MISSING)
    entry = queue_entries.lock_as_seen(entry_id, seen=seen)
    status = QueueEntryStatus(entry.status)
    require(status is not QueueEntryStatus.OFFERED, MoveRefusal.ENTRY_OFFERED)
    require(status not in HELD, MoveRefusal.ENTRY_SUSPENDED_ALREADY)
    require(status is QueueEntryStatus.WAITING, MoveRefusal.ENTRY_NOT_ACTIVE, status=status)
    on = civil_day(at)
    figures = policies.figures_in_force(akimat=entry.akimat, on=on)
    notices.order(
        application=entry.application,
        kind=Notice.Kind.SUSPENDED,
        facts={
            "ground": ground,
            "article": article_of(ground, on=on),
            "list": entry.waiting_list.number,
            "complaint_until": removals.complaint_until(on, figures).isoformat(),
        },
        due_on=removals.written_notice_by(on, figures),
        at=at,
    )
    return queue_entries.suspend(entry_id=entry.pk, by=by, at=at, ground=ground, document=document.strip())


@transaction.atomic
def resume(
    *,
    entry_id: int,
    ground: SuspensionGround,
    document: str,
    by: User,
    at: datetime,
    seen: int | None = None,
) -> QueueEntry:
    """
    End a suspension: its ground is gone.

    :raises MoveRefused: DOCUMENT_MISSING, CHANGED_MEANWHILE, ENTRY_NOT_SUSPENDED.
    """
    require(document.strip(), MoveRefusal.DOCUMENT_MISSING)
    entry = queue_entries.lock_as_seen(entry_id, seen=seen)
    status = QueueEntryStatus(entry.status)
    require(status in HELD, MoveRefusal.ENTRY_NOT_SUSPENDED, status=status)
    return queue_entries.resume(entry_id=entry.pk, by=by, at=at, ground=ground, document=document.strip())
