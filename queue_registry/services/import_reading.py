"""
An upload read in the background, all its rows kept or none, or only tried out.

An upload that is wanted is its own work order: a worker that dies leaves it wanted, and the next one takes
it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError, connection, transaction

from queue_registry.legacy_files.errors import LegacyFileError
from queue_registry.models import ImportUpload
from queue_registry.rules.legacy import uploads
from queue_registry.rules.legacy.codes import RowState
from queue_registry.rules.legacy.uploads import UploadRefusal
from queue_registry.services import imports
from queue_registry.services.import_uploads import TAKEN, file_of, lock, record
from queue_registry.services.session_locks import Work, taken
from queue_registry.services.settlements import Tell

logger = structlog.get_logger(__name__)

_State = ImportUpload.State
_PROGRESS: Final = "UPDATE queue_registry_importupload SET rows_done = %s, rows_total = %s WHERE id = %s"


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
        if one.state not in TAKEN:
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
    one = lock(one.pk)
    one.batch, one.rows_done, one.rows_total = made.batch, rows, rows
    one.state, one.closed_at = _State.PUT_IN, at
    one.save(update_fields=["batch", "rows_done", "rows_total", "state", "closed_at"])
    return one


@transaction.atomic
def _keep_tried(upload_id: int, tried: Tried) -> ImportUpload:
    one = lock(upload_id)
    if one.state == _State.TRYING:
        one.state, one.tried = _State.UPLOADED, asdict(tried)
        one.save(update_fields=["state", "tried"])
    return one


@transaction.atomic
def _fail(upload_id: int, error: dict[str, Any], at: datetime) -> ImportUpload:
    one = lock(upload_id)
    if one.state in TAKEN:
        one.state, one.error = _State.FAILED, error
        one.save(update_fields=["state", "error"])
        record(one, "import_upload.failed", by=one.uploaded_by, at=at, **error)
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
