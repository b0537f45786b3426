"""
Auditor: the trail in words, of a case, a person or an officer; looks of staff; removals and totals; exports.

Nothing is changed here. Every page is itself a look at personal data, and recorded as one.
"""

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from queue_registry import audit_forms
from queue_registry.documents.case_file import LANGUAGES
from queue_registry.models import Application, Person, RemovalCase, Review, StaffMembership, User
from queue_registry.permissions import Permission
from queue_registry.rules.territory import region_of
from queue_registry.selectors import iin_numbers, oversight, queue
from queue_registry.services import audit, exports
from queue_registry.services.exports import Kind
from queue_registry.views.access import Desk, desk_page

_PAGE = 50
_NEWEST = 100
_DAYS = 31


@require_safe
@desk_page(Permission.TRAIL_VIEW)
def trail(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every record of the akimat's chain, by case, officer, act and day."""
    _look(desk, f"trail:{desk.akimat.kato}")
    form = audit_forms.TrailQuery(request.GET or None, akimat=desk.akimat)
    rows = oversight.list_trail(desk.akimat, **_filters(form))
    return _page(request, desk, "audit", {"form": form, "page": _paged(request, rows), "kind": Kind.TRAIL})


@require_safe
@desk_page(Permission.TRAIL_VIEW)
def looks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who of staff looked at which file, by case, officer and day."""
    _look(desk, f"looks:{desk.akimat.kato}")
    form = audit_forms.LooksQuery(request.GET or None, akimat=desk.akimat)
    rows = oversight.list_looks(desk.akimat, **_filters(form))
    context = {"form": form, "page": _paged(request, rows), "kind": Kind.LOOKS}
    return _page(request, desk, "audit_looks", context)


@require_safe
@desk_page(Permission.TRAIL_VIEW)
def removals(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everyone removed in a period, and the totals of every list: start + in - out = end."""
    _look(desk, f"removals:{desk.akimat.kato}")
    form, (since, until) = _period(request, desk)
    events = oversight.list_removal_events(desk.akimat, since=since, until=until)
    page = _paged(request, events)
    lengths = {waiting_list.number: length for waiting_list, length in queue.lists_of(desk.akimat)}
    totals = oversight.list_period_totals(desk.akimat, since=since, until=until)
    context = {
        "form": form,
        "page": page,
        "removals": oversight.removals(page.object_list),
        # The register as it is now is an independent count: compared where the period ends with today.
        "totals": [
            (total, lengths.get(total.list_number, 0) if until >= desk.on else None) for total in totals
        ],
        "days": oversight.list_day_totals(desk.akimat, since=since, until=until),
        "since": since,
        "until": until,
        "kind": Kind.REMOVALS,
    }
    return _page(request, desk, "audit_removals", context)


@require_safe
@desk_page(Permission.TRAIL_VIEW)
def case(request: HttpRequest, desk: Desk, application_id: int) -> HttpResponse:
    """Everything that happened to one case, and who looked at it."""
    application = _application(desk, application_id)
    _look(desk, f"application:{application.pk}")
    targets = oversight.targets_of_case(application)
    context = {
        "application": application,
        "standings": queue.list_standings(application),
        "cases": RemovalCase.objects.filter(entry__application=application).order_by("-proposed_at", "-pk"),
        "reviews": Review.objects.filter(application=application).order_by("-opened_at", "-pk"),
        "languages": LANGUAGES,
        **_traces(desk, targets),
    }
    return _page(request, desk, "audit_case", context)


@require_POST
@desk_page(Permission.TRAIL_VIEW)
def case_file(request: HttpRequest, desk: Desk, application_id: int, language: str) -> HttpResponse:
    """The file of a case as PDF/A."""
    application = _application(desk, application_id)
    if language not in LANGUAGES:
        return HttpResponseNotFound()
    content = exports.make_case_file(application=application, language=language, by=desk.user, at=desk.at)
    return _download(content, f"case-{application.file_number}-{language}.pdf", "application/pdf")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.TRAIL_VIEW)
