"""What rechecks found, at the desk: the list, one finding with both looks, and its settlement by a person."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import move_forms
from queue_registry.models import RecheckFinding
from queue_registry.permissions import Permission
from queue_registry.selectors import rechecks as selectors
from queue_registry.services import audit, rechecks
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, problem_of

_PAGE = 50


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def finding_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everything that rechecks found, what waits for a person first. The look is recorded."""
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"findings:{desk.akimat.kato}")
    page = Paginator(selectors.list_findings(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    context = {"desk": desk, "page": page, "section": "removals"}
    return render(request, "queue_registry/findings.html", context)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def page(request: HttpRequest, desk: Desk, finding_id: int) -> HttpResponse:
    """One finding: what was seen, by which answers, and what stands in the way."""
    return _page(request, desk, _found(desk, finding_id))


@require_POST
@desk_page(Permission.REMOVAL_PROPOSE)
def settle(request: HttpRequest, desk: Desk, finding_id: int) -> HttpResponse:
    """A person settles a held finding otherwise than by a case, with the reason."""
    finding = _found(desk, finding_id)
    form = move_forms.Settlement(request.POST, prefix="settle")
    if not form.is_valid():
        return _page(request, desk, finding, form=form)
    problem = problem_of(
        lambda: rechecks.close(finding_id=finding.pk, how=form.cleaned_data["how"], by=desk.user, at=desk.at)
    )
    if problem:
        return _page(request, desk, _found(desk, finding_id), problem=problem, status=CONFLICT)
    messages.success(request, _("The finding is settled. Nothing happened to the entry."))
    return redirect("queue_registry:finding", finding_id=finding.pk)


def _found(desk: Desk, finding_id: int) -> RecheckFinding:
    return get_object_or_404(selectors.list_findings(desk.akimat), pk=finding_id)


def _page(
    request: HttpRequest,
    desk: Desk,
    finding: RecheckFinding,
    *,
    form: forms.Form | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    target = f"recheck_finding:{finding.pk}"
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=target)
    context = {
        "desk": desk,
        "finding": finding,
        "form": form or move_forms.Settlement(prefix="settle"),
        "bound": form,
        "problem": problem,
        "page_url": reverse("queue_registry:finding", args=[finding.pk]),
        "section": "removals",
    }
    return render(request, "queue_registry/finding.html", context, status=status)
