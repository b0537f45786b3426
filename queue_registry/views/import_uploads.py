"""Clerk: a file of an old list uploaded, looked at, its columns corrected, tried out, put in."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from queue_registry import import_forms
from queue_registry import import_upload_presenters as presenters
from queue_registry.legacy_files import previews
from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.legacy_files.previews import SheetPreview
from queue_registry.models import ImportUpload
from queue_registry.permissions import Permission
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.uploads import UploadRefused
from queue_registry.selectors import legacy
from queue_registry.services import audit, import_reading, import_uploads
from queue_registry.services.import_reading import Tried
from queue_registry.views.access import Desk, desk_page
from queue_registry.views.acting import CONFLICT


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(Permission.REGISTER_IMPORT)
def start(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Upload a file; what can't be a list is refused at once, naming why."""
    if request.method != "POST":
        return _start(request, desk, import_forms.Upload())
    form = import_forms.Upload(request.POST, request.FILES)
    if not form.is_valid():
        return _start(request, desk, form)
    try:
        one = import_uploads.upload(
            akimat=desk.akimat,
            source=Source(form.cleaned_data["source"]),
            file_name=form.file_name,
            content=form.cleaned_data["file"].read(),
            consent_document=form.cleaned_data["consent_document"],
            by=desk.user,
            at=desk.at,
        )
    except LegacyFileError as error:
        form.add_error("file", presenters.problem_of(error))
        return _start(request, desk, form)
    except UploadRefused as refused:
        form.add_error("file", presenters.upload_refusal(refused))
        return _start(request, desk, form, status=CONFLICT)
    return redirect("queue_registry:import_upload", upload_id=one.pk)


@require_safe
@desk_page(Permission.REGISTER_IMPORT)
def page(request: HttpRequest, desk: Desk, upload_id: int) -> HttpResponse:
    """The upload with its sheets and columns, or how far reading is. A look at its rows is recorded."""
    one = _found(desk, upload_id)
    if one.state == ImportUpload.State.PUT_IN:
        messages.success(request, _("The file is put in. Another person confirms it."))
        return redirect("queue_registry:imports")
    return _page(request, desk, one)


@require_POST
@desk_page(Permission.REGISTER_IMPORT)
def columns(request: HttpRequest, desk: Desk, upload_id: int) -> HttpResponse:
    """What the columns hold, as the clerk says."""
    one = _found(desk, upload_id)
    try:
        sheets = _sheets(one)
        said = import_forms.read_columns(request.POST, sheets)
        import_uploads.correct_columns(upload_id=one.pk, sheets=said, by=desk.user, at=desk.at)
    except LegacyFileError as error:
        return _page(request, desk, one, problem=presenters.problem_of(error), status=CONFLICT)
    except UploadRefused as refused:
        return _page(request, desk, one, problem=presenters.upload_refusal(refused), status=CONFLICT)
    messages.success(request, _("The columns are kept. See below how the file is read now."))
    return redirect("queue_registry:import_upload", upload_id=one.pk)


@require_POST
@desk_page(Permission.REGISTER_IMPORT)
def try_out(request: HttpRequest, desk: Desk, upload_id: int) -> HttpResponse:
    """Where the rows would end today; nothing is written but that somebody looked; a big file waits."""
    one = _found(desk, upload_id)
    if not import_reading.is_tried_at_once(one):
        return _act(request, desk, upload_id, import_uploads.want_try, then="queue_registry:import_upload")
    try:
        tried = import_reading.try_out(one, at=desk.at)
    except LegacyFileError as error:
        return _page(request, desk, one, problem=presenters.problem_of(error), status=CONFLICT)
    return _page(request, desk, one, tried=tried)


@require_POST
@desk_page(Permission.REGISTER_IMPORT)
def want(request: HttpRequest, desk: Desk, upload_id: int) -> HttpResponse:
    """Let the background read the file and keep its rows."""
    return _act(request, desk, upload_id, import_uploads.want, then="queue_registry:import_upload")


@require_POST
@desk_page(Permission.REGISTER_IMPORT)
def drop(request: HttpRequest, desk: Desk, upload_id: int) -> HttpResponse:
    """Give an upload up."""
    return _act(request, desk, upload_id, import_uploads.drop, then="")


def _act(
    request: HttpRequest,
    desk: Desk,
    upload_id: int,
    act: Callable[..., ImportUpload],
    *,
    then: str,
) -> HttpResponse:
    one = _found(desk, upload_id)
    try:
        act(upload_id=one.pk, by=desk.user, at=desk.at)
    except UploadRefused as refused:
        return _page(request, desk, one, problem=presenters.upload_refusal(refused), status=CONFLICT)
    return redirect(then, upload_id=one.pk) if then else redirect("queue_registry:imports")


def _found(desk: Desk, upload_id: int) -> ImportUpload:
    return get_object_or_404(
        ImportUpload.objects.select_related("akimat", "uploaded_by"), pk=upload_id, akimat=desk.akimat
    )


def _sheets(one: ImportUpload) -> list[SheetPreview]:
    file = import_uploads.file_of(one)
    return previews.look(file.content, file_name=file.name, source=file.source, columns=file.columns)


def _start(request: HttpRequest, desk: Desk, form: import_forms.Upload, *, status: int = 200) -> HttpResponse:
    context = {
        "desk": desk,
        "form": form,
        "uploads": legacy.list_uploads(desk.akimat),
        "section": "imports",
    }
    return render(request, "queue_registry/import_start.html", context, status=status)


def _page(
    request: HttpRequest,
    desk: Desk,
    one: ImportUpload,
    *,
    problem: str = "",
    tried: Tried | None = None,
    status: int = 200,
) -> HttpResponse:
    one.refresh_from_db(fields=["state", "error", "columns", "rows_done", "rows_total", "tried"])
    is_open = one.state in {ImportUpload.State.UPLOADED, ImportUpload.State.FAILED}
    sheets: list[SheetPreview] = []
    if is_open:
        try:
            sheets = _sheets(one)
        except LegacyFileError as error:
            problem = problem or presenters.problem_of(error)
        audit.record_view(akimat=desk.akimat, by=desk.user, at=desk.at, target=f"import_upload:{one.pk}")
    context = {
        "desk": desk,
        "upload": one,
        "is_open": is_open,
        "is_mine": one.uploaded_by_id == desk.user.pk,
        "live": one.state in {ImportUpload.State.WANTED, ImportUpload.State.TRYING},
        "sheets": sheets,
        "tried": tried or (Tried.from_json(one.tried) if one.tried and is_open else None),
        "problem": problem,
        "page_url": reverse("queue_registry:import_upload", args=[one.pk]),
        "section": "imports",
    }
    return render(request, "queue_registry/import_upload.html", context, status=status)
