"""Changes of a registration moment at the desk: seen beforehand, proposed, approved by a second person."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from queue_registry import move_forms
from queue_registry.models import QueueEntry, RegistrationChange
from queue_registry.permissions import Permission
from queue_registry.rules.reasons import RegistrationChangeGround
from queue_registry.selectors import moves
from queue_registry.selectors import removals as selectors
from queue_registry.services import audit, registration_changes
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, entry_of, problem_of, wants

_PAGE = 50


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def change_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every proposed change, those that wait for a second person first."""
    target = f"registration_changes:{desk.akimat.kato}"
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=target)
    page = Paginator(selectors.list_changes(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    context = {"desk": desk, "page": page, "section": "removals"}
    return render(request, "queue_registry/registration_changes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.REDATING_PROPOSE)
def propose(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """
    Propose another moment. What it does to the places of others is counted and shown before: without having
    seen it nobody proposes.
    """
    entry, problem, effect = entry_of(desk, entry_id), "", None
    form = move_forms.Redating(request.POST or None, initial={"seen": moves.version_of(entry)})
    if request.method == "POST" and form.is_valid():
        effect = moves.effect_of_moment(entry, form.moment())
        shown = _shown(form.moment(), effect)
        if wants(request, "propose") and form.cleaned_data["previewed"] == shown:
            problem = problem_of(lambda: _propose(desk, entry, form))
            change = moves.open_change_of(entry)
            if not problem and change is not None:
                messages.success(request, _("The change is proposed. A second person has to approve it."))
                return redirect("queue_registry:registration_change", change_id=change.pk)
        form.remember(shown)
    context = {
        "desk": desk,
        "entry": entry,
        "form": form,
        "effect": effect,
        "moment": form.moment() if effect else None,
        "problem": problem,
        "page_url": reverse("queue_registry:registration_change_propose", args=[entry.pk]),
        "section": "removals",
    }
    return render(
        request,
        "queue_registry/registration_change_propose.html",
        context,
        status=CONFLICT if problem else 200,
    )


def _shown(moment: datetime, effect: moves.PlaceEffect) -> str:
    return f"{moment.isoformat()} {effect.place_from} {effect.place_to}"


def _propose(desk: Desk, entry: QueueEntry, form: move_forms.Redating) -> RegistrationChange:
    data = form.cleaned_data
    return registration_changes.propose(
        entry_id=entry.pk,
        ground=RegistrationChangeGround(data["ground"]),
        registered_at=form.moment(),
        time_known=form.time_known,
        document=data["document"],
        seen=data["seen"],
        by=desk.user,
        at=desk.at,
    )


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def page(request: HttpRequest, desk: Desk, change_id: int) -> HttpResponse:
    """One change with its effect as of now."""
    return _page(request, desk, _found(desk, change_id))


@require_POST
@desk_page(Permission.REDATING_APPROVE)
def decide(request: HttpRequest, desk: Desk, change_id: int) -> HttpResponse:
    """The second person approves the change, or gives it up."""
    if wants(request, "approve"):
        return _act(
            request,
            desk,
            change_id,
            lambda: registration_changes.approve(change_id=change_id, by=desk.user, at=desk.at),
            done=_("The registration moment is changed. The notice is ordered."),
        )
    return _drop(request, desk, change_id)


@require_POST
@desk_page(Permission.REDATING_PROPOSE)
def drop(request: HttpRequest, desk: Desk, change_id: int) -> HttpResponse:
    """Who proposes takes the proposal back."""
    return _drop(request, desk, change_id)


def _drop(request: HttpRequest, desk: Desk, change_id: int) -> HttpResponse:
    return _act(
        request,
        desk,
        change_id,
        lambda: registration_changes.drop(change_id=change_id, by=desk.user, at=desk.at),
        done=_("The change is given up. The registration moment stays as it was."),
    )


def _act(
    request: HttpRequest, desk: Desk, change_id: int, act: Callable[[], object], *, done: str
) -> HttpResponse:
    _found(desk, change_id)
    problem = problem_of(act)
    if problem:
        return _page(request, desk, _found(desk, change_id), problem=problem, status=CONFLICT)
    messages.success(request, done)
    return redirect("queue_registry:registration_change", change_id=change_id)


def _found(desk: Desk, change_id: int) -> RegistrationChange:
    return get_object_or_404(selectors.list_changes(desk.akimat), pk=change_id)


def _page(
    request: HttpRequest, desk: Desk, change: RegistrationChange, *, problem: str = "", status: int = 200
) -> HttpResponse:
    target = f"registration_change:{change.pk}"
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=target)
    is_open = change.approved_at is None and change.dropped_at is None
    context = {
        "desk": desk,
        "change": change,
        "is_open": is_open,
        "effect": moves.effect_of_moment(change.entry, change.registered_at) if is_open else None,
        "problem": problem,
        "page_url": reverse("queue_registry:registration_change", args=[change.pk]),
        "section": "removals",
    }
    return render(request, "queue_registry/registration_change.html", context, status=status)
