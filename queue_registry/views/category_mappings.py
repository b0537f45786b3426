"""The table from local categories to the six lists: drafted, seen with its effect, approved by two people."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from queue_registry import import_case_forms as forms
from queue_registry import import_case_presenters, policy_acts
from queue_registry.models import CategoryMappingVersion
from queue_registry.permissions import Permission
from queue_registry.rules.legacy import mapping_drafts
from queue_registry.rules.legacy.mapping import mapping_from
from queue_registry.rules.legacy.mapping_drafts import MappingRefused
from queue_registry.selectors import category_mappings as selectors
from queue_registry.selectors import ledgers, mapping_effects
from queue_registry.services import category_mappings
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def mapping(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The table in force, the wordings that it lacks, every version."""
    context = {
        "desk": desk,
        "mapping": ledgers.mapping_in_force(desk.akimat),
        "version": ledgers.mapping_version(desk.akimat),
        "versions": list(selectors.list_versions(desk.akimat)),
        "draft": selectors.open_draft(desk.akimat),
        "unmapped": selectors.unmapped(desk.akimat),
        "section": "imports",
    }
    return render(request, "queue_registry/mapping.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.MAPPING_DRAFT)
def draft(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Write another version, beginning with the one in force and the wordings that it lacks."""
    current = ledgers.mapping_in_force(desk.akimat)
    act = forms.MappingAct(request.POST or None, initial={"act": policy_acts.act(current.act)})
    is_sent = request.method == "POST"
    lines = forms.MappingLines(request.POST) if is_sent else forms.MappingLines(initial=_initial(desk))
    problem = ""
    if is_sent and act.is_valid() and lines.is_valid():
        given = [line for form in lines.forms if (line := form.line()) is not None]
        try:
            version = category_mappings.draft(
                akimat=desk.akimat, lines=given, act=act.cleaned_data["act"], by=desk.user, at=desk.at
            )
        except MappingRefused as refused:
            problem = import_case_presenters.mapping_refusal(refused)
        else:
            messages.success(request, _("The draft waits for two people to approve it."))
            return redirect("queue_registry:mapping_version", version_id=version.pk)
    context = {
        "desk": desk,
        "act": act,
        "lines": lines,
        "problem": problem,
        "page_url": reverse("queue_registry:mapping_draft"),
        "section": "imports",
    }
    template = "queue_registry/mapping_draft.html"
    return render(request, template, context, status=CONFLICT if problem else 200)


def _initial(desk: Desk) -> list[dict[str, str]]:
    lines = [
        {"wording": one.wording, "number": one.number or "", "article": policy_acts.act(one.article)}
        for one in ledgers.mapping_in_force(desk.akimat).categories
    ]
    known = {line["wording"] for line in lines}
    lacking = [wording for wording, _count in selectors.unmapped(desk.akimat) if wording not in known]
    return [*lines, *({"wording": wording} for wording in lacking if wording)]


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def version(request: HttpRequest, desk: Desk, version_id: int) -> HttpResponse:
    """One version: how it differs from the table in force, and who would move by how much."""
    return _version(request, desk, _found(desk, version_id))


def _found(desk: Desk, version_id: int) -> CategoryMappingVersion:
    return get_object_or_404(selectors.list_versions(desk.akimat), pk=version_id)


def _version(
    request: HttpRequest, desk: Desk, found: CategoryMappingVersion, *, problem: str = ""
) -> HttpResponse:
    is_open = found.in_force_at is None and found.dropped_at is None
    table = mapping_from(found.document)
    context = {
        "desk": desk,
        "version": found,
        "is_open": is_open,
        "mapping": table,
        "changes": mapping_drafts.difference(ledgers.mapping_in_force(desk.akimat), table) if is_open else [],
        "effect": mapping_effects.effect_of(desk.akimat, table, on=desk.on) if is_open else None,
        "problem": problem,
        "page_url": reverse("queue_registry:mapping_version", args=[found.pk]),
        "section": "imports",
    }
    template = "queue_registry/mapping_version.html"
    return render(request, template, context, status=CONFLICT if problem else 200)


@require_POST
@desk_page(Permission.MAPPING_APPROVE)
def approve(request: HttpRequest, desk: Desk, version_id: int) -> HttpResponse:
    """The first or the second of two people approves the draft."""
    found = _found(desk, version_id)
    return _act(
        request,
        desk,
        found,
        lambda: category_mappings.approve(version_id=found.pk, by=desk.user, at=desk.at),
        done=_("Approved."),
    )


@require_POST
@desk_page(Permission.MAPPING_DRAFT)
def drop(request: HttpRequest, desk: Desk, version_id: int) -> HttpResponse:
    """Give the draft up."""
    found = _found(desk, version_id)
    return _act(
        request,
        desk,
        found,
        lambda: category_mappings.drop(version_id=found.pk, by=desk.user, at=desk.at),
        done=_("The draft is given up. The table in force stays."),
    )


def _act(
    request: HttpRequest,
    desk: Desk,
    found: CategoryMappingVersion,
    act: Callable[[], object],
    *,
    done: str,
) -> HttpResponse:
    try:
        act()
    except MappingRefused as refused:
        return _version(request, desk, found, problem=import_case_presenters.mapping_refusal(refused))
    messages.success(request, done)
    return redirect("queue_registry:mapping_version", version_id=found.pk)
