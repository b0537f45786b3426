"""What if: other homes, quotas or another policy, beside the round as it is. Nothing is saved from here."""

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from allocation import presenters, round_forms
from allocation.models import AllocationRound, Dwelling
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors import rounds
from allocation.services import rounds as round_service
from allocation.services import what_if
from queue_registry.models import PolicyVersion
from queue_registry.permissions import Permission
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
    held = round_service.held(found)
    form = round_forms.WhatIf(
        request.POST if request.method == "POST" else None,
        initial=_as_it_is(found, held),
        policies=_policies(desk),
        homes=_homes(desk, found, held),
    )
    comparison = None
    if form.is_bound and form.is_valid():
        try:
            comparison = what_if.compare(
                round_=found,
                policy=form.cleaned_data["policy"],
                quotas=form.quotas(),
                dwelling_ids=[dwelling.pk for dwelling in form.cleaned_data["dwellings"]],
                at=desk.at,
            )
        except Refused as refused:
            # What the policy lacks is wrong with the choice of it.
            field = "policy" if refused.code is Refusal.POLICY_WITHOUT_RUNG else None
            form.add_error(field, presenters.refusal(refused))
    context = {
        "desk": desk,
        "round": found,
        "form": form,
        "chosen": {str(key) for key in form["dwellings"].value() or ()},
        "comparison": comparison,
        "page_url": request.path,
        "section": "rounds",
    }
    return render(request, "allocation/what_if.html", context)


def _as_it_is(found: AllocationRound, held: list[int]) -> dict[str, object]:
    quotas = {f"quota_{number}": quota["dwellings"] for number, quota in found.quotas.items()}
    return {"policy": found.policy_id, "dwellings": held, **quotas}


def _policies(desk: Desk) -> QuerySet[PolicyVersion]:
    """Every approved policy in force on the day, whichever the akimat distributes by."""
    return PolicyVersion.objects.filter(
        Q(in_force_until__isnull=True) | Q(in_force_until__gt=desk.on),
        approved_at__isnull=False,
        in_force_from__lte=desk.on,
    ).order_by("code")


def _homes(desk: Desk, found: AllocationRound, held: list[int]) -> QuerySet[Dwelling]:
    """The homes of the round, and those that are ready and for the same program, or for none as the round."""
    return Dwelling.objects.filter(
        Q(pk__in=held) | Q(state=Dwelling.State.READY, programme=found.programme), akimat=desk.akimat
    ).order_by("number")
