"""Why an entry got what it got in one round: whoever sees rounds sees it, by file number."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from allocation import explanation_presenters
from allocation.models import AllocationRun
from allocation.selectors.explanations import explain
from queue_registry.models import QueueEntry
from queue_registry.permissions import Permission
from queue_registry.views.access import Desk, desk_page


@require_safe
@desk_page(Permission.ROUND_VIEW)
def page(request: HttpRequest, desk: Desk, round_id: int, entry_id: int) -> HttpResponse:
    """The code and the witness in words, from the round's stored documents."""
    entry = get_object_or_404(QueueEntry, pk=entry_id, akimat=desk.akimat)
    run = get_object_or_404(
        AllocationRun.objects.select_related("round"),
        round=round_id,
        round__akimat=desk.akimat,
        executed_at__isnull=False,
        superseded_at__isnull=True,
    )
    found = explain(run, file_number=entry.file_number)
    if not found:
        raise Http404
    context = {
        "desk": desk,
        "round": run.round,
        "entry": entry,
        "explanations": [explanation_presenters.explained(one) for one in found],
        "section": "rounds",
    }
    return render(request, "allocation/explanation.html", context)
