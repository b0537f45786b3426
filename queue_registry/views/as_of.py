"""Clerk, supervisor, auditor: a list as it stood on a past day, as known then or as corrected since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from queue_registry.as_of_forms import PastList
from queue_registry.models import QueueEntry, WaitingList
from queue_registry.permissions import Permission
from queue_registry.selectors import as_of
from queue_registry.services import audit
from queue_registry.views.access import Desk, desk_page

_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _PastEntry:
    """One entry on the day: its list of today, and what it held, as known then and as corrected since."""

    entry: QueueEntry
    known: as_of.PastState | None
    corrected: as_of.PastState | None


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def past_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One list on one day, a page at a time, and one entry if its number is given. The look is recorded."""
    asked = {"list": "4", "on": (desk.on - timedelta(days=1)).isoformat(), "view": as_of.View.KNOWN.value}
    form = PastList(asked | request.GET.dict(), latest=desk.on)
    context: dict[str, object] = {"desk": desk, "form": form, "section": "as_of"}
    if form.is_valid():
        audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"register:{desk.akimat.kato}")
        told = form.cleaned_data
        before = as_of.end_of(told["on"])
        entries = _entries(desk, told["file_number"], before=before)
        page, past = _page(desk, told, before=before, wanted=request.GET.get("page", ""))
        context |= {
            "told": told,
            "lists": dict(WaitingList.objects.filter(pk__in=_lists(entries)).values_list("pk", "number")),
            "page": page,
            "past": past,
            "entries": entries,
        }
    return render(request, "queue_registry/as_of.html", context)


def _page(
    desk: Desk, told: dict[str, str], *, before: datetime, wanted: str
) -> tuple[Page[int], as_of.PastList]:
    waiting_list = get_object_or_404(WaitingList, akimat=desk.akimat, number=told["list"])
    number = max(int(wanted), 1) if wanted.isascii() and wanted.isdecimal() and len(wanted) < _PAGE else 1
    past = as_of.get_list(
        waiting_list,
        before=before,
        view=as_of.View(told["view"]),
        first=min((number - 1) * _PAGE, 2**31),
        number=_PAGE,
    )
    return Paginator(range(past.length), _PAGE).get_page(number), past


def _entries(desk: Desk, file_number: str, *, before: datetime) -> list[_PastEntry] | None:
    """The entries of a file number on the day; None if nobody asked."""
    if not file_number:
        return None
    found = QueueEntry.objects.filter(akimat=desk.akimat, file_number=file_number)
    return [
        _PastEntry(
            entry=entry,
            known=as_of.get_entry(entry, before=before),
            corrected=as_of.get_entry(entry, before=before, view=as_of.View.CORRECTED),
        )
        for entry in found.select_related("waiting_list").order_by("waiting_list__number")
    ]


def _lists(entries: Iterable[_PastEntry] | None) -> set[int]:
    states = [state for past in entries or () for state in (past.known, past.corrected)]
    return {state.waiting_list for state in states if state is not None}
