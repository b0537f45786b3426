"""Lost telephones of staff: one person proposes to untie one, another does it."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from queue_registry import second_factor_presenters as presenters
from queue_registry.models import SecondFactorReset, User
from queue_registry.permissions import Permission
from queue_registry.rules.second_factor import FactorRefused
from queue_registry.selectors import second_factors as selectors
from queue_registry.services import second_factor_resets
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, wants

_LONGEST = 2_000


class Proposal(forms.Form):
    """Whose telephone is to be untied, and why."""

    user = forms.ModelChoiceField(
        label=gettext_lazy("Person"),
        queryset=User.objects.none(),
        empty_label=None,
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("How you know that it is this person who asks for it."),
        max_length=_LONGEST,
        error_messages={"required": gettext_lazy("Say why the telephone is to be untied")},
        widget=forms.Textarea(attrs={"class": "govuk-textarea", "rows": 3}),
    )

    def __init__(self, desk: Desk, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["user"].queryset = selectors.list_tied(desk.akimat, desk.on)  # type: ignore[attr-defined]


@require_safe
@desk_page(Permission.FACTOR_RESET_VIEW)
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What waits for another person, what was decided, and the form of a proposal."""
    return _page(request, desk)


@require_POST
@desk_page(Permission.STAFF_GIVE)
def propose(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Propose to untie somebody's telephone."""
    form = Proposal(desk, request.POST)
    if not form.is_valid():
        return _page(request, desk, form=form)
    told = {"user": form.cleaned_data["user"], "reason": form.cleaned_data["reason"]}
    problem = _problem_of(
        lambda: second_factor_resets.propose(akimat=desk.akimat, by=desk.user, at=desk.at, **told)
    )
    if problem:
        return _page(request, desk, form=form, problem=problem)
    messages.success(request, _("Proposed; another person has to carry it out."))
    return redirect("queue_registry:factor_resets")


@require_POST
@desk_page(Permission.FACTOR_RESET_APPROVE)
def decide(request: HttpRequest, desk: Desk, reset_id: int) -> HttpResponse:
    """Carry out what another person proposed, or drop it."""
    reset = get_object_or_404(SecondFactorReset, pk=reset_id, akimat=desk.akimat)
    act = second_factor_resets.drop if wants(request, "drop") else second_factor_resets.carry_out
    problem = _problem_of(lambda: act(reset_id=reset.pk, by=desk.user, at=desk.at))
    if problem:
        return _page(request, desk, problem=problem)
    messages.success(request, _("Written down."))
    return redirect("queue_registry:factor_resets")


def _problem_of(act: Callable[[], object]) -> str:
    try:
        act()
    except FactorRefused as refused:
        return presenters.refusal(refused.code)
    return ""


def _page(
    request: HttpRequest, desk: Desk, *, form: Proposal | None = None, problem: str = ""
) -> HttpResponse:
    context = {
        "desk": desk,
        "resets": list(selectors.list_resets(desk.akimat)),
        "form": form or Proposal(desk),
        "bound": form,
        "problem": problem,
        "page_url": reverse("queue_registry:factor_resets"),
        "section": "staff",
    }
    status = CONFLICT if problem else 200
    return render(request, "queue_registry/factor_resets.html", context, status=status)
