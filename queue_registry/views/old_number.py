"""
Citizen: my old number. The number of an old list leads to the permanent file number.

As on the page of the place: without sign-in, cookies and JavaScript; everything that is wrong gets the same
page by the same query; an IIN alone shows nothing.
"""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from queue_registry.old_number_forms import OldNumber
from queue_registry.selectors.old_numbers import list_applications_with_old_number
from queue_registry.views import look_up

_FORM: Final = "queue_registry/old_number.html"


@look_up.personal_page
def old_number(request: HttpRequest) -> HttpResponse:
    """Ask for system, old number and IIN; answer with the permanent file number."""
    if look_up.is_switch(request):
        return _form(request, look_up.as_typed(OldNumber, request))
    form = OldNumber(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        return _answer(request, source=data["source"], digits=data["number"], iin=data["iin"])
    return _form(request, form)


def _form(request: HttpRequest, form: OldNumber, **told: object) -> HttpResponse:
    return render(request, _FORM, {"form": form, "section": "old_number", "kept": "kept", **told})


def _answer(request: HttpRequest, *, source: str, digits: str, iin: str) -> HttpResponse:
    # Old numbers are short: whoever knows an IIN must not try them one by one, nor IINs by one number.
    try:
        found = look_up.find(
            request,
            number=f"{source}:{digits}",
            iin=iin,
            ask=lambda: list_applications_with_old_number(source=source, digits=digits, iin=iin),
        )
    except look_up.Stopped as stopped:
        return stopped.response
    if not found:
        # An empty form: what was typed would make two answers differ.
        return _form(request, OldNumber(), not_found=True)
    page = {"applications": found, "section": "old_number"}
    return render(request, "queue_registry/old_number_answer.html", page)
