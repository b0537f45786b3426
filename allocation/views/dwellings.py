"""Clerk: the stock of homes with the state of each."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from allocation.models import Dwelling
from allocation.selectors import dwellings
from queue_registry.permissions import Permission
from queue_registry.views.access import Desk, desk_page

_PAGE = 50


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
        "section": "dwellings",
    }
    return render(request, "allocation/dwellings.html", context)
