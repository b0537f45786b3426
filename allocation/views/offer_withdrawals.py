"""Supervisor: an open offer that the akimat takes back before the household has answered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allocation import offer_forms, refusal_presenters
from allocation.models import Offer
from allocation.rules.refusals import Refused
from allocation.selectors import offers
from allocation.services import offer_withdrawals
from queue_registry.permissions import Permission
from queue_registry.services import audit
from queue_registry.views.access import Desk, desk_page


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.OFFER_WITHDRAW)
def page(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """One offer, and the form that takes it back. The look is recorded."""
    offer = get_object_or_404(offers.list_offers(desk.akimat).select_related("entry__applicant"), pk=offer_id)
    if request.method != "POST":
        audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"offer:{offer.pk}")
        return _page(request, desk, offer, offer_forms.Withdrawal())
    form = offer_forms.Withdrawal(request.POST)
    if not form.is_valid():
        return _page(request, desk, offer, form)
    try:
        offer_withdrawals.withdraw(offer_id=offer.pk, by=desk.user, at=desk.at, **form.given())
    except Refused as refused:
        return _page(request, desk, offer, form, problem=refusal_presenters.refusal(refused), status=409)
    messages.success(request, _("The offer is taken back. The household keeps its place and is told."))
    return redirect("allocation:round", round_id=offer.run.round_id)


def _page(
    request: HttpRequest,
    desk: Desk,
    offer: Offer,
    form: offer_forms.Withdrawal,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "desk": desk,
        "offer": offer,
        "reserve": offers.list_reserve(offer),
        "form": form,
        "problem": problem,
        "page_url": reverse("allocation:offer_withdraw", args=[offer.pk]),
        "section": "rounds",
    }
    return render(request, "allocation/offer_withdraw.html", context, status=status)
