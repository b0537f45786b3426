"""
A contract annulled because the home was given unlawfully (Housing Law art 82).

The entry stands again at its former moment, what was closed beside it stands again, the home is ready again.
By another person than those who concluded the contract and handed over the keys. Order of locks:
`allocation.services.tenancies`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from allocation.models import Dwelling, Offer, RoundDwelling, Tenancy
from allocation.rules.annulments import AnnulmentGround
from allocation.rules.refusals import Refusal, Refused
from allocation.services import contract_notices, tenancies
from allocation.services import dwellings as stock
from allocation.services.terms import term
from queue_registry.models import QueueEntry, QueueEntryEvent, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.intakes import months_after
from queue_registry.rules.reasons import EntryGround
from queue_registry.services import audit, queue_entries

_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Annulment:
    """On which ground, by which act of which day, a contract is annulled."""

    ground: AnnulmentGround
    annulled_on: date
    document: str


@transaction.atomic
def annul(*, tenancy_id: int, annulment: Annulment, by: User, at: datetime) -> Tenancy:
    """
    Annul a contract, before its keys or after.

    :raises Refused: TENANCY_ANNULLED, SECOND_PERSON, REASON_MISSING (no document), DAY_IMPOSSIBLE,
        POLICY_LACKS_TERM, ANNULMENT_TERM_OVER, STANDS_AGAIN (the household registered anew meanwhile).
    """
    tenancy, dwelling = tenancies.lock(tenancy_id)
    entries = list(queue_entries.lock_entries([tenancy.offer.entry_id, *_closed(tenancy)]).values())
    _check(tenancy, annulment, by, today=civil_day(at))
    _check_free(entries)
    _write(tenancy, annulment, by=by, at=at)
    document = annulment.document.strip()
    # A home that the household left since may be another's by now.
    if tenancy.offer.ended_at is None:
        stock.move([dwelling], Dwelling.State.READY, at=at, by=by, ground=document)
        RoundDwelling.objects.filter(dwelling=dwelling, released_at__isnull=True).update(released_at=at)
    audit.record(
        akimat=tenancy.akimat,
        by=by,
        at=at,
        event="tenancy.annulled",
        target=f"tenancy:{tenancy.pk}",
        number=tenancy.number,
        file_number=tenancy.offer.entry.file_number,
        dwelling=dwelling.number,
        ground=str(annulment.ground),
        annulled_on=annulment.annulled_on.isoformat(),
        document=document,
        restored=[entry.waiting_list.number for entry in entries],
    )
    _restore(tenancy, entries, document, by=by, at=at)
    contract_notices.tell_annulled(tenancy, at=at)
    return tenancy


def annullable_until(tenancy: Tenancy) -> date:
    """
    Return the last day on which a contract can be annulled. :raises Refused: POLICY_LACKS_TERM.
    """
    years = term(tenancy.akimat, "annul_years", on=tenancy.concluded_on)
    return months_after(tenancy.concluded_on, months=years * _MONTHS)


def _check(tenancy: Tenancy, annulment: Annulment, by: User, *, today: date) -> None:
    if tenancy.annulled_at is not None:
        raise Refused(Refusal.TENANCY_ANNULLED)
    if by.pk in (tenancy.concluded_by_id, tenancy.keys_by_id):
        raise Refused(Refusal.SECOND_PERSON)
    if not annulment.document.strip():
        raise Refused(Refusal.REASON_MISSING)
    if not tenancy.concluded_on <= annulment.annulled_on <= today:
        raise Refused(Refusal.DAY_IMPOSSIBLE, earliest=tenancy.concluded_on, latest=today)
    until = annullable_until(tenancy)
    if annulment.annulled_on > until:
        raise Refused(Refusal.ANNULMENT_TERM_OVER, until=until)


def _check_free(entries: list[QueueEntry]) -> None:
    """Nobody stands twice on one list: a new application of the same person has to end first."""
    for entry in entries:
        again = QueueEntry.objects.active().filter(
            waiting_list=entry.waiting_list_id, applicant=entry.applicant_id
        )
        if again.exclude(pk=entry.pk).exists():
            raise Refused(Refusal.STANDS_AGAIN, list=entry.waiting_list.number)


def _closed(tenancy: Tenancy) -> list[int]:
    """Keys of the entries that the keys of this contract closed."""
    if tenancy.keys_at is None:
        return []
    events = QueueEntryEvent.objects.filter(
        entry__akimat=tenancy.akimat_id,
        ground=EntryGround.HOUSED_ON_OTHER_LIST,
        document=tenancy.number,
        recorded_at=tenancy.keys_at,
    )
    return list(events.values_list("entry_id", flat=True))


def _write(tenancy: Tenancy, annulment: Annulment, *, by: User, at: datetime) -> None:
    tenancy.annulled_at, tenancy.annulled_on, tenancy.annulled_by = at, annulment.annulled_on, by
    tenancy.annulled_ground, tenancy.annulled_document = annulment.ground, annulment.document.strip()
    tenancy.save(
        update_fields=[
            "annulled_at",
            "annulled_on",
            "annulled_by",
            "annulled_ground",
            "annulled_document",
        ]
    )
    # The home can be accepted by somebody else now; when it was accepted, the row still tells.
    offer = tenancy.offer
    offer.state, offer.reason = Offer.State.WITHDRAWN, EntryGround.TENANCY_ANNULLED
    offer.save(update_fields=["state", "reason"])


def _restore(tenancy: Tenancy, entries: list[QueueEntry], document: str, *, by: User, at: datetime) -> None:
    if tenancy.keys_at is None:
        queue_entries.return_to_waiting(
            entry_id=tenancy.offer.entry_id,
            by=by,
            at=at,
            ground=EntryGround.TENANCY_ANNULLED,
        )
        return
    for entry in entries:
        queue_entries.undo_housed(entry_id=entry.pk, by=by, at=at, document=document)
