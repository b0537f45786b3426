"""
Offers: a dwelling offered to an entry, and what becomes of it.

**Order of locks in the distribution.** A sitting, its round, its run; then dwellings, then entries, both
in key order; the head of the trail last of all, which the first record takes. A service locks all that it
will change before it checks, and checks before its first record. An offer has no lock of its own: who
holds its dwelling's lock holds the offer.

A refusal keeps the place. When an offer ends without a home, the dwelling goes to the next of the reserve
that the run named, as long as that household still waits, holds no other offer and is still eligible; then
it is free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from allocation.models import AllocationLine, AllocationRound, Dwelling, Offer
from allocation.rules.refusals import Refusal, Refused
from allocation.services import dwellings as stock
from allocation.services import offer_notices, refusal_holds, reserves, rounds
from queue_registry.models import QueueEntry, User
from queue_registry.rules.calendar import civil_day, kazakhstan
from queue_registry.rules.policy import Policy
from queue_registry.services import audit, bulk_moves, queue_entries, scans

EXPIRY: Final = "allocation.tasks.expire_offers"
_State = Offer.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A line's dwelling and the entry that it is offered to, both locked by the caller."""

    line: AllocationLine
    entry: QueueEntry
    dwelling: Dwelling


def make_many(*, given: Sequence[Given], round_: AllocationRound, by: User | str, at: datetime) -> None:
    """
    Offer the dwellings of a confirmed round inside the caller's transaction, by few statements however many.

    :raises queue_registry.rules.statuses.MoveNotAllowed: if an entry does not wait.
    """
    if not given:
        return
    answer_by = _answer_by(round_, at)
    made = Offer.objects.bulk_create(
        Offer(
            run_id=one.line.run_id,
            dwelling=one.dwelling,
            entry=one.entry,
            application_id=one.entry.application_id,
            call=0,
            made_at=at,
            answer_by=answer_by,
        )
        for one in given
    )
    stock.move(
        [one.dwelling for one in given],
        Dwelling.State.OFFERED,
        at=at,
        by=_person(by),
        ground=round_.number,
    )
    audit.record_many(
        akimat=round_.akimat,
        by=by,
        at=at,
        acts=[
            audit.Act(
                event="offer.made",
                target=f"offer:{offer.pk}",
                data={
                    "dwelling": offer.dwelling.number,
                    "file_number": offer.entry.file_number,
                    "round": round_.number,
                    "call": 0,
                    "answer_by": answer_by.isoformat(),
                },
            )
            for offer in made
        ],
    )
    offer_notices.tell_offered(made, round_=round_, at=at)
    bulk_moves.mark_offered_many(
        akimat=round_.akimat,
        documents={one.entry.pk: f"{round_.number}/{one.dwelling.number}" for one in given},
        by=_person(by),
        at=at,
    )


def make(
    *,
    line: AllocationLine,
    entry: QueueEntry,
    dwelling: Dwelling,
    round_: AllocationRound,
    call: int,
    by: User | str,
    at: datetime,
) -> Offer:
    """
    Offer a line's dwelling to an entry inside the caller's transaction, which holds the locks of both.

    :param call: 0 for the entry that the run served, else its number in the reserve from 1.
    :raises queue_registry.rules.statuses.MoveNotAllowed: if the entry does not wait.
    """
    offer = Offer.objects.create(
        run=line.run,
        dwelling=dwelling,
        entry=entry,
        application_id=entry.application_id,
        call=call,
        made_at=at,
        answer_by=_answer_by(round_, at),
    )
    stock.move([dwelling], Dwelling.State.OFFERED, at=at, by=_person(by), ground=round_.number)
    _record(
        offer,
        "offer.made",
        by=by,
        at=at,
        round=round_.number,
        call=call,
        answer_by=offer.answer_by.isoformat(),
    )
    offer_notices.tell_offered([offer], round_=round_, at=at)
    queue_entries.mark_offered(
        entry_id=entry.pk, by=_person(by), at=at, document=f"{round_.number}/{dwelling.number}"
    )
    return offer


