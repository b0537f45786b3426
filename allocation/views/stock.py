"""Clerk: homes come into the stock one by one or from a spreadsheet, places of a loan by their number."""

import base64

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from allocation import refusal_presenters, stock_forms, stock_presenters
from allocation.rules import programmes
from allocation.rules.refusals import Refused
from allocation.rules.stock import Column
from allocation.selectors.dwellings import list_stock
from allocation.services import dwellings, loan_places, stock_corrections, stock_imports
from allocation.services.stock_imports import Looked, StockFileFaulty
from allocation.stock_files import REQUIRED, TITLES
from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.permissions import Permission
from queue_registry.views.access import Desk, desk_page


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.STOCK_KEEP)
def add_home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take one home in."""
    form = stock_forms.NewHome(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        data = dict(form.cleaned_data)
        document = data.pop("document")
        try:
            made = dwellings.take_in(
                akimat=desk.akimat,
                dwelling=dwellings.NewDwelling(**data),
                document=document,
                by=desk.user,
                at=desk.at,
            )
        except Refused as refused:
            form.add_error(None, refusal_presenters.refusal(refused))
        else:
            messages.success(request, _("The home is in the stock."))
            return redirect("allocation:dwelling", dwelling_id=made.pk)
    return render(request, "allocation/stock_add.html", {"desk": desk, "form": form, "section": "dwellings"})


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.STOCK_KEEP)
def add_places(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take places of a loan programme in."""
    lenders = programmes.in_force(desk.on)
    form = stock_forms.LoanPlaces(request.POST if request.method == "POST" else None, programmes=lenders)
    if form.is_bound and form.is_valid():
        try:
            made = loan_places.add(akimat=desk.akimat, by=desk.user, at=desk.at, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refusal_presenters.refusal(refused))
        else:
            messages.success(request, _taken_in(len(made)))
            return redirect("allocation:dwellings")
    context = {"desk": desk, "form": form, "lenders": list(lenders.values()), "section": "dwellings"}
    return render(request, "allocation/stock_places.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.STOCK_KEEP)
def look(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Choose a spreadsheet and see what it holds and what is wrong; nothing is kept."""
    if request.method != "POST":
        return _page(request, desk, stock_forms.StockFile())
    form = stock_forms.StockFile(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, desk, form)
    upload = form.cleaned_data["file"]
    return _look(request, desk, form, upload.name, upload.read())


@require_POST
@desk_page(Permission.STOCK_KEEP)
def take_in(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take in all homes of the file that was looked at, or none."""
    form = stock_forms.TakeIn(request.POST)
    if not form.is_valid():
        content, name = form.cleaned_data.get("content"), form.cleaned_data.get("file_name")
        if content and name:
            return _look(request, desk, stock_forms.StockFile(), name, content, take_form=form)
        return _page(request, desk, stock_forms.StockFile(), problem=_("Choose the file once more"))
    try:
        made = stock_imports.take_in(akimat=desk.akimat, by=desk.user, at=desk.at, **form.cleaned_data)
    except (StockFileFaulty, LegacyFileError):
        data = form.cleaned_data
        return _look(request, desk, stock_forms.StockFile(), data["file_name"], data["content"])
    except Refused as refused:
        return _page(request, desk, stock_forms.StockFile(), problem=refusal_presenters.refusal(refused))
    messages.success(request, _taken_in(len(made)))
    return redirect("allocation:dwellings")


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.STOCK_KEEP)
def correct(request: HttpRequest, desk: Desk, dwelling_id: int) -> HttpResponse:
    """Correct the figures of a home that were entered wrong."""
    dwelling = get_object_or_404(list_stock(desk.akimat), pk=dwelling_id)
    form = stock_forms.Correct.of(dwelling)
    if request.method == "POST":
        form = stock_forms.Correct(request.POST)
    if form.is_bound and form.is_valid():
        data = dict(form.cleaned_data)
        reason, document = data.pop("reason"), data.pop("document")
        try:
            stock_corrections.correct(
                dwelling_id=dwelling.pk,
                figures=stock_corrections.Figures(**data),
                reason=reason,
                document=document,
                by=desk.user,
                at=desk.at,
            )
        except Refused as refused:
            form.add_error(None, refusal_presenters.refusal(refused))
        else:
            messages.success(request, _("The figures are corrected; what they were stands in the trail."))
            return redirect("allocation:dwelling", dwelling_id=dwelling.pk)
    context = {"desk": desk, "dwelling": dwelling, "form": form, "section": "dwellings"}
    return render(request, "allocation/stock_correct.html", context)


def _look(
    request: HttpRequest,
    desk: Desk,
    form: stock_forms.StockFile,
    name: str,
    content: bytes,
    *,
    take_form: stock_forms.TakeIn | None = None,
) -> HttpResponse:
    try:
        looked = stock_imports.look(akimat=desk.akimat, content=content, file_name=name, on=desk.on)
    except LegacyFileError as error:
        return _page(request, desk, form, problem=stock_presenters.file_problem(error))
    if not looked.faults and take_form is None:
        carried = base64.b64encode(content).decode()
        take_form = stock_forms.TakeIn(initial={"file_name": name, "content": carried})
    return _page(request, desk, form, looked=looked, name=name, take_form=take_form)


def _page(
    request: HttpRequest,
    desk: Desk,
    form: stock_forms.StockFile,
    *,
    problem: str = "",
    looked: Looked | None = None,
    name: str = "",
    take_form: stock_forms.TakeIn | None = None,
) -> HttpResponse:
    context = {
        "desk": desk,
        "form": form,
        "problem": problem,
        "looked": looked,
        "name": name,
        "take_form": take_form if looked is not None and not looked.faults else None,
        "columns": [(column, column in REQUIRED, TITLES[column]) for column in Column],
        "section": "dwellings",
    }
    status = 409 if problem or (looked is not None and looked.faults) else 200
    return render(request, "allocation/stock_import.html", context, status=status)


def _taken_in(count: int) -> str:
    return _("Taken into the stock: %(count)s") % {"count": count}
