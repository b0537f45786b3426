"""Clerk: the files of old lists, where their rows ended, what waits for a person."""

from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import consent_forms
from queue_registry.models import ImportBatch
from queue_registry.permissions import Permission
from queue_registry.selectors import legacy
from queue_registry.services import imports
from queue_registry.views.access import Desk, desk_page


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def import_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every file with its totals, and the open questions counted by code."""
    batches = list(legacy.list_batches(desk.akimat))
    context = {
        "desk": desk,
        "batches": batches,
        "consent_forms": [
            (batch, consent_forms.ListConsents(prefix=f"batch{batch.pk}"))
            for batch in batches
            if not batch.consent_document
        ],
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


@require_POST
@desk_page(Permission.CONSENT_KEEP)
def add_consents(request: HttpRequest, desk: Desk, batch_id: int) -> HttpResponse:
    """The paper with the consents of a file that was put in without one."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, akimat=desk.akimat)
    form = consent_forms.ListConsents(request.POST, prefix=f"batch{batch.pk}")
    document = form.cleaned_data["document"] if form.is_valid() else ""
    given = imports.add_consents(batch_id=batch.pk, consent_document=document, by=desk.user, at=desk.at)
    if given:
        messages.success(request, _("The consents are recorded. The registers are asked now."))
    else:
        messages.info(request, _("Nothing was recorded: without a paper nobody is asked."))
    return redirect("queue_registry:imports")
