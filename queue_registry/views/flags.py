"""Red flags of an akimat at the desk of auditor and supervisor: counted, explained, cleared with a reason."""

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from queue_registry import flag_presenters
from queue_registry.models import QueueEntry, RedFlag, User
from queue_registry.permissions import Permission
from queue_registry.rules.flags.kinds import FlagKind
from queue_registry.rules.flags.refusals import FlagRefused
from queue_registry.selectors import flags as selectors
from queue_registry.services import audit, flags
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT

_PAGE = 30
_STAFF = "staff:"
_LONGEST = 2_000
_MISSING = gettext_lazy("Say why it is no matter, or what was done")


class Clearing(forms.Form):
    """Why a flag is cleared."""

    why = forms.CharField(
        label=gettext_lazy("What was found out"),
        help_text=gettext_lazy("What you looked at, what you found, which document shows it."),
        max_length=_LONGEST,
        error_messages={"required": _MISSING},
        widget=forms.Textarea(attrs={"class": "govuk-textarea", "rows": 4}),
    )


@require_safe
@desk_page(Permission.FLAG_VIEW)
def flag_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Flags of the akimat by kind, the strongest first; the closed ones on demand."""
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"flags:{desk.akimat.kato}")
    kind = request.GET.get("kind", "")
    kind = kind if kind in set(FlagKind) else ""
    is_open = request.GET.get("closed") != "1"
    rows = selectors.list_flags(desk.akimat, kind=kind, is_open=is_open)
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    counts, names = selectors.count_open(desk.akimat), _staff(page)
    context = {
        "desk": desk,
        "page": page,
        "rows": [
            (flag, flag_presenters.about(flag, names), flag_presenters.found(flag, names)) for flag in page
        ],
        "kind": kind,
        "is_open": is_open,
        "kinds": [(code, words, counts.get(code, 0)) for code, words in flag_presenters.kinds()],
        "open_flags": sum(counts.values()),
        "section": "audit",
        "audit_page": "flags",
    }
    return render(request, "queue_registry/flags.html", context)


@require_safe
@desk_page(Permission.FLAG_VIEW)
def page(request: HttpRequest, desk: Desk, flag_id: int) -> HttpResponse:
    """One flag, and the form that clears it."""
    return _page(request, desk, _found(desk, flag_id))


@require_POST
@desk_page(Permission.FLAG_CLEAR)
def clear(request: HttpRequest, desk: Desk, flag_id: int) -> HttpResponse:
    """Another person than those involved clears the flag with a reason."""
    flag, form = _found(desk, flag_id), Clearing(request.POST)
    if not form.is_valid():
        return _page(request, desk, flag, form=form)
    try:
        flags.clear(flag_id=flag.pk, why=form.cleaned_data["why"], by=desk.user, at=desk.at)
    except FlagRefused as refused:
        problem = flag_presenters.refusal(refused)
        return _page(request, desk, _found(desk, flag_id), form=form, problem=problem, status=CONFLICT)
    messages.success(request, _("The flag is cleared."))
    return redirect("queue_registry:flags")


def _found(desk: Desk, flag_id: int) -> RedFlag:
    rows = RedFlag.objects.select_related("akimat", "entry__application", "cleared_by")
    return get_object_or_404(rows, pk=flag_id, akimat=desk.akimat)


def _page(
    request: HttpRequest,
    desk: Desk,
    flag: RedFlag,
    *,
    form: Clearing | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"red_flag:{flag.pk}")
    keys = [int(name.rpartition(":")[2]) for name in flag.figures.get("others", ())]
    others = list(QueueEntry.objects.filter(pk__in=keys, akimat=desk.akimat).order_by("file_number"))
    names = _staff([flag])
    thing, _colon, key = flag.target.partition(":")
    context = {
        "desk": desk,
        "flag": flag,
        "words": flag_presenters.found(flag, names),
        "about": flag_presenters.about(flag, names),
        "thing": thing,
        "key": key,
        "round_id": str(flag.figures.get("round", "")).rpartition(":")[2],
        "others": others,
        "elsewhere": len(keys) - len(others),
        "may_clear": flag.is_open and desk.may["FLAG_CLEAR"],
        "form": form or Clearing(),
        "bound": form,
        "problem": problem,
        "page_url": reverse("queue_registry:flag", args=[flag.pk]),
        "section": "audit",
        "audit_page": "flags",
    }
    return render(request, "queue_registry/flag.html", context, status=status)


def _staff(rows: Iterable[RedFlag]) -> dict[str, str]:
    """Names of those of staff whom some flags are about, or whom their figures name."""
    rows = list(rows)
    keys = {flag.figures["staff"] for flag in rows if "staff" in flag.figures}
    keys |= {flag.target.removeprefix(_STAFF) for flag in rows if flag.target.startswith(_STAFF)}
    return {str(user.pk): str(user) for user in User.objects.filter(pk__in=keys)}
