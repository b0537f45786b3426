"""
The contract on an accepted home (Housing Law art 80), and the act by which its keys are handed over.

Of a loan place the contract is the referral to the bank, and the act is the bank's contract. With the keys
the entry is housed, and every other entry of the household ends. Order of locks: the akimat, then as told in
`allocation.services.offers`; who holds the dwelling's lock holds offer and tenancy.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from allocation.models import AkimatDecision, Dwelling, Offer, Tenancy
from allocation.rules.refusals import Refusal, Refused
from allocation.services import dwellings as stock
from allocation.services import offer_notices, tenancy_papers
from queue_registry.models import Akimat, QueueEntry, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.services import audit, queue_entries


@transaction.atomic
def conclude(*, offer_id: int, concluded_on: date, by: User, at: datetime) -> Tenancy:
    """
    Conclude the contract on an accepted offer, with its papers in both languages.

    :raises Refused: OFFER_NOT_ACCEPTED, DECISION_MISSING, TENANCY_EXISTS, DAY_IMPOSSIBLE (before the akimat
        decided or the household accepted, or not yet).
    """
    offer = Offer.objects.select_related("dwelling__akimat").get(pk=offer_id)
    akimat = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=offer.dwelling.akimat_id)
    offer, dwelling = _locked(offer_id)
    decision = _check_may_conclude(offer, dwelling)
    accepted_on = civil_day(offer.answered_at) if offer.answered_at else decision.decided_on
    _check_day(concluded_on, since=max(decision.decided_on, accepted_on), today=civil_day(at))
    tenancy = Tenancy.objects.create(
        akimat=akimat,
        offer=offer,
        akimat_decision=decision,
        number=_next_number(akimat, concluded_on.year),
        concluded_on=concluded_on,
        concluded_by=by,
        concluded_at=at,
    )
    papers = tenancy_papers.make(tenancy, at=at)
    _record(
        tenancy,
        "tenancy.concluded",
        by=by,
        at=at,
        decision=decision.number,
        concluded_on=concluded_on.isoformat(),
        papers={paper.language: paper.sha256 for paper in papers},
    )
    return tenancy


@transaction.atomic
def hand_keys(*, tenancy_id: int, keys_on: date, document: str, by: User, at: datetime) -> Tenancy:
    """
    Record the act by which the keys were handed over: the home is allotted, the entry housed, every other
    active entry of the household in the akimat closed.

    :raises Refused: TENANCY_ANNULLED, KEYS_HANDED, REASON_MISSING (no document), DAY_IMPOSSIBLE,
        OTHER_OFFER_LIVE.
    """
    tenancy, dwelling = lock(tenancy_id)
    locked = queue_entries.lock_entries(_household(tenancy.offer))
    others = [entry for key, entry in locked.items() if key != tenancy.offer.entry_id and entry.is_active]
    _check_may_hand(tenancy, others)
    document = document.strip()
    if not document:
        raise Refused(Refusal.REASON_MISSING)
    _check_day(keys_on, since=tenancy.concluded_on, today=civil_day(at))
    tenancy.keys_on, tenancy.keys_by, tenancy.keys_at, tenancy.keys_document = keys_on, by, at, document
    tenancy.save(update_fields=["keys_on", "keys_by", "keys_at", "keys_document"])
    stock.move([dwelling], Dwelling.State.ALLOTTED, at=at, by=by, ground=tenancy.number)
    _record(
        tenancy,
        "tenancy.keys_handed",
        by=by,
        at=at,
        keys_on=keys_on.isoformat(),
        document=document,
        closed=[entry.waiting_list.number for entry in others],
    )
    queue_entries.mark_housed(entry_id=tenancy.offer.entry_id, by=by, at=at, document=tenancy.number)
    for entry in others:
        queue_entries.close_as_housed(entry_id=entry.pk, by=by, at=at, document=tenancy.number)
    offer_notices.tell_housed(tenancy.offer, contract=tenancy.number, at=at)
    return tenancy


def lock(tenancy_id: int) -> tuple[Tenancy, Dwelling]:
    """Lock a tenancy through its dwelling, inside the caller's transaction."""
    offer_id = Tenancy.objects.only("offer_id").get(pk=tenancy_id).offer_id
    offer, dwelling = _locked(offer_id)
    tenancy = Tenancy.objects.select_related("akimat").get(pk=tenancy_id)
    tenancy.offer = offer
    return tenancy, dwelling


def _locked(offer_id: int) -> tuple[Offer, Dwelling]:
    (dwelling,) = stock.lock([Offer.objects.only("dwelling_id").get(pk=offer_id).dwelling_id])
    offer = Offer.objects.select_related("entry__waiting_list", "run__round__policy").get(pk=offer_id)
    offer.dwelling = dwelling
    return offer, dwelling


def _check_may_conclude(offer: Offer, dwelling: Dwelling) -> AkimatDecision:
    held = Tenancy.objects.filter(offer=offer).first()
    if held is not None:
        raise Refused(Refusal.TENANCY_EXISTS, number=held.number)
    if offer.state != Offer.State.ACCEPTED or dwelling.state != Dwelling.State.OFFERED:
        raise Refused(Refusal.OFFER_NOT_ACCEPTED)
    decision = AkimatDecision.objects.filter(sitting__run=offer.run_id).first()
    if decision is None:
        raise Refused(Refusal.DECISION_MISSING)
    return decision


def _check_may_hand(tenancy: Tenancy, others: Iterable[QueueEntry]) -> None:
    if tenancy.annulled_at is not None:
        raise Refused(Refusal.TENANCY_ANNULLED)
    if tenancy.keys_at is not None:
        raise Refused(Refusal.KEYS_HANDED)
    if any(entry.status == QueueEntryStatus.OFFERED for entry in others):
        raise Refused(Refusal.OTHER_OFFER_LIVE)


def _check_day(day: date, *, since: date, today: date) -> None:
    if not since <= day <= today:
        raise Refused(Refusal.DAY_IMPOSSIBLE, earliest=since, latest=today)


def _household(offer: Offer) -> list[int]:
    """Keys of all entries of the household in its akimat: of the application, and of its applicant."""
    rows = QueueEntry.objects.filter(
        Q(application=offer.application_id) | Q(applicant=offer.entry.applicant_id),
        akimat=offer.entry.akimat_id,
    )
    return list(rows.values_list("pk", flat=True))


def _next_number(akimat: Akimat, year: int) -> str:
    """Return the next number of a year: none is given back, since no contract is deleted."""
    start = f"D-{year}-"
    return f"{start}{Tenancy.objects.filter(akimat=akimat, number__startswith=start).count() + 1}"


def _record(tenancy: Tenancy, event: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record(
        akimat=tenancy.akimat,
        by=by,
        at=at,
        event=event,
        target=f"tenancy:{tenancy.pk}",
        number=tenancy.number,
        file_number=tenancy.offer.entry.file_number,
        dwelling=tenancy.offer.dwelling.number,
        **data,
    )
