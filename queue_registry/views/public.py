"""
Citizen: my place. Without sign-in, without cookies, without JavaScript.

Wrong number, wrong IIN and a pair that does not belong together get the same page: the same bytes by the
same query. Nothing personal gets into an address, a title, a log or a cache.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from queue_registry.models import Application
from queue_registry.place_presenters import PlaceChart, place_chart
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock
from queue_registry.selectors.place_history import list_histories
from queue_registry.selectors.queue import Standing, list_standings
from queue_registry.views import look_up

_DOOR: Final = look_up.Door(template="queue_registry/my_place.html", section="my_place")


@look_up.personal_page
def my_place(request: HttpRequest) -> HttpResponse:
    """Ask for file number and IIN; answer with the place on every list of the application."""
    return look_up.enter(request, _DOOR, _answer)


def _answer(request: HttpRequest, application: Application) -> HttpResponse:
    at = clock.now()
    standings = list_standings(application)
    page = {
        "application": application,
        "standings": standings,
        "charts": _charts(standings, on=civil_day(at)),
        "at": at,
        "section": _DOOR.section,
    }
    return render(request, "queue_registry/my_place_answer.html", page)


def _charts(standings: Sequence[Standing], *, on: date) -> dict[int, PlaceChart]:
    histories = list_histories(standing.entry for standing in standings)
    return {entry: place_chart(history, on=on) for entry, history in histories.items()}
