"""Contracts on accepted homes: concluded, ended by the keys, annulled by another person."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allocation import contract_forms, refusal_presenters, tenancy_presenters
from allocation.models import Tenancy
from allocation.rules.annulments import AnnulmentGround
from allocation.rules.refusals import Refused
from allocation.selectors import offers, tenancies
from allocation.services import annulments
from allocation.services import tenancies as tenancy_service
from queue_registry.permissions import Permission
from queue_registry.services import audit
from queue_registry.views.access import Desk, desk_page

_PAGE = 50


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def tenancy_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Accepted homes without a contract, and all contracts."""
    page = Paginator(tenancies.list_tenancies(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    context = {
        "desk": desk,
        "to_conclude": tenancies.list_to_conclude(desk.akimat),
        "page": page,
        "section": "tenancies",
    }
    return render(request, "allocation/tenancies.html", context)


@require_http_methods(["GET", "POST"])
@desk_page(Permission.TENANCY_CONCLUDE)
def conclude(request: HttpRequest, desk: Desk, offer_id: int) -> HttpResponse:
    """Conclude the contract on one accepted home."""
    offer = get_object_or_404(offers.list_offers(desk.akimat), pk=offer_id)
    form = contract_forms.Conclude(request.POST or None, initial={"concluded_on": desk.on})
    problem = ""
    if form.is_valid():
        try:
            made = tenancy_service.conclude(offer_id=offer.pk, by=desk.user, at=desk.at, **form.cleaned_data)
        except Refused as refused:
            problem = refusal_presenters.refusal(refused)
        else:
            messages.success(request, _("The contract is concluded; its papers are ready to be printed."))
            return redirect("allocation:tenancy", tenancy_id=made.pk)
    context = {"desk": desk, "offer": offer, "form": form, "problem": problem, "section": "tenancies"}
    return render(request, "allocation/tenancy_conclude.html", context, status=409 if problem else 200)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def tenancy_page(request: HttpRequest, desk: Desk, tenancy_id: int) -> HttpResponse:
    """One contract with its papers and what can be done now. The look is recorded."""
    tenancy = _found(desk, tenancy_id)
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"tenancy:{tenancy.pk}")
    return _page(request, desk, tenancy)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def paper(_request: HttpRequest, desk: Desk, tenancy_id: int, language: str) -> HttpResponse:
    """The contract as PDF. The look is recorded."""
    tenancy = _found(desk, tenancy_id)
    found = tenancy.papers.filter(language=language).first()
    if found is None:
        raise Http404
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"tenancy:{tenancy.pk}")
    name = f"contract-{tenancy.number}-{language}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
    return HttpResponse(bytes(found.content), content_type="application/pdf", headers=headers)


@require_POST
@desk_page(Permission.TENANCY_KEYS)
def hand_keys(request: HttpRequest, desk: Desk, tenancy_id: int) -> HttpResponse:
    """The keys are handed over: the household is housed."""
    tenancy, form = _found(desk, tenancy_id), contract_forms.Keys(request.POST, prefix="keys")
    if not form.is_valid():
        return _page(request, desk, tenancy, keys_form=form)
    return _act(
        request,
        desk,
        tenancy,
        lambda: tenancy_service.hand_keys(
            tenancy_id=tenancy.pk, by=desk.user, at=desk.at, **form.cleaned_data
        ),
        done=_("The act is recorded: the household is housed, its other entries are closed."),
    )


@require_POST
@desk_page(Permission.TENANCY_ANNUL)
def annul(request: HttpRequest, desk: Desk, tenancy_id: int) -> HttpResponse:
    """The contract is annulled: the place comes back, and the home."""
    tenancy, form = _found(desk, tenancy_id), contract_forms.Annul(request.POST, prefix="annul")
    if not form.is_valid():
        return _page(request, desk, tenancy, annul_form=form)
    told = annulments.Annulment(
        ground=AnnulmentGround(form.cleaned_data["ground"]),
        annulled_on=form.cleaned_data["annulled_on"],
        document=form.cleaned_data["document"],
    )
    return _act(
        request,
        desk,
        tenancy,
        lambda: annulments.annul(tenancy_id=tenancy.pk, annulment=told, by=desk.user, at=desk.at),
        done=_("The contract is annulled: the household stands again at its former place."),
    )


def _found(desk: Desk, tenancy_id: int) -> Tenancy:
    return get_object_or_404(tenancies.list_tenancies(desk.akimat), pk=tenancy_id)


def _act(
    request: HttpRequest, desk: Desk, tenancy: Tenancy, act: Callable[[], object], *, done: str
) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        return _page(request, desk, tenancy, problem=refusal_presenters.refusal(refused), status=409)
    messages.success(request, done)
    return redirect("allocation:tenancy", tenancy_id=tenancy.pk)


def _page(
    request: HttpRequest,
    desk: Desk,
    tenancy: Tenancy,
    *,
    problem: str = "",
    keys_form: contract_forms.Keys | None = None,
    annul_form: contract_forms.Annul | None = None,
    status: int = 200,
) -> HttpResponse:
    kind = tenancy.offer.dwelling.kind
    context = {
        "desk": desk,
        "tenancy": tenancy,
        "title": tenancy_presenters.title(kind) % {"number": tenancy.number},
        "state": tenancy_presenters.state_of(tenancy),
        "papers": tenancy.papers.order_by("language"),
        "keys_document": tenancy_presenters.keys_document(kind),
        "keys_form": keys_form or contract_forms.Keys(prefix="keys", initial={"keys_on": desk.on}),
        "annul_form": annul_form or contract_forms.Annul(prefix="annul", initial={"annulled_on": desk.on}),
        "problem": problem,
        "section": "tenancies",
    }
    return render(request, "allocation/tenancy.html", context, status=status)
