"""Clerk: suspension, categories and succession of one entry, on one page; each act with its document."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from queue_registry import move_forms, move_presenters
from queue_registry.models import QueueEntry
from queue_registry.permissions import Permission
from queue_registry.rules.categories import LISTS
from queue_registry.rules.reasons import SuccessionGround, SuspensionGround
from queue_registry.selectors import moves
from queue_registry.services import categories, successions, suspensions
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT, entry_of, problem_of, wants


@require_safe
@desk_page(Permission.ENTRY_MOVE)
def page(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """What can be done with an entry, and what is open about it. The look is recorded."""
    return _page(request, desk, entry_of(desk, entry_id))


@require_POST
@desk_page(Permission.ENTRY_MOVE)
def suspend(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """Take the entry out of distribution for a time."""
    return _suspension(
        request, desk, entry_id, "suspend", suspensions.suspend, _("The entry is suspended at its place.")
    )


@require_POST
@desk_page(Permission.ENTRY_MOVE)
def resume(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """End a suspension."""
    return _suspension(request, desk, entry_id, "resume", suspensions.resume, _("The suspension ended."))


def _suspension(
    request: HttpRequest, desk: Desk, entry_id: int, name: str, act: Callable[..., object], done: str
) -> HttpResponse:
    entry = entry_of(desk, entry_id)
    form = move_forms.Suspension(request.POST, prefix=name)
    return _act(
        request,
        desk,
        entry,
        form,
        lambda data: act(
            entry_id=entry.pk,
            ground=SuspensionGround(data["ground"]),
            document=data["document"],
            seen=data["seen"],
            by=desk.user,
            at=desk.at,
        ),
        done=done,
    )


@require_POST
@desk_page(Permission.ENTRY_MOVE)
def begin_category(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """A category of the entry's list begins."""
    entry = entry_of(desk, entry_id)
    form = _form("begin", entry, request.POST)
    return _act(
        request,
        desk,
        entry,
        form,
        lambda data: categories.begin(entry_id=entry.pk, by=desk.user, at=desk.at, **data),
        done=_("The category is recorded."),
    )


@require_POST
@desk_page(Permission.ENTRY_MOVE)
def end_category(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """A category ends, or goes on counting after its end."""
    entry = entry_of(desk, entry_id)
    form = _form("end", entry, request.POST)
    return _act(
        request,
        desk,
        entry,
        form,
        lambda data: categories.end(entry_id=entry.pk, by=desk.user, at=desk.at, **data),
        done=_("The end of the category is recorded."),
    )


@require_POST
@desk_page(Permission.ENTRY_MOVE)
def change_category(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """
    Another category: the effect on places is shown first, and without having seen it nobody changes anything.
    """
    entry = entry_of(desk, entry_id)
    form = _form("change", entry, request.POST)
    if not isinstance(form, move_forms.Previewed):
        raise TypeError("change: not a form with a preview")
    if not form.is_valid():
        return _page(request, desk, entry, form=form)
    effect = moves.effect_of_list(entry, LISTS[form.cleaned_data["to"]])
    shown = f"{form.cleaned_data['to']} {effect.place_from} {effect.place_to}"
    if not wants(request, "change") or form.cleaned_data["previewed"] != shown:
        form.remember(shown)
        return _page(request, desk, entry, form=form, effect=effect)
    data = {name: value for name, value in form.cleaned_data.items() if name != "previewed"}
    return _act(
        request,
        desk,
        entry,
        form,
        lambda _data: categories.change(entry_id=entry.pk, by=desk.user, at=desk.at, **data),
        done=_("The category is changed."),
    )


@require_POST
@desk_page(Permission.ENTRY_MOVE)
def pass_on(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    """The place passes to another member of the family."""
    entry = entry_of(desk, entry_id)
    form = _form("pass", entry, request.POST)
    return _act(
        request,
        desk,
        entry,
        form,
        lambda data: successions.pass_on(
            entry_id=entry.pk,
            ground=SuccessionGround(data["ground"]),
            successor_id=int(data["successor"]),
            document=data["document"],
            seen=data["seen"],
            by=desk.user,
            at=desk.at,
        ),
        done=_("The place passed on. The family is judged anew."),
    )


def _act(
    request: HttpRequest,
    desk: Desk,
    entry: QueueEntry,
    form: move_forms.OnEntry,
    act: Callable[[dict[str, Any]], object],
    *,
    done: str,
) -> HttpResponse:
    if not form.is_valid():
        return _page(request, desk, entry, form=form)
    problem = problem_of(lambda: act(form.cleaned_data))
    if problem:
        # As it is now, with fresh forms: what happened meanwhile is to be seen first.
        return _page(request, desk, entry_of(desk, entry.pk), problem=problem, status=CONFLICT)
    messages.success(request, done)
    return redirect("queue_registry:moves", entry_id=entry.pk)


def _form(name: str, entry: QueueEntry, data: Mapping[str, Any] | None = None) -> move_forms.OnEntry:
    kinds: dict[str, type[move_forms.OnEntry]] = {
        "suspend": move_forms.Suspension,
        "resume": move_forms.Suspension,
        "begin": move_forms.CategoryBegun,
        "end": move_forms.CategoryEnded,
        "change": move_forms.CategoryChanged,
        "pass": move_forms.Passing,
    }
    form = kinds[name](data, prefix=name, initial={"seen": moves.version_of(entry)})
    held = {period.category for period in moves.list_periods(entry) if period.until_on is None}
    own = {code for code, number in LISTS.items() if number == entry.waiting_list.number}
    if name == "begin":
        form.choose_among("category", move_presenters.categories(own))
    elif name in {"end", "change"}:
        form.choose_among("category", move_presenters.categories(held) if held else [])
    if name == "change":
        form.choose_among("to", move_presenters.categories())
    if name == "pass":
        form.choose_among("successor", moves.list_family(entry.application_id))
    return form


def _page(
    request: HttpRequest,
    desk: Desk,
    entry: QueueEntry,
    *,
    form: move_forms.OnEntry | None = None,
    effect: moves.PlaceEffect | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    forms = {name: _form(name, entry) for name in ("suspend", "resume", "begin", "end", "change", "pass")}
    if form is not None:
        forms[str(form.prefix)] = form
    context = {
        "desk": desk,
        "entry": entry,
        "forms": forms,
        "bound": form,
        "effect": effect,
        "problem": problem,
        "periods": moves.list_periods(entry),
        "open_case": moves.open_case_of(entry),
        "open_change": moves.open_change_of(entry),
        "open_review": moves.open_review_of(entry),
        "page_url": reverse("queue_registry:moves", args=[entry.pk]),
        "section": "register",
    }
    return render(request, "queue_registry/moves.html", context, status=status)
