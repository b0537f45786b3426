"""
Clerk and secretary: rounds from ready homes to the sitting. Each act is one service call; its refusal is
said.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allocation import forms, refusal_presenters, round_forms
from allocation.documents import policy_words
from allocation.models import AllocationRound
from allocation.rules.refusals import Refused
from allocation.selectors import dwellings, lines, rounds
from allocation.services import freeze_orders, runs, sittings
from allocation.services import rounds as round_service
from allocation.views.round_page import ASIDE, act, find, show
from queue_registry import sweep_presenters
from queue_registry.permissions import Permission
from queue_registry.rules.policy import Policy
from queue_registry.rules.sweeps import SweepRefused
from queue_registry.services import audit, sweeps
from queue_registry.services.policies import PolicyNotFound, policy_in_force
from queue_registry.sweep_forms import BeforeAllocation
from queue_registry.views.access import Desk, desk_page

_PAGE = 50
_LINES = 100


@require_safe
@desk_page(Permission.ROUND_VIEW)
def round_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The rounds of the akimat, the newest first."""
    page = Paginator(rounds.list_rounds(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    return render(request, "allocation/rounds.html", {"desk": desk, "page": page, "section": "rounds"})


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.ROUND_PREPARE)
def open_round(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Choose ready homes and the figures that only this round knows, and open it."""
    try:
        version = policy_in_force(akimat=desk.akimat, on=desk.on)
    except PolicyNotFound:
        return render(request, "allocation/open_round.html", {"desk": desk, "section": "rounds"}, status=409)
    policy = Policy.from_document(version.document)
    wanted = request.GET.get("programme", "")
    purposes = dwellings.list_round_purposes(desk.akimat, policy=policy, on=desk.on)
    purpose = next((one for one in purposes if one.programme == wanted), purposes[0])
    form = forms.OpenRound(
        request.POST if request.method == "POST" else None,
        ready=dwellings.list_ready(desk.akimat, purpose),
        policy=policy,
    )
    if form.is_bound and form.is_valid():
        try:
            opened = round_service.open_round(
                akimat=desk.akimat,
                dwelling_ids=[dwelling.pk for dwelling in form.cleaned_data["dwellings"]],
                quotas=form.quotas(),
                rung=purpose.rung,
                programme=purpose.programme,
                mode=AllocationRound.Mode(form.cleaned_data["mode"] or AllocationRound.Mode.COMMISSION),
                period=form.period(),
                by=desk.user,
                at=desk.at,
            )
        except Refused as refused:
            form.add_error(None, refusal_presenters.refusal(refused))
        else:
            messages.success(request, _("The round is open. Freeze it when the homes are complete."))
            return redirect("allocation:round", round_id=opened.pk)
    context = {
        "desk": desk,
        "form": form,
        "version": version,
        "policy": policy_words.rows(version.document, desk.on),
        "purposes": purposes,
        "purpose": purpose,
        "page_url": request.path,
        "section": "rounds",
    }
    return render(request, "allocation/open_round.html", context)


@require_safe
@desk_page(Permission.ROUND_VIEW)
def round_page(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """One round: where it stands, what can be done next, and its result as soon as there is one."""
    return show(request, desk, find(desk, round_id))


@require_safe
@desk_page(Permission.ROUND_VIEW)
def line_list(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Everybody whom the run passed over, with code and witness in words. The look is recorded."""
    found = find(desk, round_id)
    run = rounds.get_current_run(found)
    if run is None or run.executed_at is None:
        raise Http404
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"allocation_run:{run.pk}")
    page = Paginator(lines.list_passed_over(run), _LINES).get_page(request.GET.get("page"))
    context = {
        "desk": desk,
        "round": found,
        "page": page,
        "witnesses": lines.list_witnesses(run),
        "section": "rounds",
    }
    return render(request, "allocation/lines.html", context)


@require_POST
@desk_page(Permission.ROUND_PREPARE)
def freeze(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Order the worker to fix the candidates, the homes and the policy."""
    found = find(desk, round_id)
    return act(
        request,
        desk,
        found,
        lambda: freeze_orders.give(round_id=found.pk, by=desk.user, at=desk.at),
        done=_("Candidates and homes are being fixed."),
    )


@require_POST
@desk_page(Permission.ROUND_PREPARE)
def run_engine(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Ask the worker for the distribution."""
    found = find(desk, round_id)
    return act(
        request,
        desk,
        found,
        lambda: runs.request(round_id=found.pk, by=desk.user, at=desk.at),
        done=_("The distribution was asked for. It takes a few seconds."),
    )


@require_POST
@desk_page(Permission.SITTING_CONVENE)
def set_run_aside(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Set the run aside before anybody has voted on it, so that the round is run and sat on again."""
    found = find(desk, round_id)
    run, form = rounds.get_current_run(found), forms.Reason(request.POST, prefix=ASIDE)
    if run is None:
        raise Http404
    if not form.is_valid():
        return show(request, desk, found, aside_form=form)
    reason = form.cleaned_data["reason"]
    return act(
        request,
        desk,
        found,
        lambda: runs.supersede(run_id=run.pk, reason=reason, by=desk.user, at=desk.at),
        done=_("The result is set aside. The distribution can be worked out anew."),
    )


@require_POST
@desk_page(Permission.SITTING_CONVENE)
def hand_over(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Convene the commission on the result."""
    found = find(desk, round_id)
    run = rounds.get_current_run(found)
    if run is None:
        raise Http404
    return act(
        request,
        desk,
        found,
        lambda: sittings.convene(run_id=run.pk, by=desk.user, at=desk.at),
        done=_("The sitting is convened. Its members find it among the commission's pages."),
    )


@require_POST
@desk_page(Permission.ROUND_PREPARE)
def recheck(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Let the registers be asked once more about those near a home, before candidates are fixed."""
    found = find(desk, round_id)
    form = BeforeAllocation(request.POST)
    if not form.is_valid():
        return show(request, desk, found, recheck_form=form)
    try:
        sweeps.start_before_allocation(
            akimat=desk.akimat, first=form.cleaned_data["first"], by=desk.user, at=desk.at
        )
    except SweepRefused as refused:
        problem = sweep_presenters.refusal(refused)
        return show(request, desk, found, problem=problem, recheck_form=form, status=409)
    messages.success(request, _("The recheck has begun."))
    return redirect("allocation:round", round_id=found.pk)


@require_POST
@desk_page(Permission.ROUND_PREPARE)
def plan_sitting(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Say when the commission is to sit."""
    found = find(desk, round_id)
    form = round_forms.PlanSitting(request.POST)
    if not form.is_valid():
        return show(request, desk, found, plan_form=form)
    return act(
        request,
        desk,
        found,
        lambda: round_service.plan_sitting(round_id=found.pk, sits_at=form.sits_at, by=desk.user, at=desk.at),
        done=_("The moment of the sitting is announced."),
    )


@require_POST
@desk_page(Permission.ROUND_PREPARE)
def cancel(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Give the round up before its decision; its homes are free again."""
    found = find(desk, round_id)
    form = forms.Reason(request.POST)
    if not form.is_valid():
        return show(request, desk, found, form=form)
    reason = form.cleaned_data["reason"]
    return act(
        request,
        desk,
        found,
        lambda: round_service.cancel(round_id=found.pk, reason=reason, by=desk.user, at=desk.at),
        done=_("The round is cancelled, and its homes are free again."),
    )