def people(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Find a person of this akimat's cases by the IIN; the number never gets into an address."""
    form = audit_forms.PersonQuery(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        for person in iin_numbers.people_with(form.cleaned_data["iin"]).order_by("pk"):
            if oversight.applications_of(person, desk.akimat).exists():
                return redirect("queue_registry:audit_person", person_id=person.pk)
        form.add_error("iin", _("Nobody with this IIN is in a case of this akimat"))
    return _page(request, desk, "audit_people", {"form": form})


@require_safe
@desk_page(Permission.TRAIL_VIEW)
def person(request: HttpRequest, desk: Desk, person_id: int) -> HttpResponse:
    """All cases of a person, what was done in them, who looked at the person."""
    found = get_object_or_404(Person, pk=person_id)
    applications = list(oversight.applications_of(found, desk.akimat))
    if not applications:
        return HttpResponseNotFound()
    _look(desk, f"person:{found.pk}")
    traces = _traces(desk, oversight.targets_of_person(found, desk.akimat))
    return _page(request, desk, "audit_person", {"person": found, "applications": applications, **traces})


@require_safe
@desk_page(Permission.TRAIL_VIEW)
def officers(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everybody of staff who ever held a role here, with the days of each role."""
    return _page(request, desk, "audit_officers", {"memberships": _staff_here(desk)})


@require_safe
@desk_page(Permission.TRAIL_VIEW)
def officer(request: HttpRequest, desk: Desk, user_id: int) -> HttpResponse:
    """What an officer did here, and what the officer looked at."""
    found = get_object_or_404(User, pk=user_id)
    memberships = [membership for membership in _staff_here(desk) if membership.user_id == found.pk]
    if not memberships:
        return HttpResponseNotFound()
    _look(desk, f"staff:{found.pk}")
    context = {
        "officer": found,
        "memberships": memberships,
        "records": oversight.list_trail(desk.akimat, actor=found.username)[:_NEWEST],
        "looks": oversight.list_looks(desk.akimat, by=found.username)[:_NEWEST],
    }
    return _page(request, desk, "audit_officer", context)


@require_POST
@desk_page(Permission.TRAIL_VIEW)
def export(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Hand out what a page shows as CSV with a signed manifest."""
    chosen = audit_forms.ExportKind(request.POST)
    if not chosen.is_valid():
        return HttpResponse(status=400)
    kind = Kind(chosen.cleaned_data["kind"])
    form = _form_of(kind, request, desk)
    filters: dict[str, Any] = {}
    if isinstance(form, audit_forms.TrailQuery):
        filters = _filters(form)
    else:
        since, until = _days_of(form, desk)
        filters = {"since": since, "until": until}
    if not form.is_valid():
        return HttpResponse(status=400)
    query = exports.Query(kind=kind, filters=filters)
    try:
        content = exports.make(akimat=desk.akimat, query=query, by=desk.user, at=desk.at)
    except exports.TooManyRows:
        problem = _("There are more than %(count)s rows: ask for fewer days.") % {"count": exports.MOST_ROWS}
        return _page(request, desk, "audit_refused", {"problem": problem}, status=422)
    return _download(content, f"{kind.lower()}-{desk.akimat.kato}-{desk.on}.zip", "application/zip")


def _form_of(kind: Kind, request: HttpRequest, desk: Desk) -> audit_forms.Period:
    if kind is Kind.TRAIL:
        return audit_forms.TrailQuery(request.POST, akimat=desk.akimat)
    if kind is Kind.LOOKS:
        return audit_forms.LooksQuery(request.POST, akimat=desk.akimat)
    return audit_forms.Period(request.POST)


def _filters(form: audit_forms.TrailQuery) -> dict[str, Any]:
    """What was chosen; where it makes no sense nothing is shown, and the form says why."""
    if not form.is_bound:
        return {}
    return form.filters() if form.is_valid() else {"targets": frozenset()}


def _period(request: HttpRequest, desk: Desk) -> tuple[audit_forms.Period, tuple[date, date]]:
    form = audit_forms.Period(request.GET or None)
    return form, _days_of(form, desk)


def _days_of(form: audit_forms.Period, desk: Desk) -> tuple[date, date]:
    """The days that were chosen; else the last month up to today."""
    chosen = form.cleaned_data if form.is_bound and form.is_valid() else {}
    until = chosen.get("until") or desk.on
    return chosen.get("since") or until - timedelta(days=_DAYS - 1), until


def _application(desk: Desk, application_id: int) -> Application:
    return get_object_or_404(
        Application.objects.select_related("akimat", "applicant", "entered_by"),
        pk=application_id,
        akimat=desk.akimat,
    )


def _staff_here(desk: Desk) -> QuerySet[StaffMembership]:
    here = {desk.akimat.kato, region_of(desk.akimat.kato)}
    return (
        StaffMembership.objects.filter(akimat__kato__in=here)
        .select_related("user", "akimat")
        .order_by("user__username", "from_on", "pk")
    )


def _traces(desk: Desk, targets: frozenset[str]) -> dict[str, Any]:
    return {
        "records": oversight.list_trail(desk.akimat, targets=targets)[:_NEWEST],
        "looks": oversight.list_looks(desk.akimat, targets=targets)[:_NEWEST],
    }


def _look(desk: Desk, target: str) -> None:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=target)


def _paged(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    return Paginator(rows, _PAGE).get_page(request.GET.get("page"))


def _download(content: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _page(
    request: HttpRequest, desk: Desk, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    page = {"desk": desk, "section": "audit", "audit_page": name, **context}
    return render(request, f"queue_registry/{name}.html", page, status=status)
