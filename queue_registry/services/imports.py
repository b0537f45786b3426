"""
Legacy lists come in: one person puts a file in, the registers are asked who is on it, another confirms it.

Only then its rows count. What they make of the register is worked out by `services.settlements`.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from queue_registry import collector
from queue_registry.legacy_files import reader
from queue_registry.legacy_files.columns import SheetColumns
from queue_registry.legacy_files.reader import FileReader, LegacyFile
from queue_registry.models import Akimat, ImportBatch, ImportRow, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.legacy import corrections
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.legacy.outcomes import Ledger
from queue_registry.rules.legacy.rows import ParsedRow, parse
from queue_registry.selectors import ledgers, legacy
from queue_registry.services import (
    assessment_requests,
    audit,
    consents,
    import_rows,
    persons,
    settlements,
    source_questions,
)
from queue_registry.services.settlements import Tell

_BATCH: Final = 2_000
# Of a file that is only tried out: after all that are confirmed.
_TRIED: Final = 2**31
_LONGEST_NUMBER: Final = 100


class AlreadyImported(Exception):
    """The same file of the same source is here already; nothing is changed."""

    def __init__(self, batch: ImportBatch) -> None:
        super().__init__(f"{batch.file_name} was put in by {batch.imported_by.username} before.")
        self.batch = batch


class NothingToConfirm(Exception):
    """No file waits for a second person."""


class SecondPersonNeeded(Exception):
    """Who put a file in can't confirm it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFile:
    """
    A file as somebody gives it: the system that it comes from, its name, its bytes; and what somebody said
    its columns hold, where they are not read as they look.
    """

    source: Source
    name: str
    content: bytes = field(repr=False)
    columns: tuple[SheetColumns, ...] = ()

    def walk(self) -> FileReader:
        """:raises queue_registry.legacy_files.errors.LegacyFileError: if it can't be read."""
        return FileReader(self.content, file_name=self.name, source=self.source, columns=self.columns)

    def read(self) -> LegacyFile:
        """:raises queue_registry.legacy_files.errors.LegacyFileError: if it can't be read."""
        return reader.read(self.content, file_name=self.name, source=self.source, columns=self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutIn:
    """A file that was put in: its batch, and its rows as they were read."""

    batch: ImportBatch
    rows: list[ParsedRow] = field(repr=False)


@collector.paused()
def preview(*, akimat: Akimat, file: GivenFile, at: datetime) -> Ledger:
    """
    Return the ledger as it would be with this file confirmed, from what is known today; nothing is written.

    :raises queue_registry.legacy_files.errors.LegacyFileError: if the file can't be read.
    """
    tried = [parse(raw, imported_on=civil_day(at), file_no=_TRIED) for raw in file.read().rows]
    stored = legacy.list_rows(akimat)
    of_source = [row for row in stored if row.batch.source == file.source]
    replaced = corrections.successors(
        earlier=[_known(row) for row in of_source], file=[_known_as_read(row) for row in tried]
    )
    gone = {of_source[position].pk for position in replaced}
    same = {row.digest for row in of_source}
    rows = legacy.read(row for row in stored if row.pk not in gone)
    rows += legacy.with_current_iins([row for row in tried if row.digest not in same])
    return ledgers.make(rows, akimat=akimat, on=civil_day(at))


def is_tried(row: ParsedRow) -> bool:
    """Whether a row of a previewed ledger is of the file that is tried out."""
    return row.file_no == _TRIED


def _known(row: ImportRow) -> corrections.Known:
    return corrections.Known(digest=row.digest, number=row.number, iin=row.iin)


def _known_as_read(row: ParsedRow) -> corrections.Known:
    return corrections.Known(digest=row.digest, number=row.number[:_LONGEST_NUMBER], iin=_iin(row))


def _iin(row: ParsedRow) -> str:
    """The IIN of a row whose cells stand under their own headers."""
    return "" if row.malformed else row.iin.iin or ""


def put_in(
    *, akimat: Akimat, file: GivenFile, by: User, at: datetime, consent_document: str = ""
) -> ImportBatch:
    """Put a file in as `read_in` does, where nobody asks for its rows."""
    return read_in(akimat=akimat, file=file, by=by, at=at, consent_document=consent_document).batch


@transaction.atomic
@collector.paused()
def read_in(
    *,
    akimat: Akimat,
    file: GivenFile,
    by: User,
    at: datetime,
    consent_document: str = "",
    tell: Tell = settlements.tell_nobody,
) -> PutIn:
    """
    Read a file, keep its rows as they are, all or none, and ask the population register and the civil acts
    about its people.

    `consent_document` is the paper by which they, and the adults of their families, let the registers be
    asked; without one nobody is asked who did not consent elsewhere. Nothing of the queue changes before
    another person confirms. Rows are kept while the next ones are read; only then the akimat is locked.

    :param tell: called now and then with the lines that are read, and all lines; at the end with the rows.
        It can't tell by the transaction's own connection, which nobody sees into.
    :raises queue_registry.legacy_files.errors.LegacyFileError: if it can't be read; nothing is kept then.
    :raises AlreadyImported: if the same file is here already.
    """
    walk, on = file.walk(), civil_day(at)
    batch = _new_batch(akimat=akimat, file=file, by=by, at=at, consent_document=consent_document)
    rows: list[ParsedRow] = []
    with import_rows.copying_into(batch) as keep:
        for raw in walk.records():
            if len(rows) % _BATCH == 0:
                tell(len(rows), walk.lines)
            row = parse(raw, imported_on=on)
            rows.append(row)
            keep(import_rows.new_row(raw, row, iin=_iin(row), number=row.number[:_LONGEST_NUMBER]))
    tell(len(rows), len(rows))
    batch.others = [asdict(other) | {"total_differs": other.total_differs} for other in walk.others]
    batch.save(update_fields=["others"])
    Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    iins = {_iin(row) for row in rows} - {""}
    # A list without its paper makes nobody be asked about who is not known yet.
    people = persons.by_iin(iins) if consent_document else persons.known(iins)
    given = consents.record_for_list(batch=batch, people=people.values(), by=by, at=at)
    asked = source_questions.ask_about(people=people.values(), sources=legacy.ASKED, at=at, by=by.username)
    counts = {
        "asked": asked,
        "consents": given,
        "rows": len(rows),
        "other_rows": len(walk.others),
        "totals_differ": sum(other.total_differs for other in walk.others),
    }
    _record(batch, "import_batch.imported", by=by, at=at, consent_document=consent_document, **counts)
    return PutIn(batch=batch, rows=rows)


def _new_batch(
    *, akimat: Akimat, file: GivenFile, by: User, at: datetime, consent_document: str
) -> ImportBatch:
    same = {"akimat": akimat, "source": file.source, "sha256": hashlib.sha256(file.content).hexdigest()}
    _check_is_new(**same)
    try:
        with transaction.atomic():
            return ImportBatch.objects.create(
                file_name=file.name,
                consent_document=consent_document,
                imported_on=civil_day(at),
                imported_by=by,
                imported_at=at,
                **same,
            )
    except IntegrityError:
        # Somebody else put it in at the same moment.
        _check_is_new(**same)
        raise


def _check_is_new(**same: object) -> None:
    earlier = ImportBatch.objects.select_related("imported_by").filter(undone_at__isnull=True, **same).first()
    if earlier is not None:
        raise AlreadyImported(earlier)


@transaction.atomic
def add_consents(*, batch_id: int, consent_document: str, by: User, at: datetime) -> int:
    """
    Name the paper of a file that was put in without one; who stands on it is asked about now. Return how many
    people that are.

    Sent twice it acts once; a paper that was named stays.
    """
    akimat_id = ImportBatch.objects.values_list("akimat_id", flat=True).get(pk=batch_id)
    Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat_id)
    batch = ImportBatch.objects.select_related("akimat").get(pk=batch_id)
    if batch.consent_document or not consent_document:
        return 0
    batch.consent_document = consent_document
    batch.save(update_fields=["consent_document"])
    people = persons.by_iin(set(batch.rows.exclude(iin="").values_list("iin", flat=True)))
    given = consents.record_for_list(batch=batch, people=people.values(), by=by, at=at)
    asked = source_questions.ask_about(people=people.values(), sources=legacy.ASKED, at=at, by=by.username)
    concerned = assessment_requests.entries_about({person.pk for person in people.values()}, at=at)
    assessment_requests.request_assessments(entries=concerned, at=at)
    counts = {"asked": asked, "consents": given}
    _record(batch, "import_batch.consents_added", by=by, at=at, consent_document=consent_document, **counts)
    return given


