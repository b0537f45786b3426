"""Clerk: the files of old lists, where their rows ended, what waits for a person."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from queue_registry.permissions import Permission
from queue_registry.selectors import legacy
from queue_registry.views.access import Desk, desk_page


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def import_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every file with its totals, and the open questions counted by code."""
    batches = list(legacy.list_batches(desk.akimat))
    context = {
        "desk": desk,
        "batches": batches,
        "differing": [
            (
                ", ".join(part for part in (batch.file_name, other["sheet"]) if part),
                other["stated"],
                other["counted"],
            )
            for batch in batches
            for other in batch.others
            if other["total_differs"]
        ],
        "cases": sorted(Counter(legacy.list_open_cases(desk.akimat).values_list("code", flat=True)).items()),
        "section": "imports",
    }
    return render(request, "queue_registry/imports.html", context)
