"""Anybody: the whole country's queue, its regions and akimats, in figures that caches keep."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from queue_registry import country_presenters as presenters
from queue_registry.open_data import FORMATS
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock, keepers
from queue_registry.selectors import country as selectors
from queue_registry.views import cacheable
from queue_registry.views.open_data import years


@require_safe
def country(request: HttpRequest) -> HttpResponseBase:
    """Every region with its figures, and all of them together."""

    def make() -> HttpResponse:
        found = selectors.get_country(at=clock.now())
        regions = presenters.regions(found)
        return _rendered(request, found, found.places, rows=regions)

    return cacheable.page(request, key=f"country:{get_language()}", make=make)


@require_safe
def region(request: HttpRequest, prefix: str) -> HttpResponseBase:
    """Every akimat of a region with its figures, and all of them together."""

    def make() -> HttpResponse:
        found = selectors.get_country(at=clock.now())
        places = found.of_region(prefix)
        if not places:
            raise Http404
        chosen = presenters.region(found, prefix)
        return _rendered(request, found, places, rows=presenters.akimats(places), region=chosen)

    return cacheable.page(request, key=f"country:{get_language()}:{prefix}", make=make)


@require_safe
def akimat(request: HttpRequest, kato: str) -> HttpResponseBase:
    """The lists of an akimat with their figures."""

    def make() -> HttpResponse:
        found = selectors.get_country(at=clock.now())
        place = next((one for one in found.places if one.akimat.kato == kato), None)
        if place is None:
            raise Http404
        chosen = presenters.region(found, kato[:2])
        keeper = keepers.elsewhere(place.akimat, on=civil_day(found.at))
        return _rendered(request, found, (place,), place=place, region=chosen, keeper=keeper)

    return cacheable.page(request, key=f"country:{get_language()}:{kato}", make=make)


def _rendered(
    request: HttpRequest,
    found: selectors.Country,
    places: tuple[selectors.Place, ...],
    **more: object,
) -> HttpResponse:
    figures = selectors.together(places)
    context = {
        "figures": figures,
        "lists": presenters.list_bars(figures),
        "months": presenters.month_bars(figures),
        "years": reversed(years(civil_day(found.at))),
        "formats": FORMATS,
        "at": found.at,
        "section": "country",
        **more,
    }
    return render(request, "queue_registry/country.html", context)
