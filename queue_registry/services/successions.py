"""
The place passes to the family that remains when the applicant dies or departs (art 73 of the Housing Law).
"""

from datetime import datetime

from django.db import transaction

from queue_registry.models import Application, HouseholdMember, Notice, QueueEntry, Succession, User
from queue_registry.rules import removals, successions
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.ground_articles import article_of
from queue_registry.rules.move_refusals import MoveRefusal, require
from queue_registry.rules.reasons import SuccessionGround
from queue_registry.rules.statuses import ACTIVE, QueueEntryStatus
from queue_registry.selectors import moves
from queue_registry.services import (
    assessment_requests,
    audit,
    entry_changes,
    notices,
    policies,
    queue_entries,
)


@transaction.atomic
def pass_on(
    *,
    entry_id: int,
    ground: SuccessionGround,
    successor_id: int,
    document: str,
    by: User,
    at: datetime,
    seen: int | None = None,
) -> Succession:
    """
    Let another adult of the co-registered family become the applicant; every entry of the application
    follows, at its place, and is judged anew: the family keeps it if it is still in need.

    :raises MoveRefused: DOCUMENT_MISSING, CHANGED_MEANWHILE, ENTRY_OFFERED (the offer is closed first),
        ENTRY_NOT_ACTIVE (no entry has a place), NOBODY_REMAINS, NOT_A_SUCCESSOR, SUCCESSOR_AGE_NOT_KNOWN,
        ANOTHER_LIVE_ENTRY (the successor stands on the list by an application of his own).
    """
    require(document.strip(), MoveRefusal.DOCUMENT_MISSING)
    application, entries = _lock(entry_id, seen)
    predecessor = application.applicant_id
    if predecessor is None:
        raise ValueError("An application with an entry has an applicant.")
    statuses = {QueueEntryStatus(entry.status) for entry in entries}
    require(QueueEntryStatus.OFFERED not in statuses, MoveRefusal.ENTRY_OFFERED)
    require(statuses & ACTIVE, MoveRefusal.ENTRY_NOT_ACTIVE, status=", ".join(sorted(statuses)))
    on = civil_day(at)
    family = moves.family_of(application.pk)
    family.pop(predecessor, None)
    successions.check(successor=successor_id, members=family.values(), on=on)
    _check_lists(entries, successor_id)
    passed = Succession.objects.create(
        application=application,
        predecessor_id=predecessor,
        successor_id=successor_id,
        ground=ground,
        document=document.strip(),
        recorded_by=by,
        recorded_at=at,
    )
    _change_household(application, successor_id, at)
    assessment_requests.request_assessments(entries=[entry for entry in entries if entry.is_active], at=at)
    _tell(application, passed, at)
    audit.record(
        akimat=application.akimat,
        by=by,
        at=at,
        event="succession.recorded",
        target=f"application:{application.pk}",
        file_number=application.file_number,
        succession=passed.pk,
        ground=ground,
        document=passed.document,
    )
    entry_changes.pass_on(application=application, succession=passed, by=by, at=at)
    return passed


def _lock(entry_id: int, seen: int | None) -> tuple[Application, list[QueueEntry]]:
    """The application's row, then its entries in key order; what the page saw is compared last."""
    application_id = QueueEntry.objects.values_list("application_id", flat=True).get(pk=entry_id)
    application = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat")
        .get(pk=application_id)
    )
    keys = QueueEntry.objects.filter(application=application).values_list("pk", flat=True)
    entries = list(queue_entries.lock_entries(keys).values())
    queue_entries.lock_as_seen(entry_id, seen=seen)
    return application, entries


def _check_lists(entries: list[QueueEntry], successor_id: int) -> None:
    for entry in entries:
        if not entry.is_active:
            continue
        own = QueueEntry.objects.filter(waiting_list=entry.waiting_list_id, applicant=successor_id).active()
        require(
            not own.exclude(application=entry.application_id).exists(),
            MoveRefusal.ANOTHER_LIVE_ENTRY,
            list=entry.waiting_list.number,
        )


def _change_household(application: Application, successor_id: int, at: datetime) -> None:
    """The successor is the applicant now, no member any more; the predecessor is not of the household."""
    gone = {successor_id, application.applicant_id}
    HouseholdMember.objects.filter(application=application, person__in=gone, until_on__isnull=True).update(
        until_on=civil_day(at)
    )
    application.applicant_id = successor_id
    application.save(update_fields=["applicant"])


def _tell(application: Application, passed: Succession, at: datetime) -> None:
    on = civil_day(at)
    figures = policies.figures_in_force(akimat=application.akimat, on=on)
    notices.order(
        application=application,
        kind=Notice.Kind.SUCCESSION,
        facts={"ground": passed.ground, "article": article_of(SuccessionGround(passed.ground), on=on)},
        due_on=removals.written_notice_by(on, figures),
        at=at,
    )