@transaction.atomic
def confirm(
    *,
    akimat: Akimat,
    by: User,
    at: datetime,
    batches: Collection[int] = (),
    tell: Tell = settlements.tell_nobody,
) -> Ledger:
    """
    Let files count: all that wait, or those with these keys; then make the ledger and what follows from it.

    :param tell: called with the steps that are done, and all steps.
    :raises NothingToConfirm: if none waits.
    :raises SecondPersonNeeded: if `by` put one of them in; nothing is confirmed then.
    """
    Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    waiting = ImportBatch.objects.filter(
        akimat=akimat, confirmed_at__isnull=True, undone_at__isnull=True
    ).order_by("pk")
    chosen = list(waiting.filter(pk__in=batches) if batches else waiting)
    if not chosen:
        raise NothingToConfirm("No file waits to be confirmed.")
    for batch in chosen:
        check_second_person(batch, by=by)
    compared = {}
    for batch in chosen:
        batch.confirmed_by, batch.confirmed_at = by, at
        batch.save(update_fields=["confirmed_by", "confirmed_at"])
        compared[batch] = _compare_with_earlier(batch)
    ledger = settlements.settle(akimat=akimat, by=by, at=at, document=_named(chosen), tell=tell)
    for batch, (same, replaced) in compared.items():
        _record(batch, "import_batch.confirmed", by=by, at=at, same=same, replaced=replaced)
    return ledger


