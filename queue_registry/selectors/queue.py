"""
A list in order, and where an entry stands in it. No place is stored: it is counted when it is asked for.

Order inside a list: registration moment, then file number, among active entries (art 74(1) of the Housing
Law; the tie is ours).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Count, Q

from queue_registry.models import Akimat, Application, QueueEntry, WaitingList
from queue_registry.models.queue_entry import QueueEntryQuerySet
from queue_registry.rules.statuses import ACTIVE

_PLACES: Final = """
    SELECT id, place FROM (
        SELECT id, row_number() OVER (
            PARTITION BY waiting_list_id ORDER BY registered_at, file_number, id
        ) AS place
        FROM queue_registry_queueentry
        WHERE waiting_list_id = ANY(%s) AND status = ANY(%s)
    ) AS ranked
    WHERE id = ANY(%s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An entry and where it stands; `place` counts from 1 and is None where the entry has none."""

    entry: QueueEntry
    place: int | None
    length: int

    @property
    def ahead(self) -> int | None:
        """How many entries of the list stand before this one."""
        return None if self.place is None else self.place - 1


def list_in_order(waiting_list: WaitingList) -> QueueEntryQuerySet:
    """Return the active entries of a list, the first in turn first."""
    return QueueEntry.objects.filter(waiting_list=waiting_list).active().in_order()


def list_entries_of(akimat: Akimat) -> QueueEntryQuerySet:
    """Return every entry that an akimat ever made, by list and in order, with what a page of them shows."""
    return (
        QueueEntry.objects.filter(akimat=akimat)
        .select_related("waiting_list", "applicant", "application", "assessment")
        .order_by("waiting_list__number", "registered_at", "file_number", "pk")
    )


def place_of(entry: QueueEntry) -> int | None:
    """Return the place of an entry in its list, counted from 1, or None if it is not active."""
    if not entry.is_active:
        return None
    before = Q(registered_at__lt=entry.registered_at) | Q(
        Q(file_number__lt=entry.file_number) | Q(file_number=entry.file_number, pk__lt=entry.pk),
        registered_at=entry.registered_at,
    )
    # The bound on the moment alone lets the index of the list stop there.
    ahead = QueueEntry.objects.filter(
        before, waiting_list_id=entry.waiting_list_id, registered_at__lte=entry.registered_at
    )
    return ahead.active().count() + 1


def places_of(entries: Iterable[QueueEntry]) -> dict[int, int]:
    """Return the places of active entries by key, for a page of them in one query; others have none."""
    active = [entry for entry in entries if entry.is_active]
    if not active:
        return {}
    lists = sorted({entry.waiting_list_id for entry in active})
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [lists, sorted(ACTIVE), [entry.pk for entry in active]])
        return dict(cursor.fetchall())


def list_standings(application: Application) -> list[Standing]:
    """Return where an application stands on each list that it was ever put on, by number of the list."""
    entries = list(
        QueueEntry.objects.filter(application=application)
        .select_related("waiting_list")
        .order_by("waiting_list__number")
    )
    places = places_of(entries)
    lengths = lengths_of([entry.waiting_list_id for entry in entries])
    return [
        Standing(entry=entry, place=places.get(entry.pk), length=lengths[entry.waiting_list_id])
        for entry in entries
    ]


def lengths_of(waiting_lists: Collection[int]) -> dict[int, int]:
    """Return how many active entries each list has, by key of the list."""
    counted = (
        QueueEntry.objects.filter(waiting_list__in=waiting_lists)
        .active()
        .values("waiting_list_id")
        .annotate(length=Count("pk"))
        .values_list("waiting_list_id", "length")
    )
    return dict.fromkeys(waiting_lists, 0) | dict(counted)


def lists_of(akimat: Akimat) -> list[tuple[WaitingList, int]]:
    """Return the lists of an akimat by number, each with the number of its active entries."""
    lists = list(WaitingList.objects.filter(akimat=akimat).order_by("number"))
    lengths = lengths_of([waiting_list.pk for waiting_list in lists])
    return [(waiting_list, lengths[waiting_list.pk]) for waiting_list in lists]
