"""The page of one round: its steps, its freeze, what was worked out."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from allocation import forms, refusal_presenters, round_forms, run_progress
from allocation.documents import policy_words
from allocation.models import AllocationRound, AllocationRun, Dwelling, Offer
from allocation.rules.refusals import Refused
from allocation.selectors import freeze_orders as freeze_order_selectors
from allocation.selectors import guide, lines, offers, rounds
from allocation.services import freeze_orders
from allocation.views.reasons import passed_over_of
from queue_registry.models import Sweep
from queue_registry.permissions import Permission
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy
from queue_registry.selectors import sweeps as sweep_selectors
from queue_registry.sweep_forms import BeforeAllocation
from queue_registry.views.access import Desk

ASIDE: Final = "aside"  # of the form that sets a run aside; that which cancels the round has no prefix


def find(desk: Desk, round_id: int) -> AllocationRound:
    """Return a round of the desk's akimat; another one is not found."""
    try:
        found = rounds.get_round(round_id)
    except AllocationRound.DoesNotExist as missing:
        raise Http404 from missing
    if found.akimat_id != desk.akimat.pk:
        raise Http404
    return found


def act(
    request: HttpRequest, desk: Desk, found: AllocationRound, act_: Callable[[], object], *, done: str
) -> HttpResponse:
    """Do one act and go back to the page; a refusal is said on it."""
    try:
        act_()
    except Refused as refused:
        return show(request, desk, found, problem=refusal_presenters.refusal(refused), status=409)
    messages.success(request, done)
    return redirect("allocation:round", round_id=found.pk)


def show(
    request: HttpRequest,
    desk: Desk,
    found: AllocationRound,
    *,
    problem: str = "",
    status: int = 200,
    **sent: Form,
) -> HttpResponse:
    """Show the page; of its forms, named as in `_forms`, the one that was sent is shown as it came."""
    run = rounds.get_current_run(found)
    swept = guide.get_recheck(found)
    homes = [
        row.dwelling for row in found.round_dwellings.select_related("dwelling").order_by("dwelling__number")
    ]
    is_running = run is not None and run.executed_at is None
    freeze = _freeze(found)
    context = {
        "desk": desk,
        "round": found,
        "run": run,
        "problem": problem,
        "page_url": reverse("allocation:round", args=[found.pk]),
        "homes": homes,
        "is_changeable": _is_changeable(desk, found, ordered=freeze["freeze_order"] is not None),
        **_forms(found, homes),
        **sent,
        "bound": next(iter(sent.values()), None),
        "open_offers": _open_offers(desk, found),
        **_guide(desk, found, swept),
        "policy": policy_words.rows(found.policy.document, civil_day(found.frozen_at or desk.at)),
        **freeze,
        "run_progress": guide.get_run_progress(run) if run is not None and is_running else None,
        "live": is_running
        or freeze["freeze_order"] is not None
        or (swept is not None and swept.finished_at is None),
        "section": "rounds",
        **(_result(run) if run is not None and run.executed_at is not None else {}),
    }
    return render(request, "allocation/round.html", context, status=status)


def _is_changeable(desk: Desk, found: AllocationRound, *, ordered: bool) -> bool:
    """Whether homes, quotas and period can still be changed by whoever is at the desk."""
    is_open = found.frozen_at is None and found.cancelled_at is None
    return is_open and not ordered and Permission.ROUND_PREPARE in desk.permissions


def _forms(found: AllocationRound, homes: list[Dwelling]) -> dict[str, Form]:
    """The forms of the page, none of them sent yet."""
    period = {"period_from": found.period_from, "period_until": found.period_until}
    return {
        "form": forms.Reason(),
        "aside_form": forms.Reason(prefix=ASIDE),
        "quotas_form": quotas_of(found),
        "period_form": forms.AccountPeriod(initial=period),
        "plan_form": round_forms.PlanSitting(),
        "recheck_form": BeforeAllocation(initial={"first": guide.depth_for(len(homes))}),
    }


def quotas_of(found: AllocationRound, data: QueryDict | None = None) -> forms.Quotas:
    """The form of the quotas of a round's policy, with those that it has."""
    policy = Policy.from_document(found.policy.document)
    return forms.Quotas(data, policy=policy, initial=forms.Quotas.values_of(found.quotas))


def _open_offers(desk: Desk, found: AllocationRound) -> list[Offer]:
    """What waits for an answer, for whoever can take it back."""
    if Permission.OFFER_WITHDRAW not in desk.permissions:
        return []
    return list(offers.list_offers(desk.akimat).filter(run__round=found, state=Offer.State.OPEN))


def _freeze(found: AllocationRound) -> dict[str, object]:
    """An ordered freeze and how far it has come, or why the last one was refused."""
    order = None if found.frozen_at is not None else freeze_order_selectors.get_last(found)
    refused = None if order is None else freeze_orders.refusal_of(order)
    return {
        "freeze_order": order if order is not None and refused is None else None,
        "freeze_percent": run_progress.get_freeze(found.pk),
        "freeze_refused": None if refused is None else refusal_presenters.refusal(refused),
    }


def _guide(desk: Desk, found: AllocationRound, swept: Sweep | None) -> dict[str, object]:
    """The seven steps, the recheck with its progress, and a run that was refused for a change."""
    state = found.state  # type: ignore[attr-defined]
    return {
        "guide": [] if state == rounds.RoundState.CANCELLED else guide.list_steps(state, recheck=swept),
        "recheck": swept,
        "recheck_progress": sweep_selectors.get_progress(swept, at=desk.at) if swept is not None else None,
        "refused_run": guide.get_refused_run(found),
    }


def _result(run: AllocationRun) -> dict[str, object]:
    return {
        "split": rounds.get_split(run),
        "served": lines.list_served(run),
        "passed_over": passed_over_of(run),
        "sitting": getattr(run, "sitting", None),
        "links": True,
    }
