"""Removals at the desk: their register, a proposal, and a case from the notice to the decision."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from queue_registry import move_forms
from queue_registry.models import RemovalCase
from queue_registry.permissions import Permission
from queue_registry.rules.reasons import RemovalGround
from queue_registry.selectors import moves, notices
from queue_registry.selectors import removals as selectors
from queue_registry.services import audit, removals
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, entry_of, problem_of

_PAGE = 50


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def removal_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every case with ground, evidence, notice, contest and outcome; the open ones first."""
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"removals:{desk.akimat.kato}")
    page = Paginator(selectors.list_cases(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    context = {"desk": desk, "page": page, "section": "removals"}
    return render(request, "queue_registry/removals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.REMOVAL_PROPOSE)
def propose(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """Propose a removal with ground and evidence; the entry keeps its place."""
    entry, problem, status = entry_of(desk, entry_id), "", 200
    form = move_forms.Proposal(request.POST or None, initial={"seen": moves.version_of(entry)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        problem = problem_of(
            lambda: removals.propose(
                entry_id=entry.pk,
                ground=RemovalGround(data["ground"]),
                evidence=data["evidence"],
                evidence_source=data["evidence_source"],
                evidence_as_of=form.moment(),
                seen=data["seen"],
                by=desk.user,
                at=desk.at,
            )
        )
        status = CONFLICT if problem else 200
        running = moves.open_case_of(entry)
        if not problem and running is not None:
            messages.success(request, _("The removal is proposed. Tell the household now."))
            return redirect("queue_registry:removal", case_id=running.pk)
    context = {
        "desk": desk,
        "entry": entry,
        "form": form,
        "problem": problem,
        "open_case": moves.open_case_of(entry),
        "page_url": reverse("queue_registry:removal_propose", args=[entry.pk]),
        "section": "removals",
    }
    return render(request, "queue_registry/removal_propose.html", context, status=status)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def page(request: HttpRequest, desk: Desk, case_id: int) -> HttpResponse:
    """One case: ground, evidence, terms, what the household said, and what can be done next."""
    return _page(request, desk, _found(desk, case_id))


@require_POST
@desk_page(Permission.REMOVAL_PROPOSE)
def send_notice(request: HttpRequest, desk: Desk, case_id: int) -> HttpResponse:
    """The notice is sent to the household; its term does not run before it arrives."""
    return _act(
        request,
        desk,
        case_id,
        forms.Form({}, prefix="send"),
        lambda: removals.send_notice(case_id=case_id, by=desk.user, at=desk.at),
        done=_("The notice is ordered. The household's term does not run before it arrives."),
    )


@require_POST
@desk_page(Permission.REMOVAL_PROPOSE)
def notify_delivered(request: HttpRequest, desk: Desk, case_id: int, delivery_id: int) -> HttpResponse:
    """The notice that was sent has arrived: the household was told."""
    return _act(
        request,
        desk,
        case_id,
        forms.Form({}, prefix="delivered"),
        lambda: removals.notify(case_id=case_id, delivery_id=delivery_id, by=desk.user, at=desk.at),
        done=_("The notice is recorded. The household's term runs from today."),
    )


@require_POST
@desk_page(Permission.REMOVAL_PROPOSE)
def notify(request: HttpRequest, desk: Desk, case_id: int) -> HttpResponse:
    """The household was told."""
    form = move_forms.Notification(request.POST, prefix="notify")
    return _act(
        request,
        desk,
        case_id,
        form,
        lambda: removals.notify(case_id=case_id, by=desk.user, at=desk.at, **form.cleaned_data),
        done=_("The notice is recorded. The household's term runs from today."),
    )


@require_POST
@desk_page(Permission.REMOVAL_PROPOSE)
def object_(request: HttpRequest, desk: Desk, case_id: int) -> HttpResponse:
    """The household objects."""
    form = move_forms.Objection(request.POST, prefix="object")
    return _act(
        request,
        desk,
        case_id,
        form,
        lambda: removals.object_(case_id=case_id, by=desk.user, at=desk.at, **form.cleaned_data),
        done=_("The objection is recorded. The household is heard before a removal."),
    )


@require_POST
@desk_page(Permission.REMOVAL_PROPOSE)
def hear(request: HttpRequest, desk: Desk, case_id: int) -> HttpResponse:
    """The household was heard."""
    form = move_forms.Hearing(request.POST, prefix="hear")
    return _act(
        request,
        desk,
        case_id,
        form,
        lambda: removals.hear(case_id=case_id, by=desk.user, at=desk.at, **form.cleaned_data),
        done=_("The hearing is recorded."),
    )


@require_POST
@desk_page(Permission.REMOVAL_DECIDE)
def decide(request: HttpRequest, desk: Desk, case_id: int) -> HttpResponse:
    """The second person removes the household, or drops the case."""
    form = move_forms.Decision(request.POST, prefix="decide")
    drops = request.POST.get("step") != "remove"
    return _act(
        request,
        desk,
        case_id,
        form,
        lambda: removals.decide(
            case_id=case_id,
            outcome=RemovalCase.Outcome.DROPPED if drops else RemovalCase.Outcome.REMOVED,
            decision=form.cleaned_data["decision"],
            by=desk.user,
            at=desk.at,
        ),
        done=_("The case is dropped: the household stays at its place.")
        if drops
        else _("The household is removed. The written notice is ordered."),
    )


def _found(desk: Desk, case_id: int) -> RemovalCase:
    return get_object_or_404(selectors.list_cases(desk.akimat), pk=case_id)


def _act(
    request: HttpRequest,
    desk: Desk,
    case_id: int,
    form: forms.Form,
    act: Callable[[], object],
    *,
    done: str,
) -> HttpResponse:
    case = _found(desk, case_id)
    if not form.is_valid():
        return _page(request, desk, case, form=form)
    problem = problem_of(act)
    if problem:
        return _page(request, desk, _found(desk, case_id), problem=problem, status=CONFLICT)
    messages.success(request, done)
    return redirect("queue_registry:removal", case_id=case_id)


def _page(
    request: HttpRequest,
    desk: Desk,
    case: RemovalCase,
    *,
    form: forms.Form | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"removal_case:{case.pk}")
    blank = {
        "notify": move_forms.Notification(prefix="notify"),
        "object": move_forms.Objection(prefix="object"),
        "hear": move_forms.Hearing(prefix="hear"),
        "decide": move_forms.Decision(prefix="decide"),
        "contest": move_forms.Contest(prefix="contest"),
    }
    if form is not None:
        blank[str(form.prefix)] = form
    context = {
        "desk": desk,
        "case": case,
        "forms": blank,
        "bound": form,
        "problem": problem,
        "notices": notices.list_removal_notices(case),
        "deliveries": notices.list_deliveries_of(case),
        "reviews": case.reviews.order_by("pk"),
        "may_object": case.objections_until is not None and desk.on <= case.objections_until,
        "may_remove": case.decision_from is not None and desk.on >= case.decision_from,
        "page_url": reverse("queue_registry:removal", args=[case.pk]),
        "section": "removals",
    }
    return render(request, "queue_registry/removal.html", context, status=status)
