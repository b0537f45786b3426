"""Desk: samples of entries, drawn by a published seed, compared with their paper files one by one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import gate_presenters
from queue_registry.gate_forms import Check, Draw
from queue_registry.models import HouseholdMember, SampledEntry, VerificationSample
from queue_registry.permissions import Permission
from queue_registry.rules.digitization import sampling
from queue_registry.rules.digitization.gate import rules_in_force
from queue_registry.rules.digitization.gate_refusals import GateRefused
from queue_registry.selectors import samples as selectors
from queue_registry.selectors.queue import list_standings
from queue_registry.services import audit, verification_samples
from queue_registry.services.verification_samples import Differs
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT

_PAGE = 60


@require_safe
@desk_page(Permission.GATE_VIEW)
def sample_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The samples of the akimat, the newest first, and the form that draws one."""
    return _list(request, desk)


@require_POST
@desk_page(Permission.SAMPLE_DRAW)
def draw(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Draw the sample of the day."""
    form = Draw(request.POST)
    if not form.is_valid():
        return _list(request, desk, form=form)
    try:
        sample = verification_samples.draw(akimat=desk.akimat, by=desk.user, at=desk.at, **form.cleaned_data)
    except GateRefused as refused:
        problem = gate_presenters.refusal(refused)
        return _list(request, desk, form=form, problem=problem, status=CONFLICT)
    if sample.drawn_at == desk.at:
        messages.success(request, _("The sample is drawn, and its seed is published."))
    else:
        messages.info(request, _("The sample of today was drawn already."))
    return redirect("queue_registry:sample", sample_id=sample.pk)


def _list(
    request: HttpRequest, desk: Desk, *, form: Draw | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    least = rules_in_force(desk.on).sample_size
    counting = selectors.get_counting_sample(desk.akimat)
    context = {
        "desk": desk,
        "page": Paginator(selectors.list_samples(desk.akimat), _PAGE).get_page(request.GET.get("page")),
        "counting": counting.pk if counting else None,
        "head": selectors.get_head(desk.akimat, at=desk.at),
        "form": form or Draw(initial={"size": least}),
        "bound": form,
        "problem": problem,
        "page_url": reverse("queue_registry:samples"),
        "section": "gate",
        "gate_page": "samples",
    }
    return render(request, "queue_registry/samples.html", context, status=status)


@require_safe
@desk_page(Permission.GATE_VIEW)
def page(request: HttpRequest, desk: Desk, sample_id: int) -> HttpResponse:
    """One sample: its seed, how far it is, what was found."""
    sample = get_object_or_404(selectors.list_samples(desk.akimat), pk=sample_id)
    checked, errors = vars(sample)["checked"], vars(sample)["errors"]
    context = {
        "desk": desk,
        "sample": sample,
        "rate": sampling.error_rate(errors=errors, checked=checked) if checked == sample.size else None,
        "is_whole": checked >= sample.population,
        "page": Paginator(selectors.list_sampled(sample), _PAGE).get_page(request.GET.get("page")),
        "section": "gate",
        "gate_page": "samples",
    }
    return render(request, "queue_registry/sample.html", context)


@require_safe
@desk_page(Permission.SAMPLE_CHECK)
def next_entry(request: HttpRequest, desk: Desk, sample_id: int) -> HttpResponse:
    """The next entry of a sample to be compared; `?after=7` goes on behind a position."""
    sample = _found(desk, sample_id)
    after = request.GET.get("after", "")
    sampled = selectors.next_open(sample, after=int(after) if after.isascii() and after.isdigit() else 0)
    if sampled is None:
        return redirect("queue_registry:sample", sample_id=sample.pk)
    return _check(request, desk, sampled, form=Check())


@require_POST
@desk_page(Permission.SAMPLE_CHECK)
def check(request: HttpRequest, desk: Desk, sampled_id: int) -> HttpResponse:
    """Write one comparison down, and go on to the next."""
    rows = SampledEntry.objects.select_related(
        "sample__akimat", "entry__application", "entry__waiting_list", "entry__applicant"
    )
    sampled = get_object_or_404(rows, pk=sampled_id, sample__akimat=desk.akimat)
    form = Check(request.POST)
    if not form.is_valid():
        return _check(request, desk, sampled, form=form)
    try:
        verification_samples.check(
            sampled_id=sampled.pk,
            differs=[Differs(code) for code in form.cleaned_data["differs"]],
            note=form.cleaned_data["note"],
            by=desk.user,
            at=desk.at,
        )
    except GateRefused as refused:
        problem = gate_presenters.refusal(refused)
        return _check(request, desk, sampled, form=form, problem=problem, status=CONFLICT)
    address = reverse("queue_registry:sample_next", args=[sampled.sample_id])
    return redirect(f"{address}?after={sampled.position}")


def _found(desk: Desk, sample_id: int) -> VerificationSample:
    return get_object_or_404(VerificationSample, pk=sample_id, akimat=desk.akimat)


def _check(
    request: HttpRequest,
    desk: Desk,
    sampled: SampledEntry,
    *,
    form: Check,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The entry as the register has it, beside which the paper file is laid; the look is recorded."""
    entry = sampled.entry
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"queue_entry:{entry.pk}")
    members = HouseholdMember.objects.filter(application=entry.application, until_on__isnull=True)
    context = {
        "desk": desk,
        "sampled": sampled,
        "entry": entry,
        "standings": list_standings(entry.application),
        "members": members.select_related("person").order_by("pk"),
        "own": desk.user.pk in verification_samples.entered_by(sampled),
        "form": form,
        "problem": problem,
        "page_url": reverse("queue_registry:sample_next", args=[sampled.sample_id]),
        "section": "gate",
        "gate_page": "samples",
    }
    return render(request, "queue_registry/sample_check.html", context, status=status)
