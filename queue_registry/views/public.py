"""
Citizen: my place. Without sign-in, without cookies, without JavaScript.

Wrong number, wrong IIN and a pair that does not belong together get the same page: the same bytes by the
same query. Nothing personal gets into an address, a title, a log or a cache.
"""

from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from queue_registry import forms
from queue_registry.models import Application
from queue_registry.place_presenters import PlaceChart, place_chart
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock
from queue_registry.selectors.applications import get_application_of
from queue_registry.selectors.place_history import list_histories
from queue_registry.selectors.queue import Standing, list_standings
from queue_registry.views import look_up_limits

_FORM = "queue_registry/my_place.html"
_TRY_AGAIN_SECONDS = 60


# No session stands behind the form, so there is nothing to forge; and it works where cookies are off.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def my_place(request: HttpRequest) -> HttpResponse:
    """Ask for file number and IIN; answer with the place on every list of the application."""
    form = forms.LookUp(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        response = _answer(request, **form.cleaned_data)
    else:
        response = render(request, _FORM, {"form": form, "section": "my_place"})
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, *, file_number: str, iin: str) -> HttpResponse:
    try:
        look_up_limits.count_look_up(request)
        look_up_limits.check_failures(file_number)
        try:
            application = get_application_of(file_number=file_number, iin=iin)
        except Application.DoesNotExist:
            look_up_limits.count_failure(file_number)
            # An empty form: what was typed would make two answers differ.
            return render(request, _FORM, {"form": forms.LookUp(), "not_found": True, "section": "my_place"})
    except look_up_limits.TooManyLookUps as reached:
        return too_many(request, reached.retry_after)
    except look_up_limits.LimitsUnavailable:
        return try_later(request)
    at = clock.now()
    standings = list_standings(application)
    page = {
        "application": application,
        "standings": standings,
        "charts": _charts(standings, on=civil_day(at)),
        "at": at,
        "section": "my_place",
    }
    return render(request, "queue_registry/my_place_answer.html", page)


def _charts(standings: Sequence[Standing], *, on: date) -> dict[int, PlaceChart]:
    histories = list_histories(standing.entry for standing in standings)
    return {entry: place_chart(history, on=on) for entry, history in histories.items()}


def too_many(request: HttpRequest, retry_after: int) -> HttpResponse:
    """Say how long to wait until the next attempt."""
    minutes = -(-retry_after // 60)
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(retry_after)
    return response


def try_later(request: HttpRequest) -> HttpResponse:
    """Say that nobody can look anything up at the moment."""
    response = render(request, "503.html", status=503)
    response.headers["Retry-After"] = str(_TRY_AGAIN_SECONDS)
    return response
