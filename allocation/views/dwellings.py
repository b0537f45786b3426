"""Clerk: the stock of homes and loan places, each with its state at all times, and what happens to it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allocation import refusal_presenters, stock_forms
from allocation.models import Dwelling
from allocation.rules.refusals import Refused
from allocation.rules.stock import GoneGround
from allocation.selectors import dwellings
from allocation.services import stock_acts, stock_corrections
from queue_registry.permissions import Permission
from queue_registry.views.access import Desk, desk_page

_PAGE = 50
_S = Dwelling.State
# Which acts a state allows, by the name of their form on the page.
_ACTS: dict[str, tuple[str, ...]] = {
    _S.BUILDING: ("ready", "hand_to", "take_out"),
    _S.READY: ("hand_to", "take_out"),
    _S.ALLOTTED: ("vacate", "take_out"),
}
_FORMS: dict[str, type[Form]] = {
    "ready": stock_forms.Ready,
    "vacate": stock_forms.Vacate,
    "hand_to": stock_forms.HandTo,
    "take_out": stock_forms.TakeOut,
}


@require_safe
@desk_page(Permission.STOCK_VIEW)
def dwelling_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The homes of the akimat, all or those in one state."""
    stock = dwellings.list_stock(desk.akimat)
    state = request.GET.get("state", "")
    if state in Dwelling.State.values:
        stock = stock.filter(state=state)
    context = {
        "desk": desk,
        "page": Paginator(stock, _PAGE).get_page(request.GET.get("page")),
        "states": dwellings.count_by_state(desk.akimat),
        "state": state,
        "idle_limit": dwellings.idle_limit(desk.on),
        "section": "dwellings",
    }
    return render(request, "allocation/dwellings.html", context)


@require_safe
@desk_page(Permission.STOCK_VIEW)
def dwelling_page(request: HttpRequest, desk: Desk, dwelling_id: int) -> HttpResponse:
    """One home or place: its figures, its whole history, and what can be done with it now."""
    return _page(request, desk, _found(desk, dwelling_id))


@require_POST
@desk_page(Permission.STOCK_KEEP)
def ready(request: HttpRequest, desk: Desk, dwelling_id: int) -> HttpResponse:
    """A home that was being built is handed over."""
    return _act(
        request,
        desk,
        _found(desk, dwelling_id),
        "ready",
        lambda data: stock_acts.become_ready(dwelling_id=dwelling_id, by=desk.user, at=desk.at, **data),
        done=_("The home is ready."),
    )


@require_POST
@desk_page(Permission.STOCK_KEEP)
def vacate(request: HttpRequest, desk: Desk, dwelling_id: int) -> HttpResponse:
    """Whoever lived there left."""
    return _act(
        request,
        desk,
        _found(desk, dwelling_id),
        "vacate",
        lambda data: stock_acts.vacate(dwelling_id=dwelling_id, by=desk.user, at=desk.at, **data),
        done=_("The home is vacant and can be given again."),
    )


@require_POST
@desk_page(Permission.STOCK_KEEP)
def hand_to(request: HttpRequest, desk: Desk, dwelling_id: int) -> HttpResponse:
    """Only rounds of a program give the home from now on, or any round again."""
    return _act(
        request,
        desk,
        _found(desk, dwelling_id),
        "hand_to",
        lambda data: stock_acts.hand_to_programme(
            akimat=desk.akimat, dwelling_ids=[dwelling_id], by=desk.user, at=desk.at, **data
        ),
        done=_("What the home is for is recorded."),
    )


@require_POST
@desk_page(Permission.STOCK_KEEP)
def take_out(request: HttpRequest, desk: Desk, dwelling_id: int) -> HttpResponse:
    """It leaves the stock for ever."""
    return _act(
        request,
        desk,
        _found(desk, dwelling_id),
        "take_out",
        lambda data: stock_acts.take_out(
            dwelling_id=dwelling_id,
            ground=GoneGround(data["ground"]),
            document=data["document"],
            by=desk.user,
            at=desk.at,
        ),
        done=_("It is taken out of the stock; its history stays."),
    )


def _found(desk: Desk, dwelling_id: int) -> Dwelling:
    return get_object_or_404(dwellings.list_stock(desk.akimat), pk=dwelling_id)


def _act(
    request: HttpRequest,
    desk: Desk,
    dwelling: Dwelling,
    name: str,
    act: Callable[[dict[str, Any]], object],
    *,
    done: str,
) -> HttpResponse:
    form = _FORMS[name](request.POST, prefix=name)
    if not form.is_valid():
        return _page(request, desk, dwelling, bound={name: form})
    try:
        act(form.cleaned_data)
    except Refused as refused:
        problem = refusal_presenters.refusal(refused)
        return _page(request, desk, dwelling, bound={name: form}, problem=problem, status=409)
    messages.success(request, done)
    return redirect("allocation:dwelling", dwelling_id=dwelling.pk)


def _page(
    request: HttpRequest,
    desk: Desk,
    dwelling: Dwelling,
    *,
    bound: dict[str, Form] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    is_home = dwelling.kind == Dwelling.Kind.HOME
    acts = [name for name in _ACTS.get(dwelling.state, ()) if is_home or name == "take_out"]
    bound = bound or {}
    context = {
        "desk": desk,
        "dwelling": dwelling,
        "history": dwellings.list_history(dwelling),
        "idle_limit": dwellings.idle_limit(desk.on),
        "forms": {name: bound.get(name) or _FORMS[name](prefix=name) for name in acts},
        "wrong": next((form for form in bound.values() if form.errors), None),
        "can_be_corrected": stock_corrections.can_be_corrected(dwelling),
        "problem": problem,
        "section": "dwellings",
    }
    return render(request, "allocation/dwelling.html", context, status=status)
