"""Accepted homes whose contract nobody comes to sign: invited by one person, ended by another."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allocation import contract_forms, refusal_presenters
from allocation.models import Offer
from allocation.rules.refusals import Refused
from allocation.selectors import tenancies
from allocation.services import unsigned_contracts
from queue_registry.permissions import Permission
from queue_registry.services import audit
from queue_registry.views.access import Desk, desk_page


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def page(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """One accepted home without a contract: until when the household is invited. The look is recorded."""
    offer = _found(desk, offer_id)
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"offer:{offer.pk}")
    return _page(request, desk, offer)


@require_POST
@desk_page(Permission.TENANCY_CONCLUDE)
def invite(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """The household is invited to sign, in writing."""
    offer = _found(desk, offer_id)
    return _act(
        request,
        desk,
        offer,
        lambda: unsigned_contracts.invite(offer_id=offer.pk, by=desk.user, at=desk.at),
        done=_("The household is invited to sign; the notice is on its way."),
        to="allocation:unsigned",
    )


@require_POST
@desk_page(Permission.TENANCY_ANNUL)
def end(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """The household did not come: it waits on, the next of the reserve is called."""
    offer, form = _found(desk, offer_id), contract_forms.NotSigned(request.POST)
    if not form.is_valid():
        return _page(request, desk, offer, form=form)
    return _act(
        request,
        desk,
        offer,
        lambda: unsigned_contracts.end(offer_id=offer.pk, by=desk.user, at=desk.at, **form.cleaned_data),
        done=_("The home goes on; the household keeps its place."),
        to="",
    )


def _found(desk: Desk, offer_id: int) -> Offer:
    waiting = tenancies.list_to_conclude(desk.akimat).select_related("entry__applicant")
    return get_object_or_404(waiting, pk=offer_id)


def _act(
    request: HttpRequest, desk: Desk, offer: Offer, act: Callable[[], object], *, done: str, to: str
) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        return _page(request, desk, offer, problem=refusal_presenters.refusal(refused), status=409)
    messages.success(request, done)
    return redirect(to, offer_id=offer.pk) if to else redirect("allocation:tenancies")


def _page(
    request: HttpRequest,
    desk: Desk,
    offer: Offer,
    *,
    form: contract_forms.NotSigned | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "desk": desk,
        "offer": offer,
        "decision": getattr(offer.run.sitting, "akimat_decision", None),
        "is_over": offer.sign_by is not None and offer.sign_by < desk.on,
        "form": form or contract_forms.NotSigned(),
        "problem": problem,
        "section": "tenancies",
    }
    return render(request, "allocation/unsigned.html", context, status=status)
