"""Changed IINs at the desk: told by the register, confirmed by a clerk, approved by a second person."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import iin_change_presenters
from queue_registry.iin_change_forms import Confirmation, GivingUp
from queue_registry.models import IinChange
from queue_registry.permissions import Permission
from queue_registry.rules.renumbering import RenumberingRefused
from queue_registry.selectors import iin_changes as selectors
from queue_registry.services import audit, iin_changes
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, wants

_PAGE = 50
CONFIRM, GIVE_UP = "confirm", "drop"


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def change_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every changed number that the akimat looks after, what waits first. The look is recorded."""
    target = f"iin_changes:{desk.akimat.kato}"
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=target)
    page = Paginator(selectors.list_changes(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    context = {"desk": desk, "page": page, "section": "work"}
    return render(request, "queue_registry/iin_changes.html", context)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def page(request: HttpRequest, desk: Desk, iin_change_id: int) -> HttpResponse:
    """One changed number: whose the register says it is, whose cases it concerns, what speaks against it."""
    return _page(request, desk, _found(desk, iin_change_id))


@require_POST
@desk_page(Permission.IIN_CHANGE_CONFIRM)
def confirm(request: HttpRequest, desk: Desk, iin_change_id: int) -> HttpResponse:
    """A clerk confirms by a document that both numbers are one person's."""
    form = Confirmation(request.POST, prefix=CONFIRM)
    return _act(
        request,
        desk,
        iin_change_id,
        form,
        lambda: iin_changes.confirm(
            change_id=iin_change_id, document=form.cleaned_data["document"], by=desk.user, at=desk.at
        ),
        done=_("It is confirmed. A second person has to approve it."),
    )


@require_POST
@desk_page(Permission.IIN_CHANGE_APPROVE)
def decide(request: HttpRequest, desk: Desk, iin_change_id: int) -> HttpResponse:
    """The second person approves the change, or gives it up with a reason."""
    if not wants(request, "approve"):
        return _drop(request, desk, iin_change_id)
    return _act(
        request,
        desk,
        iin_change_id,
        None,
        lambda: iin_changes.approve(change_id=iin_change_id, by=desk.user, at=desk.at),
        done=_("The person bears the new number from now on, and is found by both."),
    )


@require_POST
@desk_page(Permission.IIN_CHANGE_CONFIRM)
def drop(request: HttpRequest, desk: Desk, iin_change_id: int) -> HttpResponse:
    """A clerk gives the change up with a reason."""
    return _drop(request, desk, iin_change_id)


def _drop(request: HttpRequest, desk: Desk, iin_change_id: int) -> HttpResponse:
    form = GivingUp(request.POST, prefix=GIVE_UP)
    return _act(
        request,
        desk,
        iin_change_id,
        form,
        lambda: iin_changes.drop(
            change_id=iin_change_id, why=form.cleaned_data["why"], by=desk.user, at=desk.at
        ),
        done=_("The change is given up. The person stays under the old number."),
    )


def _act(
    request: HttpRequest,
    desk: Desk,
    iin_change_id: int,
    form: forms.Form | None,
    act: Callable[[], object],
    *,
    done: str,
) -> HttpResponse:
    change = _found(desk, iin_change_id)
    if form is not None and not form.is_valid():
        return _page(request, desk, change, form=form)
    try:
        act()
    except RenumberingRefused as refused:
        problem = iin_change_presenters.refusal(refused.code)
        return _page(request, desk, _found(desk, iin_change_id), problem=problem, status=CONFLICT)
    messages.success(request, done)
    return redirect("queue_registry:iin_change", iin_change_id=iin_change_id)


def _found(desk: Desk, iin_change_id: int) -> IinChange:
    return get_object_or_404(selectors.list_changes(desk.akimat), pk=iin_change_id)


def _page(
    request: HttpRequest,
    desk: Desk,
    change: IinChange,
    *,
    form: forms.Form | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"iin_change:{change.pk}")
    shown = {CONFIRM: Confirmation(prefix=CONFIRM), GIVE_UP: GivingUp(prefix=GIVE_UP)}
    if form is not None:
        shown[str(form.prefix)] = form
    context = {
        "desk": desk,
        "change": change,
        "told": selectors.told_of(change),
        "doubts": selectors.doubts_of(change) if change.is_open else (),
        "applications": selectors.applications_about(change.person).filter(akimat=desk.akimat),
        "forms": shown,
        "bound": form,
        "problem": problem,
        "page_url": reverse("queue_registry:iin_change", args=[change.pk]),
        "section": "work",
    }
    return render(request, "queue_registry/iin_change.html", context, status=status)
