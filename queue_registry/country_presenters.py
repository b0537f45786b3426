"""The country's figures as rows and bars; a bar only repeats the number beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from queue_registry.models import Akimat
from queue_registry.rules.territory import region_prefix
from queue_registry.selectors.country import Country, Figures, ListFigures, Place, together

_FULL: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOfPlace:
    """A region or an akimat in the table: its name, its page, its figures, the length of its bar."""

    name: str
    url: str
    figures: Figures
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBar:
    """A list in the table."""

    number: str
    figures: ListFigures
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthBar:
    """A month in the table."""

    month: str
    housed: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region by name, with its page."""

    name: str
    url: str


def name_of(akimat: Akimat) -> str:
    """Name of an akimat in the page's language."""
    return akimat.name_ru if get_language() == "ru" else akimat.name_kk


def region(found: Country, prefix: str) -> Region:
    """A region by the name of its own akimat, or of the only city that it is."""
    own = found.regions.get(prefix)
    places = found.of_region(prefix)
    if own is None and len(places) == 1:
        own = places[0].akimat
    name = name_of(own) if own else _("Region %(prefix)s") % {"prefix": prefix}
    return Region(name=name, url=reverse("queue_registry_public:region", args=[prefix]))


def regions(found: Country) -> list[RowOfPlace]:
    """The regions by code."""
    prefixes = list(dict.fromkeys(region_prefix(one.akimat.kato) for one in found.places))
    rows = [(region(found, prefix), together(found.of_region(prefix))) for prefix in prefixes]
    return _rows([(one.name, one.url, figures) for one, figures in rows])


def akimats(places: Iterable[Place]) -> list[RowOfPlace]:
    """Akimats by code."""
    return _rows(
        [
            (
                name_of(one.akimat),
                reverse("queue_registry_public:akimat", args=[one.akimat.kato]),
                one.figures,
            )
            for one in places
        ]
    )


def _rows(places: list[tuple[str, str, Figures]]) -> list[RowOfPlace]:
    longest = max((figures.waiting for _name, _url, figures in places), default=0)
    return [
        RowOfPlace(name=name, url=url, figures=figures, width=_width(figures.waiting, longest))
        for name, url, figures in places
    ]


def list_bars(figures: Figures) -> list[ListBar]:
    """The six lists."""
    longest = max(one.waiting for one in figures.lists.values())
    return [
        ListBar(number=number, figures=one, width=_width(one.waiting, longest))
        for number, one in figures.lists.items()
    ]


def month_bars(figures: Figures) -> list[MonthBar]:
    """The last twelve months, the oldest first."""
    longest = max(figures.housed.values(), default=0)
    return [
        MonthBar(month=f"{month:%Y-%m}", housed=count, width=_width(count, longest))
        for month, count in sorted(figures.housed.items())
    ]


def _width(count: int, longest: int) -> int:
    return count * _FULL // longest if longest else 0
