"""Looks that somebody should ask about: own case, relatives, colleagues, cases without anything to do."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from queue_registry import audit_forms, oversight_presenters
from queue_registry.permissions import Permission
from queue_registry.rules.access import WINDOW
from queue_registry.selectors import unusual_looks as selectors
from queue_registry.services import audit
from queue_registry.views.access import Desk, desk_page

_PAGE = 50
_DAYS = 31


@require_safe
@desk_page(Permission.TRAIL_VIEW)
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is asked about of a period; reading it is a look, too."""
    target = f"unusual_looks:{desk.akimat.kato}"
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=target)
    form = audit_forms.Period(request.GET or None)
    chosen = form.cleaned_data if form.is_bound and form.is_valid() else {}
    until = chosen.get("until") or desk.on
    since = chosen.get("since") or until - timedelta(days=_DAYS - 1)
    rows = Paginator(selectors.list_unusual(desk.akimat, since=since, until=until), _PAGE)
    found = rows.get_page(request.GET.get("page"))
    users, cases = selectors.named(found)
    context = {
        "desk": desk,
        "form": form,
        "page": found,
        "rows": [
            (row, oversight_presenters.look_kind(row.kind), users[row.officer], cases[row.case])
            for row in found
        ],
        "since": since,
        "until": until,
        "days": WINDOW.days,
        "section": "audit",
        "audit_page": "unusual_looks",
    }
    return render(request, "queue_registry/unusual_looks.html", context)
