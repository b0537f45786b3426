"""Clerk: a household says that data about it are wrong; what the register says, and the answer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import my_data_forms, my_data_presenters
from queue_registry.models import DataDispute
from queue_registry.permissions import Permission
from queue_registry.rules.data_disputes import DisputeRefused
from queue_registry.services import audit, data_disputes
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def page(request: HttpRequest, desk: Desk, dispute_id: int) -> HttpResponse:
    """One dispute: what is said to be wrong, what the source said, until when it is answered."""
    return _page(request, desk, _found(desk, dispute_id), my_data_forms.Settlement())


@require_POST
@desk_page(Permission.DATA_DISPUTE_SETTLE)
def settle(request: HttpRequest, desk: Desk, dispute_id: int) -> HttpResponse:
    """Answer the household: its data are corrected, or they stand; it reads why."""
    dispute, form = _found(desk, dispute_id), my_data_forms.Settlement(request.POST)
    if not form.is_valid():
        return _page(request, desk, dispute, form)
    try:
        data_disputes.settle(
            dispute_id=dispute.pk,
            outcome=DataDispute.Outcome(form.cleaned_data["outcome"]),
            decision=form.cleaned_data["decision"],
            by=desk.user,
            at=desk.at,
        )
    except DisputeRefused as refused:
        problem = my_data_presenters.dispute_refusal(refused)
        return _page(request, desk, _found(desk, dispute_id), form, problem=problem)
    messages.success(request, _("The household is answered: it reads it on its page."))
    return redirect("queue_registry:data_dispute", dispute_id=dispute.pk)


def _found(desk: Desk, dispute_id: int) -> DataDispute:
    return get_object_or_404(
        DataDispute.objects.select_related(
            "application__applicant", "person", "answer", "fact__relative", "settled_by"
        ),
        pk=dispute_id,
        application__akimat=desk.akimat,
    )


def _page(
    request: HttpRequest,
    desk: Desk,
    dispute: DataDispute,
    form: my_data_forms.Settlement,
    *,
    problem: str = "",
) -> HttpResponse:
    audit.record_view(
        akimat=desk.akimat, by=desk.user, at=desk.at, target=f"application:{dispute.application_id}"
    )
    context = {
        "desk": desk,
        "dispute": dispute,
        "lines": my_data_presenters.disputed_lines(dispute),
        "form": form,
        "problem": problem,
        "section": "work",
    }
    return render(request, "queue_registry/data_dispute.html", context, status=CONFLICT if problem else 200)
