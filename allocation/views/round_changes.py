"""Clerk and secretary: what is changed in an open round until its freeze is ordered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from allocation import forms, refusal_presenters
from allocation.models import Dwelling
from allocation.rules.refusals import Refused
from allocation.selectors import dwellings
from allocation.services import round_changes
from allocation.views.round_page import act, find, quotas_of, show
from queue_registry.permissions import Permission
from queue_registry.views.access import Desk, desk_page


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.ROUND_PREPARE)
def add_homes(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Choose more ready homes of the round's kind and program, and put them in."""
    found = find(desk, round_id)
    data = request.POST if request.method == "POST" else None
    form = forms.MoreHomes(data, ready=dwellings.list_addable(found))
    problem = ""
    if form.is_bound and form.is_valid():
        chosen: list[Dwelling] = list(form.cleaned_data["dwellings"])
        keys = [home.pk for home in chosen]
        try:
            round_changes.add_dwellings(round_id=found.pk, dwelling_ids=keys, by=desk.user, at=desk.at)
        except Refused as refused:
            problem = refusal_presenters.refusal(refused)
        else:
            messages.success(request, _("The homes are put into the round."))
            return redirect("allocation:round", round_id=found.pk)
    context = {
        "desk": desk,
        "round": found,
        "form": form,
        "problem": problem,
        "page_url": request.path,
        "section": "rounds",
    }
    return render(request, "allocation/round_add_homes.html", context, status=409 if problem else 200)


@require_POST
@desk_page(Permission.ROUND_PREPARE)
def set_quotas(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Set how many homes programs give to the lists, with the document of each."""
    found = find(desk, round_id)
    form = quotas_of(found, request.POST)
    if not form.is_valid():
        return show(request, desk, found, quotas_form=form)
    return act(
        request,
        desk,
        found,
        lambda: round_changes.set_quotas(round_id=found.pk, quotas=form.quotas(), by=desk.user, at=desk.at),
        done=_("The quotas are set."),
    )


@require_POST
@desk_page(Permission.ROUND_PREPARE)
def set_period(request: HttpRequest, desk: Desk, round_id: int) -> HttpResponse:
    """Set the period of the running account until the freeze is ordered."""
    found = find(desk, round_id)
    form = forms.AccountPeriod(request.POST)
    if not form.is_valid():
        return show(request, desk, found, period_form=form)
    return act(
        request,
        desk,
        found,
        lambda: round_changes.set_period(round_id=found.pk, period=form.period(), by=desk.user, at=desk.at),
        done=_("The period of the account is set."),
    )
