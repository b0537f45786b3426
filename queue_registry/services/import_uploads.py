"""
A file of an old list on its way in: uploaded, looked at, its columns corrected, tried out, read in the
background.

Only the last step keeps rows, all or none. An upload that is wanted is its own work order: a worker that dies
leaves it wanted, and the next one takes it.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.base import ContentFile
from django.db import DatabaseError, InterfaceError, connection, transaction

from queue_registry.legacy_files import columns as said_columns
from queue_registry.legacy_files import previews, workbooks
from queue_registry.legacy_files.columns import SheetColumns
from queue_registry.legacy_files.errors import FileProblem, LegacyFileError
from queue_registry.models import Akimat, ImportBatch, ImportUpload, User
from queue_registry.rules.legacy import uploads
from queue_registry.rules.legacy.codes import RowState, Source
from queue_registry.rules.legacy.uploads import UploadRefusal, UploadRefused
from queue_registry.services import audit, imports
from queue_registry.services.session_locks import Work, taken
from queue_registry.services.settlements import Tell

logger = structlog.get_logger(__name__)

_State = ImportUpload.State
_OPEN: Final = (_State.UPLOADED, _State.FAILED)
_TAKEN: Final = (_State.WANTED, _State.TRYING)
_PROGRESS: Final = "UPDATE queue_registry_importupload SET rows_done = %s, rows_total = %s WHERE id = %s"


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
    earlier = ImportUpload.objects.filter(state__in=[*_OPEN, *_TAKEN], **same).first()
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
    _record(made, "import_upload.uploaded", by=by, at=at)
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
    _record(one, "import_upload.columns_corrected", by=by, at=at, columns=one.columns)
    return one


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What the ledger would make of a file's rows today, by state and by code; and its totals that differ."""

    states: dict[RowState, int]
    codes: dict[str, int]
    totals_differ: int

    @property
    def rows(self) -> int:
        return sum(self.states.values())

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Tried":
        return cls(**stored | {"states": {RowState(state): rows for state, rows in stored["states"].items()}})


def is_tried_at_once(one: ImportUpload) -> bool:
    """Whether an upload is small enough to be tried out while somebody waits for the page."""
    return one.file.size <= uploads.LARGEST_TRIED


def try_out(one: ImportUpload, *, at: datetime) -> Tried:
    """
    Return where the rows of an upload would end from what is known today; nothing is written.

    :raises LegacyFileError: if the file can't be read.
    """
    given = file_of(one)
    ledger = imports.preview(akimat=one.akimat, file=given, at=at)
    rows = [outcome for outcome in ledger.rows if imports.is_tried(outcome.row)]
    states = Counter(outcome.state for outcome in rows)
    codes = Counter(code.value for outcome in rows for code in outcome.codes)
    return Tried(
        states={state: states[state] for state in RowState},
        codes=dict(sorted(codes.items())),
        totals_differ=sum(other.total_differs for other in given.read().others),
    )


@transaction.atomic
def want_try(*, upload_id: int, by: User, at: datetime) -> ImportUpload:
    """
    Let the background try an upload out. Sent twice it is tried out once.

    :raises UploadRefused: NOT_YOURS, NOT_OPEN.
    """
    one = _locked(upload_id)
    if one.state == _State.TRYING and one.uploaded_by_id == by.pk:
        return one
    one = _open(upload_id, by)
    one.state, one.error, one.tried, one.rows_done, one.rows_total = _State.TRYING, {}, {}, 0, 0
    one.save(update_fields=["state", "error", "tried", "rows_done", "rows_total"])
    _record(one, "import_upload.trying", by=by, at=at)
    return one


@transaction.atomic
def want(*, upload_id: int, by: User, at: datetime) -> ImportUpload:
    """
    Let the background read an upload and keep its rows. Sent twice it is wanted once.

    :raises UploadRefused: NOT_YOURS, NOT_OPEN.
    """
    one = _locked(upload_id)
    if one.state == _State.WANTED and one.uploaded_by_id == by.pk:
        return one
    one = _open(upload_id, by)
    one.state, one.error, one.rows_done, one.rows_total = _State.WANTED, {}, 0, 0
    one.save(update_fields=["state", "error", "rows_done", "rows_total"])
    _record(one, "import_upload.wanted", by=by, at=at)
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
    _record(one, "import_upload.dropped", by=by, at=at)
    return one


