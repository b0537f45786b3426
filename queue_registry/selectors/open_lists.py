"""
What is published of people, row by row: those on a list today, on the first day of a year, and those housed.

Masked numbers, days without their time, categories and sizes merged (`rules/publishing`). Rows are streamed;
a handful of queries, however many people there are.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from queue_registry.models import (
    Akimat,
    CategoryPeriod,
    HouseholdMember,
    QueueEntry,
    QueueEntryEvent,
    WaitingList,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.publishing import MERGED, PublishingRules, groups_with_sizes, masked_number
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.selectors import as_of

_CHUNK: Final = 2_000
# Ground of an entry that left because its household got a home through another list.
_THROUGH_ANOTHER_LIST: Final = "HOUSED_ON_OTHER_LIST"

Row = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Person:
    """A household as it stands in a source, before anything is masked."""

    cell: tuple[str, str]  # akimat and list: within it categories are merged
    file_number: str
    registered_at: datetime
    entry: int
    # Of those housed: members of the family, and the day of provision.
    size: int = 0
    housed_on: str = ""


def list_registered(akimat: Akimat, *, rules: PublishingRules) -> Iterator[Row]:
    """Yield those who stand in the lists of an akimat now: akimat, list, place, number, day, category."""

    def people() -> Iterator[_Person]:
        rows = (
            QueueEntry.objects.filter(akimat=akimat)
            .active()
            .order_by("waiting_list__number", "registered_at", "file_number", "pk")
            .values_list("waiting_list__number", "file_number", "registered_at", "pk")
        )
        for number, file_number, registered_at, entry in rows.iterator(_CHUNK):
            yield _Person((akimat.kato, number), file_number, registered_at, entry)

    periods = CategoryPeriod.objects.filter(entry__akimat=akimat, until_on__isnull=True)
    yield from _placed(people, _categories(periods), rules)


def list_of_year(akimat: Akimat, year: int, *, rules: PublishingRules) -> Iterator[Row]:
    """Yield those who stood in the lists as the year began, as the register knew them then."""
    new_year = date(year, 1, 1)
    lists = [
        (waiting_list.number, as_of.get_list(waiting_list, before=as_of.end_of(new_year - timedelta(days=1))))
        for waiting_list in WaitingList.objects.filter(akimat=akimat).order_by("number")
    ]

    def people() -> Iterator[_Person]:
        for number, past in lists:
            for one in past.entries:
                yield _Person((akimat.kato, number), one.file_number, one.registered_at, one.entry)

    periods = CategoryPeriod.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gt=new_year), entry__akimat=akimat, from_on__lt=new_year
    )
    yield from _placed(people, _categories(periods), rules)


def list_housed(akimats: QuerySet[Akimat], *, since: datetime, rules: PublishingRules) -> Iterator[Row]:
    """
    Yield those housed since a moment, of some akimats: akimat, list, number, day of registration, category,
    members of the family, day of provision.
    """
    housed = housed_events(since).filter(entry__akimat__in=akimats)
    members = (
        HouseholdMember.objects.filter(
            Q(until_on__isnull=True) | Q(until_on__gt=OuterRef("recorded_at__date")),
            Q(from_on__isnull=True) | Q(from_on__lte=OuterRef("recorded_at__date")),
            application=OuterRef("entry__application"),
        )
        .order_by()
        .values("application")
        .annotate(count=Count("pk"))
        .values("count")
    )
    rows = (
        housed.annotate(members=Coalesce(Subquery(members), 0) + 1)
        .order_by("entry__akimat__kato", "list_number", "recorded_at", "entry__file_number")
        .values_list(
            "entry__akimat__kato",
            "list_number",
            "entry__file_number",
            "registered_at",
            "entry_id",
            "members",
            "holds_from",
        )
    )

    def people() -> Iterator[_Person]:
        for kato, number, file_number, registered_at, entry, size, housed_at in rows.iterator(_CHUNK):
            on = civil_day(housed_at).isoformat()
            yield _Person((kato, number), file_number, registered_at, entry, size, on)

    periods = CategoryPeriod.objects.filter(entry__in=housed.values("entry"))
    for person, category, size in _grouped(people, _categories(periods), rules):
        yield (
            *person.cell,
            masked_number(person.file_number),
            civil_day(person.registered_at).isoformat(),
            category,
            size,
            person.housed_on,
        )


def housed_events(since: datetime) -> QuerySet[QueueEntryEvent]:
    """
    Return by which events entries became housed since a moment, and still are; one for a household.

    A household that left its other list because it has a home is counted where it got it.
    """
    moves = QueueEntryEvent.objects.filter(kind=QueueEntryEvent.Kind.MOVED, moved_to=QueueEntryStatus.HOUSED)
    newest = moves.filter(entry=OuterRef("entry")).order_by("-recorded_at", "-pk").values("pk")[:1]
    return moves.filter(
        recorded_at__gte=since, entry__status=QueueEntryStatus.HOUSED, pk=Subquery(newest)
    ).exclude(ground=_THROUGH_ANOTHER_LIST)


def _categories(periods: QuerySet[CategoryPeriod]) -> dict[int, str]:
    """By entry, the category that it got first."""
    first = periods.order_by("entry_id", "from_on", "pk").distinct("entry_id")
    return dict(first.values_list("entry_id", "category").iterator(_CHUNK))


def _placed(
    people: Callable[[], Iterable[_Person]], categories: dict[int, str], rules: PublishingRules
) -> Iterator[Row]:
    place, cell = 0, ("", "")
    for person, category, _size in _grouped(people, categories, rules):
        place = place + 1 if person.cell == cell else 1
        cell = person.cell
        yield (
            *cell,
            place,
            masked_number(person.file_number),
            civil_day(person.registered_at).isoformat(),
            category,
        )


def _grouped(
    people: Callable[[], Iterable[_Person]], categories: dict[int, str], rules: PublishingRules
) -> Iterator[tuple[_Person, str, str]]:
    """Each person with the category and the size that are published, worked out over everybody first."""
    counts: dict[tuple[str, str], Counter[tuple[str, int]]] = {}
    for one in people():
        counts.setdefault(one.cell, Counter())[categories.get(one.entry, ""), one.size] += 1
    names = {cell: groups_with_sizes(found, smallest=rules.smallest_group) for cell, found in counts.items()}
    nobody: dict[tuple[str, int], tuple[str, str]] = {}
    for one in people():
        key = categories.get(one.entry, ""), one.size
        # Who came between the two looks is of no group that was counted.
        yield one, *names.get(one.cell, nobody).get(key, (MERGED, MERGED))
