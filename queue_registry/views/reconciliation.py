"""Desk: the reconciliation of the old lists, line by line; what was stated, and what people explain."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import gate_presenters
from queue_registry.gate_forms import Explain, StateTotal
from queue_registry.models import ReconciliationExplanation
from queue_registry.permissions import Permission
from queue_registry.rules.digitization.gate_refusals import GateRefused
from queue_registry.selectors import reconciliation as selectors
from queue_registry.services import reconciliations
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, wants


@require_safe
@desk_page(Permission.GATE_VIEW)
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every line with its figures, the open ones first."""
    return _page(request, desk)


@require_POST
@desk_page(Permission.RECONCILE)
def state_total(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Record what an authority stated."""
    form = StateTotal(request.POST)
    if not form.is_valid():
        return _page(request, desk, stating=form)
    return _act(
        request,
        desk,
        lambda: reconciliations.state_total(
            akimat=desk.akimat, by=desk.user, at=desk.at, **form.cleaned_data
        ),
        done=_("The total is recorded."),
    )


@require_POST
@desk_page(Permission.RECONCILE)
def explain(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Explain the difference of one line."""
    form = Explain(request.POST)
    if not form.is_valid():
        return _page(request, desk, explaining=form)
    return _act(
        request,
        desk,
        lambda: reconciliations.explain(akimat=desk.akimat, by=desk.user, at=desk.at, **form.cleaned_data),
        done=_("The explanation waits for a second person."),
    )


@require_POST
@desk_page(Permission.RECONCILE_APPROVE)
def decide(request: HttpRequest, desk: Desk, explanation_id: int) -> HttpResponse:
    """Approve what another person explained, or send it back."""
    written = get_object_or_404(ReconciliationExplanation, pk=explanation_id, akimat=desk.akimat)
    approves = wants(request, "approve")
    act = reconciliations.approve if approves else reconciliations.drop
    return _act(
        request,
        desk,
        lambda: act(explanation_id=written.pk, by=desk.user, at=desk.at),
        done=_("The explanation is approved.") if approves else _("The line is open again."),
    )


def _act(request: HttpRequest, desk: Desk, act: Callable[[], object], *, done: str) -> HttpResponse:
    try:
        act()
    except GateRefused as refused:
        return _page(request, desk, problem=gate_presenters.refusal(refused), status=CONFLICT)
    messages.success(request, done)
    return redirect("queue_registry:reconciliation")


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    stating: StateTotal | None = None,
    explaining: Explain | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    lines = selectors.list_lines(desk.akimat)
    bound = explaining["line"].value() if explaining else ""
    context = {
        "desk": desk,
        "rows": [(one, _form_of(desk, one, explaining if one.line.key == bound else None)) for one in lines],
        "open_lines": sum(not one.is_settled for one in lines),
        "stated": selectors.list_stated(desk.akimat),
        "stating": stating or StateTotal(auto_id="total_%s"),
        "bound": stating or explaining,
        "problem": problem,
        "page_url": reverse("queue_registry:reconciliation"),
        "section": "gate",
        "gate_page": "reconciliation",
    }
    return render(request, "queue_registry/reconciliation.html", context, status=status)


def _form_of(desk: Desk, one: selectors.ReconciledLine, bound: Explain | None) -> Explain | None:
    """The form that explains an open line, for whom it is to explain."""
    if one.line.is_explained or one.explanation is not None or not desk.may["RECONCILE"]:
        return None
    return bound or Explain(
        initial={"line": one.line.key, "difference": one.line.difference},
        auto_id=f"{one.line.key.replace('/', '-').replace(':', '-')}_%s",
    )
