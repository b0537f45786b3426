"""What is no longer needed of closed cases is erased: a clerk proposes, a supervisor carries it out."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from queue_registry import erasure_presenters
from queue_registry.models import Akimat, Application
from queue_registry.permissions import Permission
from queue_registry.rules.erasures import ErasureRefused
from queue_registry.rules.file_number import NotAFileNumber, parse_file_number
from queue_registry.selectors import erasures as selectors
from queue_registry.services import erasures
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, wants

_LONGEST = 200


class Proposal(forms.Form):
    """Of which case, and on what it rests."""

    file_number = forms.CharField(
        label=gettext_lazy("File number"),
        max_length=60,
        error_messages={"required": gettext_lazy("Enter the file number")},
        widget=forms.TextInput(attrs={"class": "govuk-input govuk-input--width-20"}),
    )
    document = forms.CharField(
        label=gettext_lazy("Request or decision that it rests on"),
        max_length=_LONGEST,
        error_messages={"required": gettext_lazy("Name the request or decision that it rests on.")},
        widget=forms.TextInput(attrs={"class": "govuk-input"}),
    )

    def __init__(self, akimat: Akimat, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.akimat = akimat

    def clean_file_number(self) -> Application:
        """Return the case of the akimat that bears the number."""
        try:
            number = parse_file_number(self.cleaned_data["file_number"])
        except NotAFileNumber as error:
            raise forms.ValidationError(_("This is not a file number")) from error
        found = Application.objects.filter(akimat=self.akimat, file_number=number).first()
        if found is None:
            raise forms.ValidationError(_("No case of this akimat bears this number"))
        return found


@require_safe
@desk_page(Permission.ERASURE_VIEW)
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What waits for a supervisor, what was erased, and the form of a proposal."""
    return _page(request, desk)


@require_POST
@desk_page(Permission.ERASURE_PROPOSE)
def propose(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Propose to erase what is no longer needed of a case."""
    form = Proposal(desk.akimat, request.POST)
    if not form.is_valid():
        return _page(request, desk, form=form)
    case, document = form.cleaned_data["file_number"], form.cleaned_data["document"]
    problem = _problem_of(
        lambda: erasures.propose(application_id=case.pk, document=document, by=desk.user, at=desk.at)
    )
    if problem:
        return _page(request, desk, form=form, problem=problem)
    messages.success(request, _("Proposed; another person has to carry it out."))
    return redirect("queue_registry:erasures")


@require_POST
@desk_page(Permission.ERASURE_APPROVE)
def decide(request: HttpRequest, desk: Desk, erasure_id: int) -> HttpResponse:
    """Erase, or leave everything as it is."""
    erasure = get_object_or_404(selectors.list_erasures(desk.akimat), pk=erasure_id)
    act = erasures.carry_out if wants(request, "carry_out") else erasures.drop
    problem = _problem_of(lambda: act(erasure_id=erasure.pk, by=desk.user, at=desk.at))
    if problem:
        return _page(request, desk, problem=problem)
    messages.success(request, _("Written down."))
    return redirect("queue_registry:erasures")


def _problem_of(act: Callable[[], object]) -> str:
    try:
        act()
    except ErasureRefused as refused:
        return erasure_presenters.refusal(refused.code)
    return ""


def _page(
    request: HttpRequest, desk: Desk, *, form: Proposal | None = None, problem: str = ""
) -> HttpResponse:
    context = {
        "desk": desk,
        "erasures": list(selectors.list_erasures(desk.akimat)[: selectors.SHOWN]),
        "form": form or Proposal(desk.akimat),
        "bound": form,
        "problem": problem,
        "page_url": reverse("queue_registry:erasures"),
        "section": "removals",
    }
    return render(request, "queue_registry/erasures.html", context, status=CONFLICT if problem else 200)
