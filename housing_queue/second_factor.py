"""Whoever owes the second factor is a stranger to all pages but those that take it."""

from collections.abc import Callable
from typing import Any, Final, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from queue_registry.models import User
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock, second_factors

# What is open to somebody whose password was right and who has not given a code yet.
_BEFORE_THE_CODE: Final = frozenset({"second_factor", "second_factor_new", "sign_in", "sign_out"})


class SecondFactorMiddleware:
    """
    Keep those who owe a code out of desk, admin and API: no page can forget to ask, as none sees them.

    Who is asked is looked up when a page wants to know its person: public pages never touch a session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECOND_FACTOR:
            signed_in = request.user
            request.before_the_code = signed_in  # type: ignore[attr-defined]
            request.user = cast("Any", SimpleLazyObject(lambda: _known(signed_in)))
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Let the pages of the second factor see their person; lead from other pages of staff to them."""
        if not settings.SECOND_FACTOR:
            return None
        match = request.resolver_match
        if match is not None and match.view_name in _BEFORE_THE_CODE:
            request.user = request.before_the_code  # type: ignore[attr-defined]
        elif (
            request.path_info.startswith(settings.STAFF_PATHS)
            and not request.user.is_authenticated
            and request.before_the_code.is_authenticated  # type: ignore[attr-defined]
        ):
            query = {"next": request.get_full_path()} if request.method == "GET" else None
            return redirect(reverse("second_factor", query=query))
        return None


def _known(user: Any) -> Any:
    """Return the person, or a stranger while a code is owed."""
    if not user.is_authenticated or user.is_verified():
        return user
    asked = second_factors.is_asked_of(cast("User", user), civil_day(clock.now()))
    return AnonymousUser() if asked else user
