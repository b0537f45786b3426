"""
Categories of an entry as dated periods (B8): begun, ended, changed into another. What is sticky goes on
counting.
"""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from queue_registry.models import CategoryPeriod, QueueEntry, User, WaitingList
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.categories import LISTS, MAY_STAY
from queue_registry.rules.move_refusals import MoveRefusal, MoveRefused, require
from queue_registry.rules.statuses import UNDECIDED, QueueEntryStatus
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.services import assessment_requests, audit, entry_changes, queue_entries

CHANGED: Final = "CATEGORY_CHANGED"


@transaction.atomic
def begin(
    *,
    entry_id: int,
    category: str,
    from_on: date,
    document: str,
    by: User,
    at: datetime,
    sticky: bool = False,
    seen: int | None = None,
) -> CategoryPeriod:
    """
    Record that an entry stands on its list by a category from a day on.

    :raises MoveRefused: DOCUMENT_MISSING, CHANGED_MEANWHILE, ENTRY_OFFERED, ENTRY_NOT_ACTIVE, DAY_IN_FUTURE,
        CATEGORY_NOT_LAWFUL, CATEGORY_OF_ANOTHER_LIST, CATEGORY_HELD, CATEGORY_DOES_NOT_STAY.
    """
    entry = _lock(entry_id, document, seen)
    number = _list_of(category)
    require(number == entry.waiting_list.number, MoveRefusal.CATEGORY_OF_ANOTHER_LIST, list=number)
    period = _begin(entry, category, from_on=from_on, document=document, sticky=sticky, by=by, at=at)
    assessment_requests.request_assessments(entries=[entry], at=at)
    _record(period, "begun", document=document, by=by, at=at)
    return period


@transaction.atomic
def end(
    *,
    entry_id: int,
    category: str,
    until_on: date,
    document: str,
    by: User,
    at: datetime,
    sticky: bool = False,
    seen: int | None = None,
) -> CategoryPeriod:
    """
    End a category on a day (exclusive). With `sticky` it goes on counting: the family of a disabled child who
    turned eighteen with group 1 or 2 keeps its place, and so do those who are protected until housed.

    :raises MoveRefused: DOCUMENT_MISSING, CHANGED_MEANWHILE, ENTRY_OFFERED, ENTRY_NOT_ACTIVE, DAY_IN_FUTURE,
        CATEGORY_NOT_HELD, DAY_BEFORE_PERIOD, CATEGORY_DOES_NOT_STAY.
    """
    entry = _lock(entry_id, document, seen)
    period = _end(entry, category, until_on=until_on, sticky=sticky, at=at)
    assessment_requests.request_assessments(entries=[entry], at=at)
    _record(period, "ended", document=document, by=by, at=at)
    return period


@transaction.atomic
def change(
    *,
    entry_id: int,
    category: str,
    to: str,
    from_on: date,
    document: str,
    by: User,
    at: datetime,
    sticky: bool = False,
    seen: int | None = None,
) -> CategoryPeriod:
    """
    Let an entry stand by another category from a day on; `category` is empty where none was recorded.

    A category of another list takes the entry to that list, with its registration moment.
    `selectors.moves.effect_of_list` says beforehand what that does to places.

    :raises MoveRefused: as `begin` and `end`, and ALREADY_ON_LIST.
    """
    entry = _lock(entry_id, document, seen)
    number = _list_of(to)
    target = WaitingList.objects.get(akimat=entry.akimat_id, number=number)
    moves_on = target.pk != entry.waiting_list_id
    if moves_on:
        _check_no_entry_on(entry, target)
    if category:
        _end(entry, category, until_on=from_on, sticky=False, at=at)
    period = _begin(entry, to, from_on=from_on, document=document, sticky=sticky, by=by, at=at)
    assessment_requests.request_assessments(entries=[entry], at=at)
    _record(period, "changed", document=document, by=by, at=at)
    if moves_on:
        entry_changes.change_list(
            entry_id=entry.pk, waiting_list=target, by=by, at=at, ground=CHANGED, document=document.strip()
        )
    return period


def _lock(entry_id: int, document: str, seen: int | None) -> QueueEntry:
    require(document.strip(), MoveRefusal.DOCUMENT_MISSING)
    entry = queue_entries.lock_as_seen(entry_id, seen=seen)
    status = QueueEntryStatus(entry.status)
    require(status is not QueueEntryStatus.OFFERED, MoveRefusal.ENTRY_OFFERED)
    require(status in UNDECIDED, MoveRefusal.ENTRY_NOT_ACTIVE, status=status)
    return entry


def _list_of(category: str) -> ListNumber:
    require(category in LISTS, MoveRefusal.CATEGORY_NOT_LAWFUL)
    return LISTS[category]


def _check_no_entry_on(entry: QueueEntry, target: WaitingList) -> None:
    own = QueueEntry.objects.filter(waiting_list=target, application=entry.application_id)
    require(not own.exists(), MoveRefusal.ALREADY_ON_LIST, list=target.number)
    others = QueueEntry.objects.filter(waiting_list=target, applicant=entry.applicant_id).active()
    require(not others.exists(), MoveRefusal.ANOTHER_LIVE_ENTRY, list=target.number)


def _begin(
    entry: QueueEntry,
    category: str,
    *,
    from_on: date,
    document: str,
    sticky: bool,
    by: User,
    at: datetime,
) -> CategoryPeriod:
    require(from_on <= civil_day(at), MoveRefusal.DAY_IN_FUTURE)
    require(not sticky or category in MAY_STAY, MoveRefusal.CATEGORY_DOES_NOT_STAY)
    require(_open_period(entry, category) is None, MoveRefusal.CATEGORY_HELD)
    return CategoryPeriod.objects.create(
        entry=entry,
        category=category,
        from_on=from_on,
        sticky=sticky,
        document=document.strip(),
        recorded_by=by,
        recorded_at=at,
    )


def _end(entry: QueueEntry, category: str, *, until_on: date, sticky: bool, at: datetime) -> CategoryPeriod:
    require(until_on <= civil_day(at), MoveRefusal.DAY_IN_FUTURE)
    require(not sticky or category in MAY_STAY, MoveRefusal.CATEGORY_DOES_NOT_STAY)
    period = _open_period(entry, category)
    if period is None:
        raise MoveRefused(MoveRefusal.CATEGORY_NOT_HELD)
    require(until_on > period.from_on, MoveRefusal.DAY_BEFORE_PERIOD, from_on=period.from_on)
    period.until_on, period.sticky = until_on, sticky
    period.save(update_fields=["until_on", "sticky"])
    return period


def _open_period(entry: QueueEntry, category: str) -> CategoryPeriod | None:
    return CategoryPeriod.objects.filter(entry=entry, category=category, until_on__isnull=True).first()


def _record(period: CategoryPeriod, what: str, *, document: str, by: User, at: datetime) -> None:
    """The trail names the row: a category may tell of somebody's health, and no trail tells that."""
    audit.record(
        akimat=period.entry.akimat,
        by=by,
        at=at,
        event=f"category_period.{what}",
        target=f"queue_entry:{period.entry_id}",
        category_period=period.pk,
        file_number=period.entry.file_number,
        document=document.strip(),
    )
