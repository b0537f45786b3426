"""Where a person of staff begins after signing in: the first page that the person's roles let them see."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from queue_registry.permissions import NotAllowed, Permission, permissions_anywhere
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock

_PAGES: Final = (
    (Permission.REGISTER_VIEW, "queue_registry:desk"),
    (Permission.SITTING_VIEW, "admin:allocation_sitting_changelist"),
    (Permission.STAFF_VIEW, "admin:index"),
)


@require_safe
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Send clerks to the lists, members of a commission to its sittings, administrators to the staff."""
    held = permissions_anywhere(request.user, civil_day(clock.now()))
    for permission, page in _PAGES:
        if permission in held:
            return redirect(page)
    raise NotAllowed(Permission.REGISTER_VIEW)