@transaction.atomic
def accept(
    *, offer_id: int, by: User | str, at: datetime, document: str = "", scan: bytes | None = None
) -> Offer:
    """
    The household takes the dwelling, which stays offered until the keys are handed over on a contract
    (`services.tenancies`).

    :param by: who of staff took the answer in; or who is no person of staff: the household on its page.
    :raises Refused: OFFER_ANSWERED, OFFER_TERM_OVER, SCAN_MISSING (the scan is none).
    """
    offer = lock_open(offer_id)
    _check_in_time(offer, at)
    queue_entries.lock_entries([offer.entry_id])
    _take_in(offer, document=document, scan=scan, by=by, at=at)
    _answer(offer, _State.ACCEPTED, by=by, at=at, reason="")
    _record(offer, "offer.accepted", by=by, at=at, document=document, channel=str(offer.channel))
    return offer


@transaction.atomic
def refuse(
    *,
    offer_id: int,
    reason: str,
    by: User | str,
    at: datetime,
    document: str = "",
    scan: bytes | None = None,
    unfit: bool = False,
) -> Offer | None:
    """
    The household refuses: it waits on at its place, or is held there at its second refusal within a year; the
    reserve is called. Return the next offer, if any.

    :param unfit: it says that the home does not fit the family; the refusal counts for nothing until somebody
        has looked (`services.unfit_looks`).
    :raises Refused: OFFER_ANSWERED, OFFER_TERM_OVER, REASON_MISSING, SCAN_MISSING (the scan is none).
    """
    check_reason(reason)
    offer = lock_open(offer_id)
    _check_in_time(offer, at)
    offer.unfit_claimed = unfit
    _take_in(offer, document=document, scan=scan, by=by, at=at)
    return end(offer, _State.REFUSED, reason=reason, by=by, at=at, document=document)


@transaction.atomic
def expire(*, offer_id: int, at: datetime) -> Offer | None:
    """
    The term is over without an answer: the entry waits on, and the reserve is called. Return the next
    offer, if any.

    :raises Refused: OFFER_ANSWERED, OFFER_TERM_RUNS (the last day of the term belongs to the household).
    """
    offer = lock_open(offer_id)
    if civil_day(at) <= offer.answer_by:
        raise Refused(Refusal.OFFER_TERM_RUNS, answer_by=offer.answer_by)
    return end(offer, _State.EXPIRED, reason="NO_ANSWER", by=EXPIRY, at=at, document="")


def lock_open(offer_id: int) -> Offer:
    """
    Lock an offer through its dwelling inside the caller's transaction.

    :raises Refused: OFFER_ANSWERED.
    """
    stock.lock([Offer.objects.only("dwelling_id").get(pk=offer_id).dwelling_id])
    offer = get_offer(offer_id)
    if offer.state != _State.OPEN:
        raise Refused(Refusal.OFFER_ANSWERED, state=offer.state)
    return offer


def get_offer(offer_id: int) -> Offer:
    """Return an offer with what its acts and records need, without the documents of its run."""
    found = Offer.objects.select_related(
        "dwelling__akimat",
        "application",
        "entry__waiting_list",
        "entry__akimat",
        "run__round__policy",
        "run__round__akimat",
    )
    return found.defer("run__result", "run__round__input").get(pk=offer_id)


def _take_in(offer: Offer, *, document: str, scan: bytes | None, by: User | str, at: datetime) -> None:
    """How the answer came, and the scan of the paper that the household signed."""
    person = _person(by)
    offer.channel = Offer.Channel.CITIZEN if person is None else Offer.Channel.CLERK
    if scan is not None and person is not None:
        offer.scan = scans.keep(offer.application, title=document, content=scan, by=person, at=at)
        if offer.scan is None:
            raise Refused(Refusal.SCAN_MISSING)


def _check_in_time(offer: Offer, at: datetime) -> None:
    if civil_day(at) > offer.answer_by:
        raise Refused(Refusal.OFFER_TERM_OVER, answer_by=offer.answer_by)


