"""What if: other homes, quotas or another policy, beside the round as it is. Nothing is saved from here."""

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from allocation import refusal_presenters, round_forms
from allocation.models import AllocationRound, Dwelling
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors import rounds
from allocation.services import rounds as round_service
from allocation.services import what_if, what_if_orders
from queue_registry.models import PolicyVersion
from queue_registry.permissions import Permission
from queue_registry.services import policies
from queue_registry.views.access import Desk, desk_page


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.WHAT_IF)
def page(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """The figures to be changed; sent, the two distributions side by side."""
    try:
        found = rounds.get_round(round_id)
    except AllocationRound.DoesNotExist as missing:
        raise Http404 from missing
    if found.akimat_id != desk.akimat.pk:
        raise Http404
    order = what_if_orders.get(request.GET.get("asked", ""), round_=found)
    form = _form(request, desk, found, order)
    comparison = None if order is None else order.comparison
    if form.is_bound and form.is_valid():
        figures = {
            "round_": found,
            "policy": form.cleaned_data["policy"],
            "quotas": form.quotas(),
            "dwelling_ids": [dwelling.pk for dwelling in form.cleaned_data["dwellings"]],
        }
        if not what_if_orders.is_quick(found):
            return redirect(f"{request.path}?asked={what_if_orders.ask(**figures)}")
        try:
            comparison = what_if.compare(**figures, at=desk.at)
        except Refused as refused:
            # What the policy lacks is wrong with the choice of it.
            field = "policy" if refused.code is Refusal.POLICY_WITHOUT_RUNG else None
            form.add_error(field, refusal_presenters.refusal(refused))
    context = {
        **_asked(request, order),
        "live": order is not None and not order.is_answered,
        "desk": desk,
        "round": found,
        "form": form,
        "chosen": {str(key) for key in form["dwellings"].value() or ()},
        "comparison": comparison,
        "page_url": request.get_full_path(),
        "section": "rounds",
    }
    return render(request, "allocation/what_if.html", context)


def _form(
    request: HttpRequest, desk: Desk, found: AllocationRound, order: what_if_orders.Order | None
) -> round_forms.WhatIf:
    """The form as sent, as it was when a worker was asked, or as the round is."""
    held = round_service.held(found)
    return round_forms.WhatIf(
        request.POST if request.method == "POST" else None,
        initial=_as_it_is(found, held) if order is None else _as_asked(order.figures),
        policies=_policies(desk, found),
        homes=_homes(desk, found, held),
    )


def _asked(request: HttpRequest, order: what_if_orders.Order | None) -> dict[str, object]:
    """Whether a worker is at it, it is forgotten, or the worker has refused it."""
    if order is not None and not order.is_answered:
        what_if_orders.want(request.GET["asked"])
    refused = None if order is None or order.refusal is None else order.refusal
    return {
        "waits": order is not None and not order.is_answered,
        "is_forgotten": order is None and "asked" in request.GET and request.method != "POST",
        "problem": "" if refused is None else refusal_presenters.refusal(Refused(refused[0], **refused[1])),
    }


def _as_asked(figures: what_if_orders.Figures) -> dict[str, object]:
    quotas = {f"quota_{number}": quota["dwellings"] for number, quota in figures.quotas.items()}
    return {"policy": figures.policy_id, "dwellings": list(figures.dwelling_ids), **quotas}


def _as_it_is(found: AllocationRound, held: list[int]) -> dict[str, object]:
    quotas = {f"quota_{number}": quota["dwellings"] for number, quota in found.quotas.items()}
    return {"policy": found.policy_id, "dwellings": held, **quotas}


def _policies(desk: Desk, found: AllocationRound) -> QuerySet[PolicyVersion]:
    """Every policy as it is in force on the day, whoever distributes by it; and that of the round."""
    return PolicyVersion.objects.filter(
        Q(pk__in=policies.versions_in_force(desk.on)) | Q(pk=found.policy_id)
    ).order_by("code", "in_force_from")


def _homes(desk: Desk, found: AllocationRound, held: list[int]) -> QuerySet[Dwelling]:
    """The homes of the round, and those that are ready and for the same program, or for none as the round."""
    return Dwelling.objects.filter(
        Q(pk__in=held) | Q(state=Dwelling.State.READY, programme=found.programme), akimat=desk.akimat
    ).order_by("number")
