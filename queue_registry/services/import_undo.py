"""
A file of an old list is taken back as a whole, while nothing rests on it.

Its rows stay and count no more; the ledger is made again without them. Nobody is removed by that: the Law
knows no such ground, and the database refuses it. An entry that stood only by the file keeps its place out of
distribution (suspended by digitization) until the right file names its applicant again, or a person opens a
case about it.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from integrations import withdrawals
from integrations.models import OPEN_STATES, CheckRequest
from queue_registry.models import (
    Akimat,
    Application,
    ImportBatch,
    ImportDecision,
    ImportRow,
    MatchGroup,
    QueueEntry,
    QueueEntryEvent,
    RegistrationChange,
    RemovalCase,
    Review,
    Succession,
    User,
)
from queue_registry.rules.reasons import EntryGround
from queue_registry.rules.statuses import UNDECIDED
from queue_registry.selectors import consents
from queue_registry.services import audit, bulk_moves, settlements
from queue_registry.services.settlements import Tell

_LONGEST_DOCUMENT: Final = 300


class UndoRefusal(StrEnum):
    """Why a file is not taken back."""

    SAME_PERSON = "SAME_PERSON"
    NO_REASON = "NO_REASON"
    LATER_FILE = "LATER_FILE"
    SOMETHING_RESTS_ON_IT = "SOMETHING_RESTS_ON_IT"


class UndoRefused(Exception):
    """The file stays; the code says why, `file_numbers` which applications hold it."""

    def __init__(self, code: UndoRefusal, file_numbers: Collection[str] = ()) -> None:
        super().__init__(code.value)
        self.code = code
        self.file_numbers = tuple(file_numbers)


@transaction.atomic
def undo(
    *, batch_id: int, reason: str, by: User, at: datetime, tell: Tell = settlements.tell_nobody
) -> ImportBatch:
    """
    Take a file back: its rows count no more, and neither does the consent paper that came with it. Sent twice
    it is taken back once.

    :raises UndoRefused: SAME_PERSON, if `by` confirmed it or put it in; NO_REASON; LATER_FILE, if a later
        file corrects or repeats its rows; SOMETHING_RESTS_ON_IT, if a person or the commission decided on
        anything of its applications.
    """
    akimat_id = ImportBatch.objects.values_list("akimat_id", flat=True).get(pk=batch_id)
    akimat = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat_id)
    batch = ImportBatch.objects.select_related("akimat").get(pk=batch_id)
    if batch.undone_at is not None:
        return batch
    check(batch, reason=reason, by=by)
    batch.undone_by, batch.undone_at, batch.why_undone = by, at, reason.strip()
    batch.save(update_fields=["undone_by", "undone_at", "why_undone"])
    held = _take_out(batch, by=by, at=at, tell=tell) if batch.confirmed_at is not None else []
    closed = _ask_no_more(batch, at=at)
    audit.record(
        akimat=akimat,
        by=by,
        at=at,
        event="import_batch.undone",
        target=f"import_batch:{batch.pk}",
        source=batch.source,
        file_sha256=batch.sha256,
        reason=batch.why_undone,
        entries_held=len(held),
        questions_closed=closed,
    )
    return batch


def check(batch: ImportBatch, *, reason: str, by: User) -> None:
    """
    Pass if somebody may take a file back for a reason, and nothing rests on it.

    :raises UndoRefused: as `undo`.
    """
    if by.pk in {batch.confirmed_by_id, batch.imported_by_id}:
        raise UndoRefused(UndoRefusal.SAME_PERSON)
    if not reason.strip():
        raise UndoRefused(UndoRefusal.NO_REASON)
    if batch.confirmed_at is not None:
        _check_nothing_rests_on(batch)


def _check_nothing_rests_on(batch: ImportBatch) -> None:
    others = ImportRow.objects.exclude(batch=batch).filter(batch__undone_at__isnull=True)
    corrected = batch.rows.filter(replaced_by__isnull=False, replaced_by__batch__undone_at__isnull=True)
    if corrected.exists() or others.filter(same_as__batch=batch).exists():
        raise UndoRefused(UndoRefusal.LATER_FILE)
    resting = list(
        Application.objects.filter(pk__in=_decided_on(batch))
        .order_by("running_number")
        .values_list("file_number", flat=True)
    )
    if resting:
        raise UndoRefused(UndoRefusal.SOMETHING_RESTS_ON_IT, resting)


def _decided_on(batch: ImportBatch) -> set[int]:
    """Keys of the file's applications that a person or the commission decided something on."""
    named = batch.rows.filter(application__isnull=False).values("application")
    entries = QueueEntry.objects.filter(application__in=named)
    of_entries = entries.filter(
        ~Q(status__in=sorted(UNDECIDED))
        | Q(pk__in=RemovalCase.objects.filter(entry__in=entries).values("entry"))
        | Q(pk__in=RegistrationChange.objects.filter(entry__in=entries).values("entry"))
        | Q(pk__in=_events_of_others().filter(entry__in=entries).values("entry"))
    )
    found = set(of_entries.values_list("application_id", flat=True))
    for decided in (
        Review.objects.all(),
        Succession.objects.all(),
        ImportDecision.objects.filter(dropped_at__isnull=True),
    ):
        found |= set(decided.filter(application__in=named).values_list("application_id", flat=True))
    keys = set(named.values_list("application_id", flat=True))
    groups = MatchGroup.objects.filter(akimat=batch.akimat, decided_at__isnull=False)
    return found | {key for group in groups for key in group.members if key in keys}


def _events_of_others() -> QuerySet[QueueEntryEvent]:
    """What happened to entries on other grounds than files of old lists: offers, removals, moves by hand."""
    return QueueEntryEvent.objects.exclude(ground__in=[EntryGround.IMPORT, EntryGround.DIGITIZATION])


def _take_out(batch: ImportBatch, *, by: User, at: datetime, tell: Tell) -> list[QueueEntry]:
    """Make the ledger without the file; entries that no row in force speaks for any more are held."""
    document = f"{batch.file_name} sha256:{batch.sha256[:16]}: {batch.why_undone}"[:_LONGEST_DOCUMENT]
    ImportRow.objects.filter(replaced_by__batch=batch).update(replaced_by=None)
    settlements.settle(akimat=batch.akimat, by=by, at=at, document=document, tell=tell)
    in_force = ImportRow.objects.in_force(batch.akimat).filter(application__isnull=False)
    left = batch.rows.exclude(application__in=in_force.values("application")).values("application")
    waiting = QueueEntry.objects.filter(application__in=left).values_list("pk", flat=True)
    return bulk_moves.hold_many(akimat=batch.akimat, entry_ids=waiting, by=by, at=at, document=document)


def _ask_no_more(batch: ImportBatch, *, at: datetime) -> int:
    """Close questions that only the paper of the file covered; return how many."""
    if not batch.consent_document:
        return 0
    iins = batch.rows.exclude(iin="").values("iin")
    asked = list(CheckRequest.objects.filter(subject_iin__in=iins, state__in=OPEN_STATES))
    return withdrawals.close(rows=consents.list_refused(asked, at=at), at=at)
