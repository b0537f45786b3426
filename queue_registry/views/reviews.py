"""Contests at the desk: their list, the opening of one, and the decision on it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from queue_registry import move_forms
from queue_registry.models import Application, RemovalCase, Review
from queue_registry.permissions import Permission
from queue_registry.rules.reasons import ReviewSource
from queue_registry.selectors import moves
from queue_registry.selectors import removals as selectors
from queue_registry.services import audit, reviews
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, entry_of, problem_of

_PAGE = 50


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def review_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every contest, the open ones first by their last day."""
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"reviews:{desk.akimat.kato}")
    page = Paginator(selectors.list_reviews(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    return render(request, "queue_registry/reviews.html", {"desk": desk, "page": page, "section": "removals"})


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def page(request: HttpRequest, desk: Desk, review_id: int) -> HttpResponse:
    """One contest: what is claimed, until when it is decided, and what an overturning would do."""
    return _page(request, desk, _found(desk, review_id))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.REVIEW_OPEN)
def open_on_removal(request: HttpRequest, desk: Desk, case_id: int) -> HttpResponse:
    """Contest a removal."""
    case = get_object_or_404(
        RemovalCase.objects.select_related("entry__application"), pk=case_id, entry__akimat=desk.akimat
    )
    return _open(
        request,
        desk,
        case.entry.application,
        lambda given: reviews.open_on_removal(case_id=case.pk, by=desk.user, at=desk.at, **given),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.REVIEW_OPEN)
def open_on_moment(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """Contest the registration moment of an entry."""
    entry = entry_of(desk, entry_id)
    return _open(
        request,
        desk,
        entry.application,
        lambda given: reviews.open_on_moment(entry_id=entry.pk, by=desk.user, at=desk.at, **given),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.REVIEW_OPEN)
def open_on_refusal(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """Contest the refusal of an application."""
    application = get_object_or_404(Application, pk=application_id, akimat=desk.akimat)
    return _open(
        request,
        desk,
        application,
        lambda given: reviews.open_on_refusal(
            application_id=application.pk, by=desk.user, at=desk.at, **given
        ),
    )


def _open(
    request: HttpRequest,
    desk: Desk,
    application: Application,
    act: Callable[[dict[str, Any]], Review],
) -> HttpResponse:
    form, problem = move_forms.Contest(request.POST or None, prefix="contest"), ""
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data, "source": ReviewSource(form.cleaned_data["source"])}
        opened: list[Review] = []
        problem = problem_of(lambda: opened.append(act(given)))
        if opened:
            messages.success(request, _("The review is open. The place follows from the former moment."))
            return redirect("queue_registry:review", review_id=opened[0].pk)
    context = {
        "desk": desk,
        "application": application,
        "form": form,
        "problem": problem,
        "page_url": request.path,
        "section": "removals",
    }
    return render(request, "queue_registry/review_open.html", context, status=CONFLICT if problem else 200)


@require_POST
@desk_page(Permission.REVIEW_DECIDE)
def decide(request: HttpRequest, desk: Desk, review_id: int) -> HttpResponse:
    """The contested decision stands, or falls with effect."""
    review, form = _found(desk, review_id), move_forms.Decision(request.POST, prefix="decide")
    if not form.is_valid():
        return _page(request, desk, review, form=form)
    act = reviews.overturn if request.POST.get("step") == "overturn" else reviews.uphold
    problem = problem_of(
        lambda: act(review_id=review.pk, decision=form.cleaned_data["decision"], by=desk.user, at=desk.at)
    )
    if problem:
        return _page(request, desk, _found(desk, review_id), problem=problem, status=CONFLICT)
    messages.success(request, _("The review is decided. The notice is ordered."))
    return redirect("queue_registry:review", review_id=review.pk)


def _found(desk: Desk, review_id: int) -> Review:
    return get_object_or_404(selectors.list_reviews(desk.akimat), pk=review_id)


def _page(
    request: HttpRequest,
    desk: Desk,
    review: Review,
    *,
    form: forms.Form | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"review:{review.pk}")
    returns = review.entry is not None and review.removal_case is not None and not review.outcome
    context = {
        "desk": desk,
        "review": review,
        "form": form or move_forms.Decision(prefix="decide"),
        "bound": form,
        "problem": problem,
        "effect": moves.effect_of_return(review.entry) if returns and review.entry else None,
        "page_url": reverse("queue_registry:review", args=[review.pk]),
        "section": "removals",
    }
    return render(request, "queue_registry/review.html", context, status=status)
