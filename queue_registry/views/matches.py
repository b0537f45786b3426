"""Applications of old lists that may be one person's, at the desk: side by side with what speaks for it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import match_presenters
from queue_registry.match_forms import MatchDecision
from queue_registry.models import MatchGroup
from queue_registry.permissions import Permission
from queue_registry.rules.legacy.decision_values import DecisionRefused
from queue_registry.rules.legacy.match_refusals import MatchRefused
from queue_registry.selectors import matches as selectors
from queue_registry.selectors.matches import Member
from queue_registry.services import audit, matches
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT

_PAGE = 20


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def match_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The open groups, the longest waiting first; the decided ones on demand."""
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"match_groups:{desk.akimat.kato}")
    is_open = request.GET.get("decided") != "1"
    page = Paginator(selectors.list_groups(desk.akimat, is_open=is_open), _PAGE).get_page(
        request.GET.get("page")
    )
    members = selectors.members_of(list(page))
    context = {
        "desk": desk,
        "page": page,
        "groups": [(group, [members[key] for key in group.members], _closest(group)) for group in page],
        "is_open": is_open,
        "open_groups": selectors.count_open(desk.akimat),
        "section": "imports",
    }
    return render(request, "queue_registry/matches.html", context)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def page(request: HttpRequest, desk: Desk, group_id: int) -> HttpResponse:
    """One group: each application beside the others, every pair with its reasons, and the form."""
    return _page(request, desk, _found(desk, group_id))


@require_POST
@desk_page(Permission.IMPORT_DECIDE)
def decide(request: HttpRequest, desk: Desk, group_id: int) -> HttpResponse:
    """Somebody says whether the chosen ones are one person's; the next open group follows."""
    group = _found(desk, group_id)
    form = _form(group, selectors.members_of([group]), request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, desk, group, form=form)
    scan = form.cleaned_data["scan"]
    given = form.cleaned_data | {"scan": scan.read() if scan else b""}
    try:
        matches.decide(group_id=group.pk, by=desk.user, at=desk.at, **given)
    except MatchRefused as refused:
        problem = match_presenters.refusal(refused)
        return _page(request, desk, _found(desk, group_id), form=form, problem=problem, status=CONFLICT)
    except DecisionRefused:
        problem = _("The number of one of the rows is not to be decided like that. Open its own questions.")
        return _page(request, desk, _found(desk, group_id), form=form, problem=problem, status=CONFLICT)
    messages.success(request, _("The decision is written down. The ledger is made again in a moment."))
    following = selectors.list_groups(desk.akimat, is_open=True).first()
    if following is None:
        return redirect("queue_registry:matches")
    return redirect("queue_registry:match", group_id=following.pk)


def _found(desk: Desk, group_id: int) -> MatchGroup:
    rows = MatchGroup.objects.select_related("decided_by", "superseded_by")
    return get_object_or_404(rows, pk=group_id, akimat=desk.akimat)


def _form(
    group: MatchGroup, members: Mapping[int, Member], data: Any = None, files: Any = None
) -> MatchDecision:
    return MatchDecision(
        data,
        files,
        members=[(key, members[key].application.file_number) for key in group.members],
        is_anybody_known=any(member.is_known for member in members.values()),
    )


def _page(
    request: HttpRequest,
    desk: Desk,
    group: MatchGroup,
    *,
    form: MatchDecision | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"match_group:{group.pk}")
    members = selectors.members_of([group])
    numbers = {key: member.application.file_number for key, member in members.items()}
    context = {
        "desk": desk,
        "group": group,
        "members": [members[key] for key in group.members],
        "pairs": [
            {
                "numbers": [numbers[key] for key in reason["keys"]],
                "likenesses": match_presenters.likenesses(reason),
                "differences": match_presenters.differences(reason),
            }
            for reason in group.reasons
        ],
        "outcome": match_presenters.outcome(group),
        "tone": match_presenters.tone(group),
        "newer": group.superseded_by,
        "may_decide": group.is_open and desk.may["IMPORT_DECIDE"],
        "form": form or _form(group, members),
        "bound": form,
        "problem": problem,
        "page_url": reverse("queue_registry:match", args=[group.pk]),
        "section": "imports",
    }
    return render(request, "queue_registry/match.html", context, status=status)


def _closest(group: MatchGroup) -> list[str]:
    """What is alike of the pair with the most signs, for the list."""
    reason = max(group.reasons, key=lambda one: len(one["signs"]), default=None)
    return match_presenters.likenesses(reason) if reason else []
