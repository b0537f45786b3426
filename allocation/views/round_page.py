"""The page of one round: its steps, its freeze, what was worked out."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from allocation import forms, refusal_presenters, round_forms, run_progress
from allocation.documents import policy_words
from allocation.models import AllocationRound, AllocationRun
from allocation.selectors import freeze_orders as freeze_order_selectors
from allocation.selectors import guide, lines, rounds
from allocation.services import freeze_orders
from allocation.views.reasons import passed_over_of
from queue_registry.models import Sweep
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import sweeps as sweep_selectors
from queue_registry.sweep_forms import BeforeAllocation
from queue_registry.views.access import Desk


def show(
    request: HttpRequest,
    desk: Desk,
    found: AllocationRound,
    *,
    problem: str = "",
    form: forms.Reason | None = None,
    recheck_form: BeforeAllocation | None = None,
    plan_form: round_forms.PlanSitting | None = None,
    period_form: forms.AccountPeriod | None = None,
    status: int = 200,
) -> HttpResponse:
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
        "form": form or forms.Reason(),
        "page_url": reverse("allocation:round", args=[found.pk]),
        "homes": homes,
        "recheck_form": recheck_form or BeforeAllocation(initial={"first": guide.depth_for(len(homes))}),
        "plan_form": plan_form or round_forms.PlanSitting(),
        "period_form": period_form
        or forms.AccountPeriod(
            initial={"period_from": found.period_from, "period_until": found.period_until}
        ),
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
