"""Entries of a settlement: who can be placed is; who no longer can keeps the place, out of distribution."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from queue_registry.models import Application, QueueEntry, QueueEntryEvent, WaitingList
from queue_registry.rules.legacy.outcomes import LedgerApplicant
from queue_registry.rules.reasons import EntryGround
from queue_registry.rules.statuses import HELD, UNDECIDED, QueueEntryStatus
from queue_registry.selectors.moves import was_decided_by_a_person
from queue_registry.services import entry_changes, queue_entries, registrations
from queue_registry.services.settlement_work import Settlement

_LONGEST_DOCUMENT: Final = 300


def settle_entries(made: Settlement) -> list[QueueEntry]:
    """Put who can be placed on the lists, bring moments and lists up to date; return the new entries."""
    lists = {one.number: one for one in WaitingList.objects.filter(akimat=made.akimat)}
    held: dict[int, list[QueueEntry]] = defaultdict(list)
    # All of them, in key order, before the first record: the trail's head is locked last.
    concerned = [one.pk for one in (*made.numbered.values(), *made.left)]
    entries = QueueEntry.objects.filter(application__in=concerned)
    for entry in queue_entries.lock_entries(entries.values_list("pk", flat=True)).values():
        held[entry.application_id].append(entry)
    new: list[registrations.Registration] = []
    for applicant in made.applicants:
        application = made.numbered[applicant.key]
        wanted = _settled(applicant, lists)
        document = _document(made, applicant)
        new += _settle_application(made, application, held[application.pk], wanted, document)
    for application in made.left:
        _settle_application(made, application, held[application.pk], [], made.document)
    return registrations.register_many(
        akimat=made.akimat,
        registrations=new,
        by=made.by,
        at=made.at,
        ground=EntryGround.IMPORT,
    )


def _document(made: Settlement, applicant: LedgerApplicant) -> str:
    """
    What an applicant's entry rests on: the document of the newest decision, if there is one; the row by file,
    digest, sheet and row.
    """
    row = made.row_of(applicant.rows[0])
    place = ", ".join(part for part in (row.batch.file_name, row.sheet) if part)
    place = f"{place}, № {row.row} (sha256:{row.batch.sha256[:16]})"
    decided = made.decided.get(made.numbered[applicant.key].pk)
    return f"{decided}; {place}"[:_LONGEST_DOCUMENT] if decided else place


def _settled(applicant: LedgerApplicant, lists: Mapping[str, WaitingList]) -> list[entry_changes.Settled]:
    if not applicant.stands or applicant.iin is None or applicant.registered_at is None:
        return []
    return [
        entry_changes.Settled(
            waiting_list=lists[number],
            registered_at=applicant.registered_at,
            time_known=applicant.time_known,
            provisional=applicant.provisional,
        )
        for number in applicant.lists
    ]


def _settle_application(
    made: Settlement,
    application: Application,
    entries: Sequence[QueueEntry],
    wanted: Sequence[entry_changes.Settled],
    document: str,
) -> list[registrations.Registration]:
    """Settle the entries of one application; return the registrations that it lacks."""
    by_list = {one.waiting_list: one for one in wanted}
    homeless = [one for one in wanted if all(entry.waiting_list != one.waiting_list for entry in entries)]
    for entry in entries:
        if entry.status not in UNDECIDED:
            continue
        settled = by_list.get(entry.waiting_list) or (homeless.pop(0) if homeless else None)
        if settled is None:
            _hold(made, entry, document)
        else:
            _bring_to(made, entry, settled, document)
    return [
        registrations.Registration(
            application=application,
            waiting_list=one.waiting_list,
            registered_at=one.registered_at,
            time_known=one.time_known,
            provisional=one.provisional,
            document=document,
        )
        for one in homeless
    ]


def _bring_to(made: Settlement, entry: QueueEntry, settled: entry_changes.Settled, document: str) -> None:
    now = entry_changes.Settled(
        waiting_list=entry.waiting_list,
        registered_at=entry.registered_at,
        time_known=entry.time_known,
        provisional=entry.provisional,
    )
    # What was changed by a typed decision since is not set back by the paper that the decision corrected.
    if settled != now and not was_decided_by_a_person(entry):
        entry_changes.settle(entry_id=entry.pk, settled=settled, by=made.by, at=made.at, document=document)
    if entry.status in HELD and _is_held(entry):
        queue_entries.resume(
            entry_id=entry.pk, by=made.by, at=made.at, ground=EntryGround.DIGITIZATION, document=document
        )


def _hold(made: Settlement, entry: QueueEntry, document: str) -> None:
    """What the files now say gives no place: the entry keeps its own, out of distribution, for a person."""
    if entry.status == QueueEntryStatus.WAITING:
        queue_entries.suspend(
            entry_id=entry.pk, by=made.by, at=made.at, ground=EntryGround.DIGITIZATION, document=document
        )


def _is_held(entry: QueueEntry) -> bool:
    newest = (
        QueueEntryEvent.objects.filter(entry=entry, kind=QueueEntryEvent.Kind.MOVED).order_by("-pk").first()
    )
    return newest is not None and newest.ground == EntryGround.DIGITIZATION
