"""
Changes of a registration moment: proposed on one of the four grounds with a document, approved by a second
person (art 73(4) of the Housing Law and ours).
"""

from datetime import datetime

from django.db import transaction

from queue_registry.models import Notice, QueueEntry, RegistrationChange, User
from queue_registry.rules import redating, removals
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.ground_articles import article_of
from queue_registry.rules.move_refusals import MoveRefusal, require
from queue_registry.rules.policy import Policy
from queue_registry.rules.reasons import RegistrationChangeGround
from queue_registry.rules.statuses import UNDECIDED, QueueEntryStatus
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors import moves
from queue_registry.services import audit, entry_changes, notices, policies, queue_entries


@transaction.atomic
def propose(
    *,
    entry_id: int,
    ground: RegistrationChangeGround,
    registered_at: datetime,
    document: str,
    by: User,
    at: datetime,
    time_known: bool = True,
    seen: int | None = None,
) -> RegistrationChange:
    """
    Propose another registration moment; nothing changes before a second person approves it.

    :raises MoveRefused: DOCUMENT_MISSING, CHANGED_MEANWHILE, ENTRY_OFFERED, ENTRY_NOT_ACTIVE, CHANGE_OPEN,
        and what `rules.redating.check` raises.
    """
    require(document.strip(), MoveRefusal.DOCUMENT_MISSING)
    entry = queue_entries.lock_as_seen(entry_id, seen=seen)
    require(moves.open_change_of(entry) is None, MoveRefusal.CHANGE_OPEN)
    _check(entry, ground, registered_at, at)
    change = RegistrationChange.objects.create(
        entry=entry,
        ground=ground,
        registered_at=registered_at,
        time_known=time_known,
        document=document.strip(),
        proposed_by=by,
        proposed_at=at,
    )
    _record(change, "proposed", by=by, at=at)
    return change


@transaction.atomic
def approve(*, change_id: int, by: User, at: datetime) -> RegistrationChange:
    """
    Approve a change: the entry stands at the place of the new moment from now on.

    :raises MoveRefused: CHANGE_CLOSED, SECOND_PERSON_NEEDED, ENTRY_OFFERED, ENTRY_NOT_ACTIVE, and what
        `rules.redating.check` raises: the entry may have changed since the proposal.
    """
    entry, change = _lock(change_id)
    require(change.proposed_by_id != by.pk, MoveRefusal.SECOND_PERSON_NEEDED)
    figures = _check(entry, RegistrationChangeGround(change.ground), change.registered_at, at)
    change.approved_by, change.approved_at = by, at
    change.save(update_fields=["approved_by", "approved_at"])
    was = entry.registered_at
    notices.order(
        application=entry.application,
        kind=Notice.Kind.REDATED,
        facts={
            "ground": change.ground,
            "article": article_of(RegistrationChangeGround(change.ground), on=civil_day(at)),
            "was": was.isoformat(),
            "registered_at": change.registered_at.isoformat(),
            "complaint_until": removals.complaint_until(civil_day(at), figures).isoformat(),
        },
        due_on=removals.written_notice_by(civil_day(at), figures),
        at=at,
    )
    _record(change, "approved", by=by, at=at)
    entry_changes.change_registered_at(change=change, by=by, at=at)
    return change


@transaction.atomic
def drop(*, change_id: int, by: User, at: datetime) -> RegistrationChange:
    """Give a proposal up; anybody who may propose or approve can. :raises MoveRefused: CHANGE_CLOSED."""
    _entry, change = _lock(change_id)
    change.dropped_at = at
    change.save(update_fields=["dropped_at"])
    _record(change, "dropped", by=by, at=at)
    return change


def _lock(change_id: int) -> tuple[QueueEntry, RegistrationChange]:
    """The entry first, then its change."""
    entry_id = RegistrationChange.objects.values_list("entry_id", flat=True).get(pk=change_id)
    entry = queue_entries.lock_as_seen(entry_id, seen=None)
    change = RegistrationChange.objects.select_for_update(of=("self",), no_key=True).get(pk=change_id)
    require(change.approved_at is None and change.dropped_at is None, MoveRefusal.CHANGE_CLOSED)
    return entry, change


def _check(entry: QueueEntry, ground: RegistrationChangeGround, new: datetime, at: datetime) -> Policy:
    status = QueueEntryStatus(entry.status)
    require(status is not QueueEntryStatus.OFFERED, MoveRefusal.ENTRY_OFFERED)
    require(status in UNDECIDED, MoveRefusal.ENTRY_NOT_ACTIVE, status=status)
    figures = policies.figures_in_force(akimat=entry.akimat, on=civil_day(at))
    redating.check(
        ground=ground,
        list_number=ListNumber(entry.waiting_list.number),
        now=entry.registered_at,
        new=new,
        policy=figures,
        at=at,
    )
    return figures


def _record(change: RegistrationChange, what: str, *, by: User, at: datetime) -> None:
    audit.record(
        akimat=change.entry.akimat,
        by=by,
        at=at,
        event=f"registration_change.{what}",
        target=f"registration_change:{change.pk}",
        queue_entry=change.entry_id,
        file_number=change.entry.file_number,
        ground=change.ground,
        registered_at=change.registered_at.isoformat(),
        document=change.document,
    )
