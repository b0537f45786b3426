"""
Citizen: my place. Without sign-in, without cookies, without JavaScript.

Wrong number, wrong IIN and a pair that does not belong together get the same page: the same bytes by the
same query. Nothing personal gets into an address, a title, a log or a cache.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from queue_registry import citizen_presenters
from queue_registry.models import Application, PolicyVersion
from queue_registry.place_presenters import PlaceChart, place_chart
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.citizen_states import CitizenState
from queue_registry.selectors import clock
from queue_registry.selectors.my_place import Told, list_told
from queue_registry.selectors.place_history import list_histories
from queue_registry.services.policies import PolicyNotFound, policy_in_force
from queue_registry.views import look_up

DOOR: Final = look_up.Door(template="queue_registry/my_place.html", section="my_place")


@look_up.personal_page
def my_place(request: HttpRequest) -> HttpResponse:
    """Ask for file number and IIN; answer with the place on every list of the application."""
    return look_up.enter(request, DOOR, answer)


def answer(request: HttpRequest, application: Application) -> HttpResponse:
    """The place page of a household that has shown who it is."""
    at = clock.now()
    told, besides = list_told(application, at=at)
    on = civil_day(at)
    charts = _charts(told, on=on)
    context = {
        "application": application,
        "tickets": [
            (
                one,
                citizen_presenters.status(one, _version(application, one, at), on=on),
                charts.get(one.entry.pk),
            )
            for one in told
        ],
        "entries": [one.entry for one in told],
        "office": besides.office,
        "keeper": besides.keeper,
        "sealed": besides.sealed,
        "token": look_up.token_of(application.pk),
        "at": at,
        "section": DOOR.section,
        "kept": "kept",
    }
    return render(request, "queue_registry/my_place_answer.html", context)


def _version(application: Application, told: Told, at: datetime) -> PolicyVersion | None:
    """The policy whose terms a state rests on: of the day of the decision, or of today."""
    if told.status.state not in {CitizenState.OFFER_OPEN, CitizenState.REMOVED}:
        return None
    day = told.removed.decided_at if told.removed is not None else at
    try:
        return policy_in_force(akimat=application.akimat, on=civil_day(day))
    except PolicyNotFound:
        return None


def _charts(told: Sequence[Told], *, on: date) -> dict[int, PlaceChart]:
    events = [event for one in told for event in one.events]
    histories = list_histories([one.entry for one in told], events=events)
    return {entry: place_chart(history, on=on) for entry, history in histories.items()}
