"""What a contest would have changed: rounds worked out again with a moment or a place given back."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from allocation import appeal_presenters
from allocation.services.appeals import Restored, concerned, recompute
from queue_registry.formats import ALMATY
from queue_registry.models import QueueEntry, RegistrationChange, Review
from queue_registry.permissions import Permission
from queue_registry.views.access import Desk, desk_page

# So many rounds are worked out while somebody waits for the page; the next ones on the next page.
_ROUNDS: Final = 5


class Moment(forms.Form):
    """The registration moment that is claimed."""

    registered_at = forms.DateTimeField(
        label=_("Registration moment that is claimed"),
        error_messages={"required": _("Enter the moment"), "invalid": _("Enter the day and the time")},
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "govuk-input govuk-input--width-20"},
            format="%Y-%m-%dT%H:%M",
        ),
    )


@require_safe
@desk_page(Permission.REGISTER_VIEW)
def page(request: HttpRequest, desk: Desk, review_id: int) -> HttpResponse:
    """Which later rounds would have come out otherwise, and who would have been served instead."""
    review = get_object_or_404(
        Review.objects.select_related("application", "entry__waiting_list", "entry__akimat"),
        pk=review_id,
        application__akimat=desk.akimat,
    )
    entry = review.entry
    if entry is None:
        raise Http404
    form = Moment(request.GET if "registered_at" in request.GET else None, initial=_initial(entry))
    moment = _moment(form, entry)
    context: dict[str, Any] = {"desk": desk, "review": review, "form": form, "section": "removals"}
    if moment is not None:
        restored = Restored(entry=entry, registered_at=moment)
        rounds = Paginator(concerned(restored), _ROUNDS).get_page(request.GET.get("page"))
        differences = recompute(restored, list(rounds))
        context |= {
            "page": rounds,
            "moment": moment,
            "differences": differences,
            "in_words": [appeal_presenters.for_the_household(one) for one in differences],
        }
    return render(request, "allocation/appeal.html", context)


def _initial(entry: QueueEntry) -> dict[str, datetime]:
    """The moment of a change that is proposed, else the entry's own."""
    change = RegistrationChange.objects.filter(entry=entry, dropped_at__isnull=True).order_by("-pk").first()
    return {"registered_at": change.registered_at if change else entry.registered_at}


def _moment(form: Moment, entry: QueueEntry) -> datetime | None:
    if not form.is_bound:
        return None
    if not form.is_valid():
        return None
    found: datetime = form.cleaned_data["registered_at"]
    return found.astimezone(ALMATY)
