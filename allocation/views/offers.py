"""Clerk: offers, and the household's answer to one, given with the paper that the household signed."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from allocation import offer_forms, refusal_presenters
from allocation.models import Offer
from allocation.rules.refusals import Refused
from allocation.selectors import offers
from allocation.services import offers as offer_service
from allocation.services import unfit_looks
from queue_registry.permissions import Permission
from queue_registry.services import audit
from queue_registry.views.access import Desk, desk_page

_PAGE = 50


@require_safe
@desk_page(Permission.OFFER_ANSWER)
def offer_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Offers of the akimat, the open ones first by their last day."""
    page = Paginator(offers.list_offers(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    context = {
        "desk": desk,
        "page": page,
        "unfit": offers.list_to_look_at(desk.akimat).count(),
        "section": "offers",
    }
    return render(request, "allocation/offers.html", context)


@require_safe
@desk_page(Permission.OFFER_ANSWER)
def unfit_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Homes refused as not fitting the family, at which somebody else has to look; the oldest first."""
    waiting = offers.list_to_look_at(desk.akimat).order_by("answered_at", "pk")
    page = Paginator(waiting, _PAGE).get_page(request.GET.get("page"))
    return render(request, "allocation/unfit.html", {"desk": desk, "page": page, "section": "offers"})


@require_safe
@desk_page(Permission.OFFER_ANSWER)
def offer_page(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """
    One offer: the home, the household, and the forms of an answer while it is open. The look is recorded.
    """
    offer = _found(desk, offer_id)
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"offer:{offer.pk}")
    return _page(request, desk, offer)


@require_POST
@desk_page(Permission.OFFER_ANSWER)
def accept(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """The household accepts the home."""
    offer, form = _found(desk, offer_id), offer_forms.Answer(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, desk, offer, accept_form=form)
    return _answer(
        request,
        desk,
        offer,
        lambda: offer_service.accept(offer_id=offer.pk, by=desk.user, at=desk.at, **form.given()),
        done=_("The acceptance is recorded. The contract and the keys follow."),
    )


@require_POST
@desk_page(Permission.OFFER_ANSWER)
def refuse(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """The household refuses the home; it keeps its place, and the reserve is called."""
    offer, form = _found(desk, offer_id), offer_forms.Refusal(request.POST, request.FILES, prefix="refusal")
    if not form.is_valid():
        return _page(request, desk, offer, refuse_form=form)
    return _answer(
        request,
        desk,
        offer,
        lambda: offer_service.refuse(offer_id=offer.pk, by=desk.user, at=desk.at, **form.given()),
        done=_("The refusal is recorded. The household keeps its place, and the next family is called."),
    )


@require_POST
@desk_page(Permission.OFFER_ANSWER)
def look_at_unfit(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """The second look at a home that was refused because it does not fit, as the household says."""
    offer, form = _found(desk, offer_id), offer_forms.UnfitLook(request.POST, prefix="look")
    if not form.is_valid() or request.POST.get("fits") not in {"yes", "no"}:
        return _page(request, desk, offer, look_form=form)
    fits = request.POST["fits"] == "yes"
    return _answer(
        request,
        desk,
        offer,
        lambda: unfit_looks.look(
            offer_id=offer.pk,
            fits=fits,
            document=form.cleaned_data["document"],
            by=desk.user,
            at=desk.at,
        ),
        done=_("The refusal counts.") if fits else _("The home does not fit: the refusal is none."),
    )


def _found(desk: Desk, offer_id: int) -> Offer:
    return get_object_or_404(offers.list_offers(desk.akimat).select_related("entry__applicant"), pk=offer_id)


def _answer(
    request: HttpRequest, desk: Desk, offer: Offer, act: Callable[[], object], *, done: str
) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        return _page(request, desk, offer, problem=refusal_presenters.refusal(refused), status=409)
    messages.success(request, done)
    return redirect("allocation:offer", offer_id=offer.pk)


def _page(
    request: HttpRequest,
    desk: Desk,
    offer: Offer,
    *,
    problem: str = "",
    accept_form: offer_forms.Answer | None = None,
    refuse_form: offer_forms.Refusal | None = None,
    look_form: offer_forms.UnfitLook | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "desk": desk,
        "offer": offer,
        "page_url": reverse("allocation:offer", args=[offer.pk]),
        "reserve": offers.list_reserve(offer),
        "problem": problem,
        "accept_form": accept_form or offer_forms.Answer(),
        "refuse_form": refuse_form or offer_forms.Refusal(prefix="refusal"),
        "look_form": look_form or offer_forms.UnfitLook(prefix="look"),
        "too_high": offer.state == Offer.State.OPEN and offers.is_too_high(offer, at=desk.at),
        "section": "offers",
    }
    return render(request, "allocation/offer.html", context, status=status)
