"""
The one look-up of every public page: file number and IIN under the limits of every look-up, the same answer
for whatever is wrong of them, and a sealed token for what was proved.

Without sign-in, without cookies, without JavaScript; nothing personal gets into an address, a title, a log
or a cache. No IIN comes back to the browser: the token stands for both numbers for half an hour.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Final, TypeVar

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from queue_registry.forms import LookUp
from queue_registry.models import Application
from queue_registry.selectors.applications import get_application_of
from queue_registry.views import look_up_limits

_SALT: Final = "queue_registry.look_up"
_WITH_CODE: Final = "queue_registry.look_up.with_code"
TOKEN_SECONDS: Final = 30 * 60
# Several times what asking takes where nothing else is to be done.
_STEP_SECONDS: Final = 0.025

View = Callable[[HttpRequest], HttpResponse]
Page = Callable[[HttpRequest, Application], HttpResponse]
Found = TypeVar("Found")
Typed = TypeVar("Typed", bound=forms.Form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A page that asks for file number and IIN, by a form, and the section of the navigation it is in."""

    template: str
    section: str
    form: type[LookUp] = LookUp


class Stopped(Exception):
    """A look-up that was not made; `response` says why and when to try again."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__("The look-up was not made.")
        self.response = response


def personal_page(view: View) -> View:
    """
    Make a view a page of one household: kept by no cache.

    No session stands behind its forms, so there is nothing to forge; and they work where cookies are off.
    """

    @functools.wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response.headers["Cache-Control"] = "no-store"
        return response

    return csrf_exempt(require_http_methods(["GET", "HEAD", "POST"])(answered))


def enter(request: HttpRequest, door: Door, page: Page) -> HttpResponse:
    """Show a household's page to whoever has both numbers right, now or a while ago; else the form."""
    return through(request, door, page, ask=_application_with, of_token=application_of_token)


def through(
    request: HttpRequest,
    door: Door,
    page: Callable[[HttpRequest, Found], HttpResponse],
    *,
    ask: Callable[[str, str], Found | None],
    of_token: Callable[[str], Found | None],
) -> HttpResponse:
    """
    Show a page to whoever has both numbers right, now or a while ago; else the form.

    :param ask: who has a file number and an IIN.
    :param of_token: who had them, by the token that was given out then.
    """
    if "token" in request.POST:
        known = of_token(request.POST["token"])
        return expired(request, door) if known is None else page(request, known)
    if is_switch(request):
        return _form(request, door, as_typed(door.form, request))
    form = door.form(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _form(request, door, form)
    number, iin = form.cleaned_data["file_number"], form.cleaned_data["iin"]
    try:
        found = find(request, number=number, iin=iin, ask=lambda: ask(number, iin))
    except Stopped as stopped:
        return stopped.response
    if found is None:
        # An empty form: what was typed would make two answers differ.
        return _form(request, door, door.form(), not_found=True)
    return page(request, found)


def expired(request: HttpRequest, door: Door) -> HttpResponse:
    """Ask for both numbers again: the token is too old, or none of ours."""
    return _form(request, door, door.form(), problem=_("Too much time has passed. Enter both numbers again."))


def _form(request: HttpRequest, door: Door, form: LookUp, **told: object) -> HttpResponse:
    return render(request, door.template, {"form": form, "section": door.section, "kept": "kept", **told})


def is_switch(request: HttpRequest) -> bool:
    """Say whether a form was sent only to see the page in another language."""
    return "language" in request.POST


def as_typed(form: type[Typed], request: HttpRequest) -> Typed:
    """Return a form with what was typed so far, and nothing said about it."""
    return form(initial={name: request.POST.get(name, "") for name in form.base_fields})


def token_of(application_id: int) -> str:
    """Return what goes on from step to step once file number and IIN were right."""
    return signing.dumps(application_id, salt=_SALT)


def application_of_token(token: str) -> Application | None:
    """Return the application whose numbers were right when the token was given out, or None."""
    return _sealed(token, salt=_SALT)


def pass_of(application_id: int) -> str:
    """Return what goes on from step to step once a code from the telephone was right, too."""
    return signing.dumps(application_id, salt=_WITH_CODE)


def application_of_pass(text: str) -> Application | None:
    """Return the application whose code was right when the pass was given out, or None."""
    return _sealed(text, salt=_WITH_CODE)


def _sealed(text: str, *, salt: str) -> Application | None:
    try:
        application_id = signing.loads(text, salt=salt, max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        return None
    return Application.objects.select_related("akimat", "applicant").filter(pk=application_id).first()


def _application_with(file_number: str, iin: str) -> Application | None:
    try:
        return get_application_of(file_number=file_number, iin=iin)
    except Application.DoesNotExist:
        return None


def find(request: HttpRequest, *, number: str, iin: str, ask: Callable[[], Found | None]) -> Found | None:
    """
    Return what a look-up finds, under the limits: of the address, of the number and of the IIN.

    That nothing is found is told after a whole number of steps of time: a number that somebody has takes the
    database longer than one that nobody has, and nobody is to tell them apart by that.

    :raises Stopped: if a limit is reached, or nobody can tell whether it is.
    """
    began = monotonic()
    with limited(request):
        look_up_limits.check_failures(number, iin)
        found = ask()
        if not found:
            look_up_limits.count_failure(number, iin)
            sleep(rest_of_step(monotonic() - began))
    return found


def rest_of_step(seconds: float) -> float:
    """Return how many seconds are left of the step of time that has begun."""
    return _STEP_SECONDS - seconds % _STEP_SECONDS


@contextmanager
def limited(request: HttpRequest) -> Iterator[None]:
    """
    Count one look-up from the request's address around what it asks.

    :raises Stopped: if a limit is reached, or nobody can tell whether it is.
    """
    try:
        look_up_limits.count_look_up(request)
        yield
    except look_up_limits.TooManyLookUps as reached:
        raise Stopped(_too_many(request, reached.retry_after)) from reached
    except look_up_limits.LimitsUnavailable as unavailable:
        raise Stopped(_try_later(request, unavailable.retry_after)) from unavailable


def _too_many(request: HttpRequest, retry_after: int) -> HttpResponse:
    minutes = -(-retry_after // 60)
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(retry_after)
    return response


def _try_later(request: HttpRequest, retry_after: int) -> HttpResponse:
    minutes = -(-retry_after // 60)
    response = render(request, "503.html", {"minutes": minutes}, status=503)
    response.headers["Retry-After"] = str(retry_after)
    return response
