"""Clerk: the files of old lists, where their rows ended, what waits for a person."""

from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from queue_registry import consent_forms, import_forms, import_upload_presenters
from queue_registry.models import ImportBatch, ImportOrder
from queue_registry.permissions import Permission
from queue_registry.selectors import legacy
from queue_registry.services import import_orders, imports
from queue_registry.services.import_undo import UndoRefused
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def import_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every file with its totals, and the open questions counted by code."""
    return _list(request, desk)


@require_POST
@desk_page(Permission.REGISTER_CONFIRM_IMPORT)
def confirm(request: HttpRequest, desk: Desk, batch_id: int) -> HttpResponse:
    """The second person lets a file count."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, akimat=desk.akimat)
    try:
        import_orders.order_confirmation(batch_id=batch.pk, by=desk.user, at=desk.at)
    except imports.SecondPersonNeeded:
        return _list(
            request,
            desk,
            problem=_("Who put a file in does not confirm it: somebody else does."),
            status=CONFLICT,
        )
    except imports.NothingToConfirm:
        messages.info(request, _("The file was confirmed or taken back before."))
    else:
        messages.success(request, _("The file is being confirmed. You may close the page."))
    return redirect("queue_registry:imports")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.IMPORT_UNDO)
def undo(request: HttpRequest, desk: Desk, batch_id: int) -> HttpResponse:
    """Take a whole file back, with a reason, while nothing rests on it."""
    batch = get_object_or_404(ImportBatch, pk=batch_id, akimat=desk.akimat)
    form = import_forms.Undo(request.POST if request.method == "POST" else None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            import_orders.order_undo(
                batch_id=batch.pk, reason=form.cleaned_data["reason"], by=desk.user, at=desk.at
            )
        except UndoRefused as refused:
            problem = import_upload_presenters.undo_refusal(refused)
        else:
            messages.success(request, _("The file is being taken back. You may close the page."))
            return redirect("queue_registry:imports")
    context = {"desk": desk, "batch": batch, "form": form, "problem": problem, "section": "imports"}
    status = CONFLICT if problem else 200
    return render(request, "queue_registry/import_undo.html", context, status=status)


def _list(request: HttpRequest, desk: Desk, *, problem: str = "", status: int = 200) -> HttpResponse:
    batches = list(legacy.list_batches(desk.akimat))
    orders = legacy.latest_orders(desk.akimat)
    context = {
        "desk": desk,
        "batches": batches,
        "consent_forms": [
            (batch, consent_forms.ListConsents(prefix=f"batch{batch.pk}"))
            for batch in batches
            if not batch.consent_document and batch.undone_at is None
        ],
        "differing": [
            (
                ", ".join(part for part in (batch.file_name, other["sheet"]) if part),
                other["stated"],
                other["counted"],
            )
            for batch in batches
            if batch.undone_at is None
            for other in batch.others
            if other["total_differs"]
        ],
        "cases": sorted(Counter(legacy.list_open_cases(desk.akimat).values_list("code", flat=True)).items()),
        "orders": {key: (order, import_orders.percent_done(order)) for key, order in orders.items()},
        "page_url": reverse("queue_registry:imports"),
        "live": any(order.state == ImportOrder.State.WANTED for order in orders.values()),
        "problem": problem,
        "section": "imports",
    }
    return render(request, "queue_registry/imports.html", context, status=status)


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