def check_reason(reason: str) -> None:
    """Pass if a reason is given. :raises Refused: REASON_MISSING."""
    if not reason.strip():
        raise Refused(Refusal.REASON_MISSING)


def end(
    offer: Offer,
    state: Offer.State,
    *,
    reason: str,
    by: User | str,
    at: datetime,
    document: str,
    faulty: bool = False,
) -> Offer | None:
    """
    End a locked offer without a home inside the caller's transaction: the entry waits on at its place.

    :param faulty: nobody can be given the home: it leaves the round, and the reserve is not called.
    """
    line = AllocationLine.objects.select_related("run").get(run=offer.run_id, dwelling=offer.dwelling_id)
    locked = queue_entries.lock_entries([offer.entry_id, *line.reserve])
    _answer(offer, state, by=by, at=at, reason=reason.strip())
    _record(
        offer,
        f"offer.{state.lower()}",
        by=by,
        at=at,
        reason=reason.strip(),
        document=document,
        channel=str(offer.channel),
        unfit_claimed=offer.unfit_claimed,
        **({"faulty": True} if faulty else {}),
    )
    queue_entries.return_to_waiting(entry_id=offer.entry_id, by=_person(by), at=at, ground=f"OFFER_{state}")
    if state == _State.REFUSED:
        refusal_holds.hold_if_due(offer, locked[offer.entry_id], by=_person(by), at=at)
    else:
        offer_notices.tell_ended(offer, round_=offer.run.round, at=at, faulty=faulty)
    if faulty:
        _let_go(offer, Dwelling.State.BUILDING, by=by, at=at)
        return None
    return call_reserve(offer, line, locked, by=by, at=at)


def _answer(offer: Offer, state: Offer.State, *, by: User | str, at: datetime, reason: str) -> None:
    offer.state, offer.answered_at, offer.answered_by, offer.reason = state, at, _person(by), reason
    offer.save(
        update_fields=["state", "answered_at", "answered_by", "reason", "channel", "scan", "unfit_claimed"]
    )


def call_reserve(
    offer: Offer, line: AllocationLine, locked: dict[int, QueueEntry], *, by: User | str, at: datetime
) -> Offer | None:
    """
    Offer the dwelling to the next of the reserve who can take it, inside the caller's transaction, which
    holds the locks of dwelling and entries; each who is passed over has a code on record.
    """
    round_ = offer.run.round
    for call, key in enumerate(line.reserve[offer.call :], start=offer.call + 1):
        entry = locked[key]
        bar = reserves.bar_of(offer, entry, at=at)
        if bar is None:
            return make(
                line=line, entry=entry, dwelling=offer.dwelling, round_=round_, call=call, by=by, at=at
            )
        _record(
            offer,
            "offer.reserve_passed_over",
            by=by,
            at=at,
            call=call,
            reserve_file_number=entry.file_number,
            code=bar,
        )
    _let_go(offer, Dwelling.State.READY, by=by, at=at)
    return None


def _let_go(offer: Offer, state: Dwelling.State, *, by: User | str, at: datetime) -> None:
    """The home leaves its round: free, or to be put right before anybody gets it."""
    rounds.release(round_=offer.run.round, dwelling_ids=[offer.dwelling_id], at=at, state=state)
    _record(offer, "dwelling.released", by=by, at=at, dwellings=[offer.dwelling.number])


def _person(by: User | str) -> User | None:
    return by if isinstance(by, User) else None


def _answer_by(round_: AllocationRound, at: datetime) -> date:
    days = Policy.from_document(round_.policy.document).offer_working_days
    return kazakhstan().working_day_after(civil_day(at), count=days)


def _record(offer: Offer, event: str, *, by: User | str, at: datetime, **data: Any) -> None:
    audit.record(
        akimat=offer.dwelling.akimat,
        by=by,
        at=at,
        event=event,
        target=f"offer:{offer.pk}",
        file_number=offer.entry.file_number,
        dwelling=offer.dwelling.number,
        **data,
    )
