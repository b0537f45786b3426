"""
Citizen: my old number. The number of an old list leads to the permanent file number.

As on the page of the place: without sign-in, cookies and JavaScript; everything that is wrong gets the same
page by the same query; an IIN alone shows nothing.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from queue_registry.old_number_forms import OldNumber
from queue_registry.selectors.old_numbers import list_applications_with_old_number
from queue_registry.views import look_up_limits
from queue_registry.views.public import too_many, try_later

_FORM = "queue_registry/old_number.html"


# No session stands behind the form, so there is nothing to forge; and it works where cookies are off.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def old_number(request: HttpRequest) -> HttpResponse:
    """Ask for system, old number and IIN; answer with the permanent file number."""
    form = OldNumber(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        response = _answer(request, source=data["source"], digits=data["number"], iin=data["iin"])
    else:
        response = render(request, _FORM, {"form": form, "section": "old_number"})
    response.headers["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, *, source: str, digits: str, iin: str) -> HttpResponse:
    # Old numbers are short: whoever knows an IIN must not try them one by one, nor IINs by one number.
    guessed = (f"{source}:{digits}", look_up_limits.hidden(iin))
    try:
        look_up_limits.count_look_up(request)
        for key in guessed:
            look_up_limits.check_failures(key)
        found = list_applications_with_old_number(source=source, digits=digits, iin=iin)
        if not found:
            for key in guessed:
                look_up_limits.count_failure(key)
    except look_up_limits.TooManyLookUps as reached:
        return too_many(request, reached.retry_after)
    except look_up_limits.LimitsUnavailable:
        return try_later(request)
    if not found:
        # An empty form: what was typed would make two answers differ.
        return render(request, _FORM, {"form": OldNumber(), "not_found": True, "section": "old_number"})
    page = {"applications": found, "section": "old_number"}
    return render(request, "queue_registry/old_number_answer.html", page)
