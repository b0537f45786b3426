"""The state systems at the desk: how each one is, for whoever keeps them running. No personal data."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from queue_registry.permissions import Permission
from queue_registry.selectors import sources as selectors
from queue_registry.views.access import Desk, desk_page


@require_safe
@desk_page(Permission.SOURCE_VIEW)
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every system: health, last word, lag, permits, what waits, what was given up, how attempts ended."""
    states = selectors.list_states(at=desk.at)
    context = {
        "desk": desk,
        "states": states,
        "mix_parts": list(selectors.Share),
        "nothing_asked": not any(state.tally.day for state in states),
        "section": "sources",
    }
    return render(request, "queue_registry/sources.html", context)
