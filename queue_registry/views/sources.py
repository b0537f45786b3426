"""The state systems at the desk: how each one is, for whoever keeps them running. No personal data."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import source_presenters
from queue_registry.permissions import Permission
from queue_registry.selectors import sources as selectors
from queue_registry.services import source_holds
from queue_registry.source_forms import Holding
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT

HOLD: Final = "hold"
RELEASE: Final = "release"


@require_safe
@desk_page(Permission.SOURCE_VIEW)
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every system: health, last word, lag, permits, what waits, what was given up, how attempts ended."""
    return _page(request, desk)


@require_POST
@desk_page(Permission.SOURCE_HOLD)
def hold(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Hold a system: its answers ground nothing adverse until it is let go."""
    return _act(
        request,
        desk,
        Holding(request.POST, prefix=HOLD),
        source_holds.hold,
        done=_("The system is held. Nothing adverse rests on its answers now."),
    )


@require_POST
@desk_page(Permission.SOURCE_HOLD)
def release(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Let a system go: entries that it was doubted about are judged again."""
    return _act(
        request,
        desk,
        Holding(request.POST, prefix=RELEASE),
        source_holds.release,
        done=_("The system is let go. Entries concerned are judged again."),
    )


def _act(
    request: HttpRequest, desk: Desk, form: Holding, act: Callable[..., object], *, done: str
) -> HttpResponse:
    if not form.is_valid():
        return _page(request, desk, form=form)
    try:
        act(by=desk.user, at=desk.at, **form.cleaned_data)
    except source_holds.HoldRefused as refused:
        return _page(request, desk, problem=source_presenters.hold_refusal(refused.code), status=CONFLICT)
    messages.success(request, done)
    return redirect("queue_registry:sources")


def _page(
    request: HttpRequest, desk: Desk, *, form: Holding | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    forms = {HOLD: Holding(prefix=HOLD), RELEASE: Holding(prefix=RELEASE)}
    if form is not None:
        forms[str(form.prefix)] = form
    states = selectors.list_states(at=desk.at)
    context = {
        "desk": desk,
        "states": states,
        "mix_parts": list(selectors.Share),
        "nothing_asked": not any(state.tally.day for state in states),
        "forms": forms,
        "bound": form,
        "problem": problem,
        "page_url": reverse("queue_registry:sources"),
        "section": "sources",
    }
    return render(request, "queue_registry/sources.html", context, status=status)
