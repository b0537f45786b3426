"""Anybody: is the register whole, as of the last look at every invariant."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from allocation import register_check_presenters as presenters
from allocation.selectors import register_checks
from queue_registry.selectors import clock
from queue_registry.views import cacheable


@require_safe
def board(request: HttpRequest) -> HttpResponseBase:
    """Every invariant, whether it held, and when that was looked at."""

    def make() -> HttpResponse:
        check = register_checks.get_newest()
        found = presenters.board(check, at=clock.now()) if check else None
        return render(
            request, "allocation/register_check.html", {"board": found, "section": "register_check"}
        )

    return cacheable.page(request, key=f"register-check:{get_language()}", make=make)
