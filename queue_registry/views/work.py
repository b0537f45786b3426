"""Clerk: the working list by deadline, and the search by file number, IIN or name."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from queue_registry import intake_forms
from queue_registry.permissions import Permission
from queue_registry.selectors import consent_work, iin_changes
from queue_registry.selectors import work as selectors
from queue_registry.selectors.applications import find_applications
from queue_registry.services import audit
from queue_registry.views.access import Desk, desk_page
from queue_registry.work_filters import WorkFilter

_PAGE = 50


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def work_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Cases in which somebody has to act, the most urgent first. The look is recorded."""
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"work:{desk.akimat.kato}")
    rows = WorkFilter(request.GET, queryset=selectors.list_work(desk.akimat), on=desk.on)
    page = Paginator(rows.qs, _PAGE).get_page(request.GET.get("page"))
    context = {
        "desk": desk,
        "filter": rows,
        "page": page,
        "rows": [(row, selectors.tasks_of(row, on=desk.on)) for row in page],
        "overdue": selectors.count_overdue(desk.akimat, on=desk.on),
        "without_consent": consent_work.count_missing(desk.akimat),
        "changed_iins": iin_changes.count_open(desk.akimat),
        "search": intake_forms.Search(),
        "section": "work",
    }
    return render(request, "queue_registry/work.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.REGISTER_VIEW)
def search(request: HttpRequest, desk: Desk) -> HttpResponse:
    """
    Find cases by what was typed: one leads to its page, more are listed. The look is recorded.

    The search comes in the body of the request, so that neither an IIN nor a name stands in an address.
    """
    form = intake_forms.Search(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"search:{desk.akimat.kato}")
        found = list(find_applications(desk.akimat, form.cleaned_data["text"])[: _PAGE + 1])
        if len(found) == 1:
            return redirect("queue_registry:application", application_id=found[0].pk)
    context = {
        "desk": desk,
        "form": form,
        "found": found[:_PAGE] if found is not None else None,
        "more": found is not None and len(found) > _PAGE,
        "page_url": reverse("queue_registry:search"),
        "section": "work",
    }
    return render(request, "queue_registry/work_search.html", context)
