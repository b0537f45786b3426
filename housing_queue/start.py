"""The entrance of the desk: the first page that a person's roles let the person see."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from queue_registry.permissions import Permission, permissions_anywhere
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock
from queue_registry.views import queue

_PAGES: Final = (
    (Permission.SITTING_VIEW, "admin:allocation_sitting_changelist"),
    (Permission.STAFF_VIEW, "admin:index"),
)


@require_safe
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Show clerks their lists; send a commission to its sittings, administrators to the staff."""
    held = permissions_anywhere(request.user, civil_day(clock.now()))
    if Permission.REGISTER_VIEW not in held:
        for permission, page in _PAGES:
            if permission in held:
                return redirect(page)
    return queue.desk(request)
