"""Decisions on old lists that set a registration day: the second person approves, or does not."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import import_case_forms as forms
from queue_registry import import_case_presenters
from queue_registry.models import ImportDecision
from queue_registry.permissions import Permission
from queue_registry.rules.legacy.decision_values import DecisionRefused
from queue_registry.selectors import import_decisions as selectors
from queue_registry.services import audit, import_decisions
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, wants

_PAGE = 30


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def waiting(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Decisions that wait for a second person, the longest waiting first. The look is recorded."""
    return _waiting(request, desk)


def _waiting(request: HttpRequest, desk: Desk, *, problem: str = "") -> HttpResponse:
    target = f"import_decisions:{desk.akimat.kato}"
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=target)
    page = Paginator(selectors.list_waiting(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    context = {
        "desk": desk,
        "page": page,
        "rows": [(one, selectors.rows_of(one.application)) for one in page],
        "dropping": forms.Dropping(),
        "problem": problem,
        "section": "imports",
    }
    template = "queue_registry/import_decisions.html"
    return render(request, template, context, status=CONFLICT if problem else 200)


@require_POST
@desk_page(Permission.IMPORT_APPROVE)
def approve(request: HttpRequest, desk: Desk, decision_id: int) -> HttpResponse:
    """The second person approves a decision, or gives it back with a reason."""
    decision = _found(desk, decision_id)
    if wants(request, "drop"):
        return _drop(request, desk, decision)
    try:
        import_decisions.approve(decision_id=decision.pk, by=desk.user, at=desk.at)
    except DecisionRefused as refused:
        return _waiting(request, desk, problem=import_case_presenters.refusal(refused))
    messages.success(request, _("Approved: the day counts."))
    return redirect("queue_registry:import_decisions")


@require_POST
@desk_page(Permission.IMPORT_DECIDE)
def drop(request: HttpRequest, desk: Desk, decision_id: int) -> HttpResponse:
    """A clerk takes a decision back."""
    return _drop(request, desk, _found(desk, decision_id))


def _drop(request: HttpRequest, desk: Desk, decision: ImportDecision) -> HttpResponse:
    try:
        import_decisions.drop(
            decision_id=decision.pk, why=request.POST.get("why", ""), by=desk.user, at=desk.at
        )
    except DecisionRefused as refused:
        return _waiting(request, desk, problem=import_case_presenters.refusal(refused))
    messages.success(request, _("The decision does not count; the question is open."))
    return redirect("queue_registry:import_case", application_id=decision.application_id)


def _found(desk: Desk, decision_id: int) -> ImportDecision:
    return get_object_or_404(ImportDecision, pk=decision_id, application__akimat=desk.akimat)