def check_second_person(batch: ImportBatch, *, by: User) -> None:
    """:raises NothingToConfirm: if it does not wait. :raises SecondPersonNeeded: if `by` put it in."""
    if batch.confirmed_at is not None or batch.undone_at is not None:
        raise NothingToConfirm("The file does not wait to be confirmed.")
    if batch.imported_by_id == by.pk:
        raise SecondPersonNeeded(f"{batch.file_name} has to be confirmed by another person.")


def _named(batches: Iterable[ImportBatch]) -> str:
    return "; ".join(f"{batch.file_name} sha256:{batch.sha256[:16]}" for batch in batches)[:300]


def _compare_with_earlier(batch: ImportBatch) -> tuple[int, int]:
    """
    Mark what a corrected file says again: rows that are as they were, and predecessors of changed ones.

    A row is known by source and digest of its cells. A changed row's predecessor has the same number or IIN
    and is not in the new file any more. Returns how many rows are the same, how many were replaced.
    """
    others = ImportRow.objects.in_force(batch.akimat).filter(batch__source=batch.source)
    earlier = list(others.exclude(batch=batch).order_by("pk"))
    rows = list(batch.rows.order_by("sheet_no", "row"))
    known = {row.digest: row for row in reversed(earlier)}
    same = [row for row in rows if row.digest in known]
    for row in same:
        row.same_as = known[row.digest]
    successors = corrections.successors(
        earlier=[_known(row) for row in earlier], file=[_known(row) for row in rows]
    )
    replaced = []
    for old, new in successors.items():
        earlier[old].replaced_by = rows[new]
        replaced.append(earlier[old])
    ImportRow.objects.bulk_update(same, ["same_as"], batch_size=_BATCH)
    ImportRow.objects.bulk_update(replaced, ["replaced_by"], batch_size=_BATCH)
    return len(same), len(replaced)


def _record(batch: ImportBatch, event: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record(
        akimat=batch.akimat,
        by=by,
        at=at,
        event=event,
        target=f"import_batch:{batch.pk}",
        source=batch.source,
        file_sha256=batch.sha256,
        **data,
    )
