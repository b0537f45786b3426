"""
The country's queue in figures: of every akimat in the same few queries, however many people wait.

Waiting people are counted beforehand (`models/place.py`), those housed are read through an index of their
own events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Max, Min, OuterRef, Subquery, Sum
from django.db.models.functions import TruncMonth

from queue_registry.models import Akimat, AuditEvent, GateEvent, ListYearCount, Sweep, TrailHead
from queue_registry.rules.calendar import TIME_ZONE, civil_day
from queue_registry.rules.territory import region_prefix
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors import gate, samples
from queue_registry.selectors.open_lists import housed_events

MONTHS: Final = 12


@dataclass(slots=True, kw_only=True)
class ListFigures:
    """One list: who waits, who was housed in the last twelve months, of which registration moments."""

    waiting: int = 0
    housed: int = 0
    oldest_served: datetime | None = None
    newest_served: datetime | None = None

    def add(self, other: "ListFigures") -> None:
        """Take the figures of another akimat's list in."""
        self.waiting += other.waiting
        self.housed += other.housed
        self.oldest_served = _extreme(min, self.oldest_served, other.oldest_served)
        self.newest_served = _extreme(max, self.newest_served, other.newest_served)


def _extreme(which: Any, one: datetime | None, other: datetime | None) -> datetime | None:
    known = [moment for moment in (one, other) if moment is not None]
    return which(known) if known else None


def _empty() -> dict[str, ListFigures]:
    return {str(number): ListFigures() for number in ListNumber}


@dataclass(slots=True, kw_only=True)
class Figures:
    """What is so of one akimat, or of several together; `housed` by the first day of each month."""

    lists: dict[str, ListFigures] = field(default_factory=_empty)
    housed: dict[date, int] = field(default_factory=dict)
    akimats: int = 0
    gates_open: int = 0
    changed_at: datetime | None = None
    # When a recheck of people in state systems ended last; of several akimats: the one that is longest ago.
    checked_at: datetime | None = None
    unchecked: int = 0

    @property
    def waiting(self) -> int:
        return sum(one.waiting for one in self.lists.values())

    @property
    def housed_total(self) -> int:
        return sum(self.housed.values())

    @property
    def oldest_served(self) -> datetime | None:
        moments = [one.oldest_served for one in self.lists.values() if one.oldest_served]
        return min(moments, default=None)

    def add(self, other: "Figures") -> None:
        """Take the figures of others in."""
        for number, one in other.lists.items():
            self.lists[number].add(one)
        for month, count in other.housed.items():
            self.housed[month] = self.housed.get(month, 0) + count
        self.akimats += other.akimats
        self.gates_open += other.gates_open
        self.changed_at = _extreme(max, self.changed_at, other.changed_at)
        self.checked_at = _extreme(min, self.checked_at, other.checked_at)
        self.unchecked += other.unchecked


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An akimat with its figures, and since when its gate to automatic distribution is open."""

    akimat: Akimat
    figures: Figures
    open_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Every akimat that keeps lists, by code, and the names of the regions."""

    at: datetime
    places: tuple[Place, ...]
    regions: Mapping[str, Akimat]

    def of_region(self, prefix: str) -> tuple[Place, ...]:
        """Return the akimats of a region."""
        return tuple(one for one in self.places if region_prefix(one.akimat.kato) == prefix)


def together(places: Iterable[Place]) -> Figures:
    """Return the figures of several akimats as one."""
    found = Figures()
    for one in places:
        found.add(one.figures)
    return found


def last_months(on: date) -> list[date]:
    """Return the first days of the twelve months that end with the month of a day, the oldest first."""
    last = on.year * MONTHS + on.month - 1
    return [date(month // MONTHS, month % MONTHS + 1, 1) for month in range(last - MONTHS + 1, last + 1)]


def get_country(*, at: datetime) -> Country:
    """Return the whole country's figures at a moment."""
    akimats = {one.pk: one for one in Akimat.objects.order_by("kato")}
    keepers = set(gate.keepers(Akimat.objects.all()).values_list("pk", flat=True))
    months = last_months(civil_day(at))
    found = {key: Figures(akimats=1, housed=dict.fromkeys(months, 0)) for key in akimats if key in keepers}
    _count_waiting(found)
    _count_housed(found, months)
    opened = _gates(found)
    _freshness(found, akimats)
    return Country(
        at=at,
        places=tuple(
            Place(akimat=akimats[key], figures=figures, open_since=opened.get(key))
            for key, figures in found.items()
        ),
        regions={region_prefix(one.kato): one for one in akimats.values() if one.pk not in keepers},
    )


def _count_waiting(found: dict[int, Figures]) -> None:
    rows = (
        ListYearCount.objects.order_by()
        .values_list("waiting_list__akimat_id", "waiting_list__number")
        .annotate(Sum("entries"))
    )
    for akimat, number, count in rows:
        found[akimat].lists[number].waiting = count


def _count_housed(found: dict[int, Figures], months: list[date]) -> None:
    since = datetime(months[0].year, months[0].month, 1, tzinfo=TIME_ZONE)
    rows: Any = (
        housed_events(since)
        .annotate(month=TruncMonth("recorded_at", tzinfo=TIME_ZONE))
        .order_by()
        .values_list("waiting_list__akimat_id", "list_number", "month")
        .annotate(Count("pk"), Min("registered_at"), Max("registered_at"))
    )
    for akimat, number, month, count, oldest, newest in rows:
        figures = found[akimat]
        figures.housed[month.date()] += count
        figures.lists[number].add(ListFigures(housed=count, oldest_served=oldest, newest_served=newest))


def _gates(found: dict[int, Figures]) -> dict[int, datetime]:
    opened = {
        key: event.at
        for key, event in samples.newest(GateEvent.objects.filter(akimat__in=found), "at").items()
        if event.kind == GateEvent.Kind.OPENED
    }
    for key in opened:
        found[key].gates_open = 1
    return opened


def _freshness(found: dict[int, Figures], akimats: Mapping[int, Akimat]) -> None:
    changed = last_changes()
    checked = dict(
        Sweep.objects.filter(finished_at__isnull=False)
        .order_by()
        .values_list("akimat_id")
        .annotate(Max("finished_at"))
    )
    for key, figures in found.items():
        figures.changed_at = changed.get(akimats[key].kato)
        figures.checked_at = checked.get(key)
        figures.unchecked = int(key not in checked)


def last_changes() -> dict[str, datetime]:
    """Return when the newest act of each akimat was recorded, by code."""
    newest = AuditEvent.objects.filter(akimat_kato=OuterRef("akimat_kato"), seq=OuterRef("seq"))
    rows = TrailHead.objects.annotate(at=Subquery(newest.values("at")[:1])).filter(at__isnull=False)
    return dict(rows.values_list("akimat_kato", "at"))