def take_in(*, upload_id: int, at: datetime) -> ImportUpload | None:
    """
    Read a wanted upload and keep all its rows, or none and why; or try it out, where that was wanted; None if
    another worker is at it.

    The rows that are read are told as they are read; they are kept in one transaction.
    """
    with taken(Work.IMPORT_UPLOAD, upload_id) as is_ours:
        if not is_ours:
            return None
        one = ImportUpload.objects.select_related("akimat", "uploaded_by").get(pk=upload_id)
        if one.state not in _TAKEN:
            return one
        try:
            return _take_in(one, at)
        except LegacyFileError as error:
            return _fail(upload_id, error.place, at)
        except imports.AlreadyImported:
            return _fail(upload_id, {"code": UploadRefusal.ALREADY_IMPORTED.value}, at)
        except (DatabaseError, InterfaceError):
            raise  # it stays wanted, and is read again
        except SoftTimeLimitExceeded:
            return _fail(upload_id, {"code": UploadRefusal.TOO_LONG.value}, at)
        except Exception:
            logger.exception("import_upload.broken_off", upload=upload_id)
            return _fail(upload_id, {"code": UploadRefusal.BROKEN_OFF.value}, at)


def _take_in(one: ImportUpload, at: datetime) -> ImportUpload:
    if one.state == _State.TRYING:
        return _keep_tried(one.pk, try_out(one, at=at))
    with _telling(one.pk) as tell:
        return _put_in(one, at, tell)


@transaction.atomic
def _put_in(one: ImportUpload, at: datetime, tell: Tell) -> ImportUpload:
    made = imports.read_in(
        akimat=one.akimat,
        file=file_of(one),
        by=one.uploaded_by,
        at=at,
        consent_document=one.consent_document,
        tell=tell,
    )
    rows = len(made.rows)
    one = _locked(one.pk)
    one.batch, one.rows_done, one.rows_total = made.batch, rows, rows
    one.state, one.closed_at = _State.PUT_IN, at
    one.save(update_fields=["batch", "rows_done", "rows_total", "state", "closed_at"])
    return one


@transaction.atomic
def _keep_tried(upload_id: int, tried: Tried) -> ImportUpload:
    one = _locked(upload_id)
    if one.state == _State.TRYING:
        one.state, one.tried = _State.UPLOADED, asdict(tried)
        one.save(update_fields=["state", "tried"])
    return one


@transaction.atomic
def _fail(upload_id: int, error: dict[str, Any], at: datetime) -> ImportUpload:
    one = _locked(upload_id)
    if one.state in _TAKEN:
        one.state, one.error = _State.FAILED, error
        one.save(update_fields=["state", "error"])
        _record(one, "import_upload.failed", by=one.uploaded_by, at=at, **error)
    return one


@contextmanager
def _telling(upload_id: int) -> Iterator[Tell]:
    """Progress is written by a connection of its own, so that it is seen while the rows are being kept."""
    own = connection.copy()

    def tell(done: int, total: int) -> None:
        with own.cursor() as cursor:
            cursor.execute(_PROGRESS, [done, total, upload_id])

    try:
        yield tell
    finally:
        own.close()


def _open(upload_id: int, by: User) -> ImportUpload:
    one = _locked(upload_id)
    if one.uploaded_by_id != by.pk:
        raise UploadRefused(UploadRefusal.NOT_YOURS)
    if one.state not in _OPEN:
        raise UploadRefused(UploadRefusal.NOT_OPEN)
    return one


def _locked(upload_id: int) -> ImportUpload:
    return (
        ImportUpload.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "uploaded_by")
        .get(pk=upload_id)
    )


def _record(one: ImportUpload, event: str, *, by: User, at: datetime, **data: object) -> None:
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
