"""
A file of an old list on its way in: uploaded, looked at, its columns corrected, wanted or given up.

Rows are kept when it is read, in the background (`import_reading`).
"""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.core.files.base import ContentFile
from django.db import transaction

from queue_registry.legacy_files import columns as said_columns
from queue_registry.legacy_files import previews, workbooks
from queue_registry.legacy_files.columns import SheetColumns
from queue_registry.legacy_files.errors import FileProblem, LegacyFileError
from queue_registry.models import Akimat, ImportBatch, ImportUpload, User
from queue_registry.rules.legacy import uploads
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.uploads import UploadRefusal, UploadRefused
from queue_registry.services import audit, imports

_State = ImportUpload.State
_OPEN: Final = (_State.UPLOADED, _State.FAILED)
TAKEN: Final = (_State.WANTED, _State.TRYING)


@transaction.atomic
def upload(
    *,
    akimat: Akimat,
    source: Source,
    file_name: str,
    content: bytes,
    consent_document: str,
    by: User,
    at: datetime,
) -> ImportUpload:
    """
    Keep a file as it came, with its digest. The same file that somebody uploaded and nobody took back is that
    upload.

    :raises LegacyFileError: TOO_BIG, EMPTY, WRONG_KIND, ENCRYPTED, PACKED_TOO_TIGHT, or what else keeps its
        cells from being read.
    :raises UploadRefused: ALREADY_IMPORTED.
    """
    _check(content, file_name)
    previews.look(content, file_name=file_name, source=source)
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    digest = hashlib.sha256(content).hexdigest()
    same = {"akimat": locked, "source": source, "sha256": digest}
    if ImportBatch.objects.filter(undone_at__isnull=True, **same).exists():
        raise UploadRefused(UploadRefusal.ALREADY_IMPORTED)
    earlier = ImportUpload.objects.filter(state__in=[*_OPEN, *TAKEN], **same).first()
    if earlier is not None:
        return earlier
    made = ImportUpload(
        file_name=file_name[-255:],
        consent_document=consent_document,
        uploaded_by=by,
        uploaded_at=at,
        **same,
    )
    # The name that the clerk's machine gave it stays out of the file system.
    made.file.save(f"{uuid.uuid4().hex}{uploads.ending(file_name)}", ContentFile(content), save=False)
    made.save()
    record(made, "import_upload.uploaded", by=by, at=at)
    return made


def _check(content: bytes, file_name: str) -> None:
    """Pass a file whose size and kind may be those of a list."""
    if len(content) > uploads.LARGEST_UPLOAD:
        raise LegacyFileError("The file is too big.", code=FileProblem.TOO_BIG, file_name=file_name)
    if not content.strip():
        raise LegacyFileError("The file is empty.", code=FileProblem.EMPTY, file_name=file_name)
    kind = uploads.ending(file_name)
    is_workbook = content.startswith((workbooks.ZIP, workbooks.COMPOUND))
    if not kind or is_workbook != (kind in uploads.WORKBOOKS):
        raise LegacyFileError(
            "The file is not of the kind that its name says.",
            code=FileProblem.WRONG_KIND,
            file_name=file_name,
        )


def file_of(one: ImportUpload) -> imports.GivenFile:
    """
    Return the stored file with the columns as they were corrected.

    :raises LegacyFileError: UNREADABLE, if it is not the file that came.
    """
    with one.file.open() as kept:
        content = kept.read()
    if hashlib.sha256(content).hexdigest() != one.sha256:
        raise LegacyFileError(
            "The stored file was changed.", code=FileProblem.UNREADABLE, file_name=one.file_name
        )
    return imports.GivenFile(
        source=Source(one.source),
        name=one.file_name,
        content=content,
        columns=said_columns.from_json(one.columns),
    )


@transaction.atomic
def correct_columns(
    *, upload_id: int, sheets: Sequence[SheetColumns], by: User, at: datetime
) -> ImportUpload:
    """
    Keep what a person said the columns of the sheets hold; the file is read so from now on.

    :raises UploadRefused: NOT_YOURS, NOT_OPEN.
    """
    one = _open(upload_id, by)
    one.columns = [sheet.as_json() for sheet in sheets]
    one.state, one.error, one.tried = _State.UPLOADED, {}, {}
    one.save(update_fields=["columns", "state", "error", "tried"])
    record(one, "import_upload.columns_corrected", by=by, at=at, columns=one.columns)
    return one


@transaction.atomic
def want_try(*, upload_id: int, by: User, at: datetime) -> ImportUpload:
    """
    Let the background try an upload out. Sent twice it is tried out once.

    :raises UploadRefused: NOT_YOURS, NOT_OPEN.
    """
    one = lock(upload_id)
    if one.state == _State.TRYING and one.uploaded_by_id == by.pk:
        return one
    one = _open(upload_id, by)
    one.state, one.error, one.tried, one.rows_done, one.rows_total = _State.TRYING, {}, {}, 0, 0
    one.save(update_fields=["state", "error", "tried", "rows_done", "rows_total"])
    record(one, "import_upload.trying", by=by, at=at)
    return one


@transaction.atomic
def want(*, upload_id: int, by: User, at: datetime) -> ImportUpload:
    """
    Let the background read an upload and keep its rows. Sent twice it is wanted once.

    :raises UploadRefused: NOT_YOURS, NOT_OPEN.
    """
    one = lock(upload_id)
    if one.state == _State.WANTED and one.uploaded_by_id == by.pk:
        return one
    one = _open(upload_id, by)
    one.state, one.error, one.rows_done, one.rows_total = _State.WANTED, {}, 0, 0
    one.save(update_fields=["state", "error", "rows_done", "rows_total"])
    record(one, "import_upload.wanted", by=by, at=at)
    return one


@transaction.atomic
def drop(*, upload_id: int, by: User, at: datetime) -> ImportUpload:
    """
    Give an upload up; the file stays, nobody reads it any more.

    :raises UploadRefused: NOT_YOURS, NOT_OPEN.
    """
    one = _open(upload_id, by)
    one.state, one.closed_at = _State.DROPPED, at
    one.save(update_fields=["state", "closed_at"])
    record(one, "import_upload.dropped", by=by, at=at)
    return one


def _open(upload_id: int, by: User) -> ImportUpload:
    one = lock(upload_id)
    if one.uploaded_by_id != by.pk:
        raise UploadRefused(UploadRefusal.NOT_YOURS)
    if one.state not in _OPEN:
        raise UploadRefused(UploadRefusal.NOT_OPEN)
    return one


def lock(upload_id: int) -> ImportUpload:
    """Lock an upload inside the caller's transaction and return it."""
    return (
        ImportUpload.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "uploaded_by")
        .get(pk=upload_id)
    )


def record(one: ImportUpload, event: str, *, by: User, at: datetime, **data: object) -> None:
    """Record what happened to an upload, with the digest of its file."""
    audit.record(
        akimat=one.akimat,
        by=by,
        at=at,
        event=event,
        target=f"import_upload:{one.pk}",
        source=one.source,
        file_sha256=one.sha256,
        **data,
    )
