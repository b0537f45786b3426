"""Rechecks at the desk: begun, watched while they go on, paused and resumed; what they found."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import sweep_forms, sweep_presenters
from queue_registry.models import RecheckFinding, Sweep
from queue_registry.permissions import Permission
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.sweeps import SweepRefused, quarter
from queue_registry.selectors import sweeps as selectors
from queue_registry.services import audit, sweeps
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT

_PAGE: Final = 50


@require_safe
@desk_page(Permission.SWEEP_VIEW)
def sweep_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The rechecks of the akimat, the newest first, and what begins another."""
    return _list(request, desk)


@require_POST
@desk_page(Permission.SWEEP_RUN)
def start_inventory(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Begin the inventory of this quarter, if the clock has not yet."""
    return _start(request, desk, lambda: sweeps.start_inventory(akimat=desk.akimat, by=desk.user, at=desk.at))


@require_POST
@desk_page(Permission.SWEEP_RUN)
def start_before_allocation(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Begin a recheck of the top of every list."""
    form = sweep_forms.BeforeAllocation(request.POST)
    if not form.is_valid():
        return _list(request, desk, form=form)
    first = form.cleaned_data["first"]
    return _start(
        request,
        desk,
        lambda: sweeps.start_before_allocation(akimat=desk.akimat, first=first, by=desk.user, at=desk.at),
    )


@require_safe
@desk_page(Permission.SWEEP_VIEW)
def page(request: HttpRequest, desk: Desk, sweep_id: int) -> HttpResponse:
    """How far one recheck is; it names nobody."""
    return _page(request, desk, _found(desk, sweep_id))


@require_safe
@desk_page(Permission.SWEEP_VIEW)
def finding_list(request: HttpRequest, desk: Desk, sweep_id: int) -> HttpResponse:
    """What a recheck found, entry by entry. The look is recorded."""
    sweep = _found(desk, sweep_id)
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"sweep:{sweep.pk}")
    code, state = request.GET.get("code", ""), request.GET.get("state", "")
    rows = selectors.list_findings(sweep, code=code, state=state)
    context = {
        "desk": desk,
        "sweep": sweep,
        "page": Paginator(rows, _PAGE).get_page(request.GET.get("page")),
        "code": code if rows.exists() else "",
        "state": state if state in RecheckFinding.State else "",
        "section": "sweeps",
    }
    return render(request, "queue_registry/sweep_findings.html", context)


@require_POST
@desk_page(Permission.SWEEP_RUN)
def pause(request: HttpRequest, desk: Desk, sweep_id: int) -> HttpResponse:
    """Let a recheck rest."""
    return _act(
        request,
        desk,
        sweep_id,
        lambda: sweeps.pause(sweep_id=sweep_id, by=desk.user, at=desk.at),
        done=_("The recheck is paused. Nothing new is asked until somebody lets it go on."),
    )


@require_POST
@desk_page(Permission.SWEEP_RUN)
def resume(request: HttpRequest, desk: Desk, sweep_id: int) -> HttpResponse:
    """Let a recheck go on."""
    return _act(
        request,
        desk,
        sweep_id,
        lambda: sweeps.resume(sweep_id=sweep_id, by=desk.user, at=desk.at),
        done=_("The recheck goes on from where it stood."),
    )


def _found(desk: Desk, sweep_id: int) -> Sweep:
    return get_object_or_404(
        Sweep.objects.select_related("akimat", "started_by"), pk=sweep_id, akimat=desk.akimat
    )


def _start(request: HttpRequest, desk: Desk, act: Callable[[], Sweep]) -> HttpResponse:
    try:
        sweep = act()
    except SweepRefused as refused:
        return _list(request, desk, refused=refused, status=CONFLICT)
    messages.success(request, _("The recheck has begun."))
    return redirect("queue_registry:sweep", sweep_id=sweep.pk)


def _act(
    request: HttpRequest, desk: Desk, sweep_id: int, act: Callable[[], Sweep], *, done: str
) -> HttpResponse:
    sweep = _found(desk, sweep_id)
    try:
        act()
    except SweepRefused as refused:
        return _page(request, desk, sweep, problem=sweep_presenters.refusal(refused), status=CONFLICT)
    messages.success(request, done)
    return redirect("queue_registry:sweep", sweep_id=sweep.pk)


def _list(
    request: HttpRequest,
    desk: Desk,
    *,
    form: sweep_forms.BeforeAllocation | None = None,
    refused: SweepRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = selectors.list_sweeps(desk.akimat)
    begun = Sweep.objects.filter(
        akimat=desk.akimat, purpose=Sweep.Purpose.INVENTORY, period=quarter(civil_day(desk.at))
    )
    context = {
        "desk": desk,
        "page": Paginator(rows, _PAGE).get_page(request.GET.get("page")),
        "form": form or sweep_forms.BeforeAllocation(),
        "inventory_begun": begun.exists(),
        "problem": sweep_presenters.refusal(refused) if refused else "",
        "page_url": reverse("queue_registry:sweeps"),
        "section": "sweeps",
    }
    return render(request, "queue_registry/sweeps.html", context, status=status)


def _page(
    request: HttpRequest, desk: Desk, sweep: Sweep, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "desk": desk,
        "sweep": sweep,
        "progress": selectors.get_progress(sweep, at=desk.at),
        "live": sweep.finished_at is None,
        "problem": problem,
        "page_url": reverse("queue_registry:sweep", args=[sweep.pk]),
        "section": "sweeps",
    }
    return render(request, "queue_registry/sweep.html", context, status=status)
