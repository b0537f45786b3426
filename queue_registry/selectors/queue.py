"""
A list in order, and where an entry stands in it. No place is stored: it is counted when it is asked for.

Order inside a list: registration moment, then file number, among active entries (art 74(1) of the Housing
Law; the tie is ours). Whole years and months before the moment are counted beforehand (`models/counting.py`);
what stands in the same month is counted through the covering index, in the same statement.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Expression, F, Func, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from queue_registry.models import Akimat, Application, ListYearCount, QueueEntry, WaitingList
from queue_registry.models.queue_entry import QueueEntryQuerySet
from queue_registry.selectors.kept_queries import Given


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
    ahead = count_ahead(
        waiting_list_id=entry.waiting_list_id,
        registered_at=entry.registered_at,
        file_number=entry.file_number,
    )
    return ahead + 1


def count_ahead(*, waiting_list_id: int, registered_at: datetime, file_number: str) -> int:
    """Return how many active entries of a list stand before a moment and file number, held or thought of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_registry_ahead(%s, %s, %s)", [waiting_list_id, registered_at, file_number]
        )
        (ahead,) = cursor.fetchone()
    return int(ahead)


def _place() -> Expression:
    """The place of an active entry, counted by the database."""
    ahead: Func[Any] = Func(
        F("waiting_list_id"),
        F("registered_at"),
        F("file_number"),
        function="queue_registry_ahead",
        output_field=BigIntegerField(),
    )
    return ahead + 1


def places_of(entries: Iterable[QueueEntry]) -> dict[int, int]:
    """Return the places of active entries by key, for a page of them in one query; others have none."""
    active = [entry.pk for entry in entries if entry.is_active]
    if not active:
        return {}
    return dict(QueueEntry.objects.filter(pk__in=active).active().values_list("pk", _place()))


def list_standings(application: Application) -> list[Standing]:
    """Return where an application stands on each list that it was ever put on, by number of the list."""
    return [standing_of(entry) for entry in entries_with_places(application)]


def entries_with_places(application: Application | Given) -> QuerySet[QueueEntry]:
    """Return every entry of an application by number of the list, with what `standing_of` reads."""
    return (
        QueueEntry.objects.filter(application=application)
        .select_related("waiting_list")
        .annotate(counted_place=_place(), counted_length=_length())
        .order_by("waiting_list__number")
    )


def standing_of(entry: QueueEntry) -> Standing:
    """Return where an entry of `entries_with_places` stands."""
    counted = vars(entry)
    return Standing(
        entry=entry,
        place=counted["counted_place"] if entry.is_active else None,
        length=counted["counted_length"],
    )


def _length() -> Expression:
    """How many active entries the list of an entry has."""
    counted = (
        ListYearCount.objects.filter(waiting_list=OuterRef("waiting_list"))
        .values("waiting_list")
        .annotate(length=Sum("entries"))
        .values("length")
    )
    return Coalesce(Subquery(counted), 0)


def lengths_of(waiting_lists: Collection[int]) -> dict[int, int]:
    """Return how many active entries each list has, by key of the list."""
    counted = (
        ListYearCount.objects.filter(waiting_list__in=waiting_lists)
        .values("waiting_list_id")
        .annotate(length=Sum("entries"))
        .values_list("waiting_list_id", "length")
    )
    return dict.fromkeys(waiting_lists, 0) | dict(counted)


def lists_of(akimat: Akimat) -> list[tuple[WaitingList, int]]:
    """Return the lists of an akimat by number, each with the number of its active entries."""
    lists = list(WaitingList.objects.filter(akimat=akimat).order_by("number"))
    lengths = lengths_of([waiting_list.pk for waiting_list in lists])
    return [(waiting_list, lengths[waiting_list.pk]) for waiting_list in lists]
