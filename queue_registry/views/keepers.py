"""Who keeps the queue from when: an administrator proposes, a supervisor approves, as the commands do."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from queue_registry import keeper_presenters
from queue_registry.models import QueueKeeper
from queue_registry.permissions import Permission
from queue_registry.rules.keepers import KeeperRefused, KeeperStanding
from queue_registry.selectors import keepers as selectors
from queue_registry.services import keepers
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT

_LONGEST: Final = 200


def _text(label: Any, missing: Any, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=_LONGEST,
        error_messages={"required": missing},
        widget=forms.TextInput(attrs={"class": "govuk-input"}),
        **options,
    )


class Proposal(forms.Form):
    """Who it is, where its pages are, by which act and from which day on."""

    name_kk = _text(gettext_lazy("Name in Kazakh"), gettext_lazy("Enter the name in Kazakh"))
    name_ru = _text(gettext_lazy("Name in Russian"), gettext_lazy("Enter the name in Russian"))
    address = _text(
        gettext_lazy("Address of its public pages"),
        gettext_lazy("Enter the address of its public pages"),
        help_text=gettext_lazy("It begins with https://. Households are led there."),
    )
    document = _text(
        gettext_lazy("Act by which the queue is handed over"),
        gettext_lazy("Name the act with its number and day"),
    )
    from_on = forms.DateField(
        label=gettext_lazy("First day"),
        help_text=gettext_lazy("From midnight of this day on nothing is changed here any more."),
        error_messages={
            "required": gettext_lazy("Enter the day"),
            "invalid": gettext_lazy("Enter the day as year, month, day"),
        },
        widget=forms.DateInput(
            attrs={"type": "date", "class": "govuk-input govuk-input--width-10"}, format="%Y-%m-%d"
        ),
    )

    def clean_address(self) -> str:
        """Return what can be a link to a page."""
        address: str = self.cleaned_data["address"]
        try:
            keepers.ADDRESS(address)
        except forms.ValidationError as error:
            raise forms.ValidationError(_("This is no address of a page")) from error
        return address


@require_safe
@desk_page(Permission.KEEPER_VIEW)
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All keepers with their days, what waits for a second person, and the form of a proposal."""
    return _page(request, desk)


@require_POST
@desk_page(Permission.KEEPER_PROPOSE)
def propose(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Propose a keeper from a later day on."""
    form = Proposal(request.POST)
    if not form.is_valid():
        return _page(request, desk, form=form)
    told = dict(form.cleaned_data)
    from_on = told.pop("from_on")
    return _act(
        request,
        desk,
        lambda: keepers.propose(
            akimat=desk.akimat, keeper=keepers.Keeper(**told), from_on=from_on, by=desk.user, at=desk.at
        ),
        form=form,
        done=_("Proposed; another person has to approve it."),
    )


@require_POST
@desk_page(Permission.KEEPER_APPROVE)
def approve(request: HttpRequest, desk: Desk, keeper_id: int) -> HttpResponse:
    """Approve the proposal that the person has read."""
    keeper = _keeper_of(desk, keeper_id)
    return _act(
        request,
        desk,
        lambda: keepers.approve(akimat=desk.akimat, by=desk.user, at=desk.at, keeper_id=keeper.pk),
        done=_("Approved: from its day on the queue is only read here."),
    )


@require_POST
@desk_page(Permission.KEEPER_PROPOSE)
def drop(request: HttpRequest, desk: Desk, keeper_id: int) -> HttpResponse:
    """Take back a keeper whose day has not come."""
    keeper = _keeper_of(desk, keeper_id)
    return _act(
        request,
        desk,
        lambda: keepers.drop(keeper_id=keeper.pk, by=desk.user, at=desk.at),
        done=_("Taken back."),
    )


def _keeper_of(desk: Desk, keeper_id: int) -> QueueKeeper:
    return get_object_or_404(QueueKeeper, pk=keeper_id, akimat=desk.akimat)


def _act(
    request: HttpRequest, desk: Desk, act: Callable[[], object], *, done: str, form: Proposal | None = None
) -> HttpResponse:
    try:
        act()
    except KeeperRefused as refused:
        return _page(request, desk, form=form, problem=keeper_presenters.refusal(refused.code))
    messages.success(request, done)
    return redirect("queue_registry:keepers")


def _page(
    request: HttpRequest, desk: Desk, *, form: Proposal | None = None, problem: str = ""
) -> HttpResponse:
    rows = selectors.list_dated(desk.akimat, on=desk.on)
    context = {
        "desk": desk,
        "rows": [
            (row, keeper_presenters.standing(row.standing), keeper_presenters.tone(row.standing))
            for row in rows
        ],
        "is_waiting": any(row.standing is KeeperStanding.PROPOSED for row in rows),
        "form": form or Proposal(),
        "bound": form,
        "problem": problem,
        "page_url": reverse("queue_registry:keepers"),
        "section": "staff",
    }
    status = CONFLICT if problem else 200
    return render(request, "queue_registry/keepers.html", context, status=status)
