"""Clerk: the lists of an akimat, an entry with everything known of it, the waiting file."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from queue_registry import place_presenters, verdict_presenters
from queue_registry.filters import EntryFilter
from queue_registry.models import QueueEntry
from queue_registry.permissions import Permission
from queue_registry.selectors import applications, judgments, legacy, officers, place_history, queue
from queue_registry.services import audit
from queue_registry.views.access import Desk, desk_page

_PAGE = 50


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def desk(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The lists of the akimat with place, filtered and searched, a page at a time. The look is recorded."""
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"register:{desk.akimat.kato}")
    entries = EntryFilter(request.GET, queryset=queue.list_entries_of(desk.akimat))
    page = Paginator(entries.qs, _PAGE).get_page(request.GET.get("page"))
    places = queue.places_of(page.object_list)
    context = {
        "desk": desk,
        "filter": entries,
        "lists": queue.lists_of(desk.akimat),
        "waiting_file": applications.list_waiting_file(desk.akimat).count(),
        "rows": [(entry, places.get(entry.pk)) for entry in page.object_list],
        "page": page,
        "section": "register",
    }
    return render(request, "queue_registry/queue.html", context)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def entry(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """One entry: household, facts, findings, rung with its arithmetic, history. The look is recorded."""
    found = get_object_or_404(
        QueueEntry.objects.select_related(
            "akimat", "waiting_list", "applicant", "application__entered_by", "assessment__policy"
        ),
        pk=entry_id,
        akimat=desk.akimat,
    )
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"queue_entry:{found.pk}")
    case = judgments.get_case(found)
    household = judgments.list_household(case, on=desk.on)
    people = [member.person for member in household]
    timeline = applications.list_timeline(found)
    context = {
        "desk": desk,
        "entry": found,
        "standings": queue.list_standings(found.application),
        "household": household,
        "names": {person.pk: person.full_name for person in people},
        "answers": applications.list_answers(people),
        "chart": place_presenters.place_chart(place_history.list_histories([found])[found.pk], on=desk.on),
        "findings": verdict_presenters.findings_of(found),
        "arithmetic": judgments.get_arithmetic(found, case, on=desk.on),
        "timeline": timeline,
        "officers": officers.by_name(desk.akimat, {event.by.username for event in timeline if event.by}),
        "import_rows": legacy.rows_of([found.application]).get(found.application_id, []),
        "section": "register",
    }
    return render(request, "queue_registry/entry.html", context)


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def waiting_file(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Applications with a file number and no place, for a person to decide. The look is recorded."""
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"waiting_file:{desk.akimat.kato}")
    page = Paginator(applications.list_waiting_file(desk.akimat), _PAGE).get_page(request.GET.get("page"))
    rows = legacy.rows_of(list(page))
    context = {
        "desk": desk,
        "page": page,
        "applications": [(application, rows.get(application.pk, [])) for application in page],
        "section": "waiting_file",
    }
    return render(request, "queue_registry/waiting_file.html", context)
