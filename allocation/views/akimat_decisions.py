"""The akimat's own decisions on protocols of the commission, and the publication of those housed."""

import hashlib

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allocation import contract_forms, refusal_presenters
from allocation.models import AkimatDecision
from allocation.rules.refusals import Refused
from allocation.selectors import akimat_decisions
from allocation.services import akimat_decisions as decision_service
from queue_registry.permissions import Permission
from queue_registry.rules.intakes import scan_type
from queue_registry.views.access import Desk, desk_page


@require_safe
@desk_page(Permission.ROUND_VIEW)
def decision_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Protocols that wait for a decision, and decisions with the days left to publish."""
    return _list(request, desk)


@require_http_methods(["GET", "POST"])
@desk_page(Permission.AKIMAT_DECISION_ENTER)
def enter(request: HttpRequest, desk: Desk, sitting_id: int) -> HttpResponse:
    """Enter the decision on one protocol: number, day, scan."""
    sitting = get_object_or_404(akimat_decisions.list_confirmed(desk.akimat), pk=sitting_id)
    form = contract_forms.DecisionAct(request.POST or None, request.FILES or None)
    problem = ""
    if form.is_valid():
        try:
            decision_service.enter(
                sitting_id=sitting.pk,
                act=decision_service.Act(
                    number=form.cleaned_data["number"],
                    decided_on=form.cleaned_data["decided_on"],
                    scan=form.cleaned_data["scan"].read(),
                ),
                by=desk.user,
                at=desk.at,
            )
        except Refused as refused:
            problem = refusal_presenters.refusal(refused)
        else:
            messages.success(request, _("The decision of the akimat is entered."))
            return redirect("allocation:akimat_decisions")
    context = {"desk": desk, "sitting": sitting, "form": form, "problem": problem, "section": "decisions"}
    return render(request, "allocation/akimat_decision_enter.html", context, status=409 if problem else 200)


@require_POST
@desk_page(Permission.PUBLISH)
def publish(request: HttpRequest, desk: Desk, akimat_decision_id: int) -> HttpResponse:
    """Publish those housed by a decision."""
    found = _found(desk, akimat_decision_id)
    try:
        decision_service.publish(decision_id=found.pk, by=desk.user, at=desk.at)
    except Refused as refused:
        return _list(request, desk, problem=refusal_presenters.refusal(refused), status=409)
    messages.success(request, _("Those housed are published."))
    return redirect("allocation:akimat_decisions")


@require_safe
@desk_page(Permission.ROUND_VIEW)
def scan(request: HttpRequest, desk: Desk, akimat_decision_id: int) -> HttpResponse:
    """The scan of a decision, for saving; one that was changed is not given out."""
    found = _found(desk, akimat_decision_id)
    with found.document.file.open() as kept:
        content = kept.read()
    known = scan_type(content)
    if known is None or hashlib.sha256(content).hexdigest() != found.document.sha256:
        problem = _("The stored file is not the one that was added. Tell the administrator.")
        return _list(request, desk, problem=problem, status=409)
    media, end = known
    headers = {"Content-Disposition": f'attachment; filename="decision-{found.pk}.{end}"'}
    return HttpResponse(content, content_type=media, headers=headers)


def _found(desk: Desk, akimat_decision_id: int) -> AkimatDecision:
    return get_object_or_404(akimat_decisions.list_decisions(desk.akimat), pk=akimat_decision_id)


def _list(request: HttpRequest, desk: Desk, *, problem: str = "", status: int = 200) -> HttpResponse:
    decisions = akimat_decisions.list_decisions(desk.akimat)
    context = {
        "desk": desk,
        "waiting": akimat_decisions.list_waiting(desk.akimat),
        "decisions": [
            (decision, akimat_decisions.publication_of(decision, on=desk.on)) for decision in decisions
        ],
        "overdue": akimat_decisions.count_overdue(desk.akimat, on=desk.on),
        "problem": problem,
        "section": "decisions",
    }
    return render(request, "allocation/akimat_decisions.html", context, status=status)
