"""
Files of the media store that no row names: what an act left behind whose process was killed.

Scans (`intakes.add_document`, `scans.keep`), old lists (`import_uploads.upload`) and papers of rounds
(`round_documents.keep`) are written before the transaction of their act commits, so that no row is ever
without its file. A transaction that never commits leaves the file, and so does an erasure that is killed
between its commit and the removal of its scans.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import FileField, Model

from housing_queue.backups.contents import documents_by_folder
from queue_registry.models import Disposal
from queue_registry.services import disposals

# No act takes a day: an older file without a row will never get one.
_YOUNG: Final = timedelta(days=1)
# So many are no accident of a night: perhaps the rows are missing, and not the files too many.
MOST: Final = 100


class TooMany(Exception):
    """More files without a row than accidents explain: nothing was removed."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} files have no row; nothing was removed.")
        self.count = count


def remove(*, by: str, at: datetime, however_many: bool = False) -> int:
    """
    Remove files older than a day that no row names; return how many. `at` is the machine's clock, by which
    the store dates its files.

    :raises TooMany: if they are more than `MOST`, unless told that it is right.
    """
    before = at - _YOUNG
    if not however_many:
        count = sum(1 for _ in find(before=before))
        if count > MOST:
            raise TooMany(count)
    removed = 0
    for name in find(before=before):
        default_storage.delete(name)
        removed += 1
    with transaction.atomic():
        disposals.note(Disposal.Kind.STRAY_FILES, removed, by=by, at=at, before=before)
    return removed


def find(*, before: datetime) -> Iterator[str]:
    """
    Yield the names of files that no row names and that were written before a moment, a folder at a time:
    there is one a month, and no more than its names are held.
    """
    for prefix, names in documents_by_folder(default_storage):
        # First the files, then the rows: a row that is committed in between is seen.
        old = {name for name in names if _written_at(name) < before}
        if old:
            for named in _named(prefix):
                old.discard(named)
        yield from sorted(old)


def _written_at(name: str) -> datetime:
    return default_storage.get_modified_time(name)


def _named(prefix: str) -> Iterator[str]:
    """What rows name in a folder: one statement a column, however many files lie there."""
    for model in apps.get_models():
        for field in _file_fields(model):
            rows = model._default_manager.filter(**{f"{field}__startswith": prefix})  # noqa: SLF001 - documented
            rows = rows.exclude(**{field: ""})
            yield from rows.values_list(field, flat=True).iterator()


def _file_fields(model: type[Model]) -> list[str]:
    fields: Any = model._meta.concrete_fields  # noqa: SLF001
    return [field.name for field in fields if isinstance(field, FileField)]
