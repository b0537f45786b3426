"""
What the commission decides on a run: one vote a member on the whole proposal and on each departure, then who
presides closes the vote.

A confirmed decision makes the offers; nothing else does. Where a departure is carried, its home is offered to
whom it names instead, or is free. Before that everything is read again under lock:
if an entry or a dwelling is no longer what was frozen, the run is stale and nothing happens. Order of locks:
`allocation.services.offers`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from allocation import engine_io
from allocation.models import (
    AllocationLine,
    AllocationRound,
    Decision,
    Departure,
    Dwelling,
    Sitting,
    Vote,
)
from allocation.rules.quorum import Tally
from allocation.rules.refusals import Refusal, Refused
from allocation.services import departures, freshness, offer_notices, offers, rounds, runs, sittings, tallies
from allocation.services import dwellings as stock
from queue_registry.models import QueueEntry, User
from queue_registry.selectors.flags import list_backdated
from queue_registry.services import audit
from queue_registry.services.queue_entries import lock_entries

_ROUND: Final = ("run__round__akimat", "run__round__policy")


@transaction.atomic
def vote(
    *, sitting_id: int, choice: Vote.Choice, result_sha256: str, by: User, at: datetime, reason: str = ""
) -> Vote:
    """
    Cast a member's only vote on the run's whole proposal.

    :param result_sha256: digest of the result that the member saw.
    :raises Refused: NOT_A_MEMBER, ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED, OTHER_RESULT, RECUSED,
        MANDATE_OVER, NOT_ATTENDING, ALREADY_VOTED, REASON_MISSING (a vote against says why).
    """
    sitting = sittings.lock(sitting_id)
    member = sittings.seat_of(sitting, by)
    _check_live(sitting, result_sha256)
    sittings.check_may_vote(sitting, member, at)
    if Vote.objects.filter(member=member).exists():
        raise Refused(Refusal.ALREADY_VOTED)
    reason = reason.strip()
    if choice == Vote.Choice.AGAINST and not reason:
        raise Refused(Refusal.REASON_MISSING)
    cast = Vote.objects.create(sitting=sitting, member=member, choice=choice, reason=reason, cast_at=at)
    audit.record(
        akimat=sitting.akimat,
        by=by,
        at=at,
        event="vote.cast",
        target=f"sitting:{sitting.pk}",
        choice=str(choice),
        reason=reason,
        result_sha256=result_sha256,
    )
    return cast


class _Overtaken(Exception):
    """Homes go to others than was told before the locks: nothing of it counts."""


def confirm(*, sitting_id: int, result_sha256: str, by: User, at: datetime) -> Decision:
    """
    Close the vote as carried: the decision is written, every allotment becomes an offer, to somebody else
    where a departure is carried; other dwellings are free.

    :raises Refused: NOT_A_MEMBER, NOT_PRESIDING, RECUSED, ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED,
        OTHER_RESULT, NO_QUORUM, VOTES_MISSING (the outcome of the whole or of a departure is open),
        NO_MAJORITY, STALE (its `changes` name what is no longer as it was frozen), FLAGGED (an open red flag
        of backdating on one of the frozen candidates, served or not).
    """
    try:
        return _confirm(sitting_id, result_sha256, by=by, at=at, tells_before=True)
    except _Overtaken:
        return _confirm(sitting_id, result_sha256, by=by, at=at, tells_before=False)


@transaction.atomic
def _confirm(sitting_id: int, result_sha256: str, *, by: User, at: datetime, tells_before: bool) -> Decision:
    """
    Whatever takes long comes before the first lock: to read a big queue, and to tell tens of thousands that
    they were passed over. The latter is undone with all the rest if the decision turns out to be another one.
    """
    seen = Sitting.objects.select_related(*_ROUND).get(pk=sitting_id)
    looked = freshness.look(seen.run.round)
    told = _tell_passed_over(seen, at) if tells_before else None
    # What all those rows refer to is looked at now, not at the end, when the locks would wait for it.
    connection.check_constraints()
    sitting, counted = _close(sitting_id, result_sha256, by)
    if not counted.is_adopted:
        raise Refused(Refusal.NO_MAJORITY, **counted.as_json())
    carried = departures.close(sitting)
    round_ = runs.lock_current(sitting.run_id).round
    held = stock.lock(rounds.held(round_))
    lines = _served_lines(sitting)
    entries = lock_entries({*(line.entry_id for line in lines), *_instead(carried)})
    changes = freshness.changes_since(looked, round_, held)
    if changes:
        raise Refused(Refusal.STALE, changes=changes)
    _check_flags(round_, looked)
    decision = _write(sitting, Decision.Outcome.CONFIRMED, counted, by=by, at=at)
    by_key = {dwelling.pk: dwelling for dwelling in held}
    given = [
        offers.Given(line=line, entry=entries[taker], dwelling=by_key[_dwelling_of(line)])
        for line in lines
        if (taker := _taker(line, carried)) is not None
    ]
    offers.make_many(given=given, round_=round_, by=by, at=at)
    served = frozenset(one.entry.application_id for one in given)
    if told is None:
        offer_notices.tell_passed_over(run=sitting.run, round_=round_, served=served, at=at)
    elif told != served:
        raise _Overtaken
    offer_notices.tell_departed_from(carried.values(), round_=round_, at=at)
    _free_what_is_left(round_, held, [one.line for one in given], by=by, at=at)
    return decision


@transaction.atomic
def refuse(*, sitting_id: int, result_sha256: str, by: User, at: datetime) -> Decision:
    """
    Close the vote as not carried: the run is refused as a whole, all its dwellings are free again.

    :raises Refused: NOT_A_MEMBER, NOT_PRESIDING, RECUSED, ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED,
        OTHER_RESULT, NO_QUORUM, VOTES_MISSING (the outcome is open), MAJORITY_REACHED.
    """
    sitting, counted = _close(sitting_id, result_sha256, by)
    if counted.is_adopted:
        raise Refused(Refusal.MAJORITY_REACHED, **counted.as_json())
    departures.drop(sitting)
    round_ = runs.lock_current(sitting.run_id).round
    held = stock.lock(rounds.held(round_))
    decision = _write(sitting, Decision.Outcome.REFUSED, counted, by=by, at=at)
    _free_what_is_left(round_, held, [], by=by, at=at)
    return decision


def stale_changes(round_: AllocationRound) -> list[engine_io.Change]:
    """
    Return what is no longer as the round was frozen, for a page to show before anybody votes; writes
    nothing.
    """
    return freshness.changes(round_)


def _check_live(sitting: Sitting, result_sha256: str) -> None:
    """The sitting is on a current run, nothing is decided yet, and the person saw that run's result."""
    sittings.check_live(sitting)
    if sitting.run.result_sha256 != result_sha256:
        raise Refused(Refusal.OTHER_RESULT)


def _close(sitting_id: int, result_sha256: str, by: User) -> tuple[Sitting, Tally]:
    """Lock the sitting and count its votes, if the person presides over it and the outcome is settled."""
    sitting = sittings.lock(sitting_id)
    member = sittings.seat_of(sitting, by)
    if member.recusal_ground:
        raise Refused(Refusal.RECUSED, ground=member.recusal_ground)
    presiding = tallies.presiding_over(sitting)
    if member != presiding:
        raise Refused(Refusal.NOT_PRESIDING)
    _check_live(sitting, result_sha256)
    counted = tallies.count_votes(sitting)
    if not counted.has_quorum:
        raise Refused(Refusal.NO_QUORUM, present=counted.present, needed=counted.needed)
    if not counted.is_settled:
        raise Refused(Refusal.VOTES_MISSING, missing=counted.missing)
    return sitting, counted


def _served_lines(sitting: Sitting) -> list[AllocationLine]:
    served = AllocationLine.objects.filter(run=sitting.run, dwelling__isnull=False)
    return list(served.order_by("turn").select_related("entry"))


def _tell_passed_over(sitting: Sitting, at: datetime) -> frozenset[int] | None:
    """
    Tell everybody whom the decision will pass over, as the votes stand; return the applications that it
    serves, or None if nobody is told, since it would be refused as things are.
    """
    carried = departures.expected(sitting)
    counted = tallies.count_votes(sitting)
    if carried is None or not (counted.has_quorum and counted.is_settled and counted.is_adopted):
        return None
    instead = dict(QueueEntry.objects.filter(pk__in=_instead(carried)).values_list("pk", "application_id"))
    served = frozenset(
        line.entry.application_id if taker == line.entry_id else instead[taker]
        for line in _served_lines(sitting)
        if (taker := _taker(line, carried)) is not None
    )
    offer_notices.tell_passed_over(run=sitting.run, round_=sitting.run.round, served=served, at=at)
    return served


def _instead(carried: Mapping[int, Departure]) -> set[int]:
    return {departure.instead_id for departure in carried.values() if departure.instead_id is not None}


def _taker(line: AllocationLine, carried: Mapping[int, Departure]) -> int | None:
    """The key of the entry that gets a line's dwelling, or None if it stays in the stock."""
    departure = carried.get(line.pk)
    return line.entry_id if departure is None else departure.instead_id


def _check_flags(round_: AllocationRound, looked: freshness.Look) -> None:
    flagged = list_backdated(round_.akimat, looked.candidates)
    if flagged:
        raise Refused(Refusal.FLAGGED, file_numbers=flagged)


def _write(
    sitting: Sitting, outcome: Decision.Outcome, counted: Tally, *, by: User, at: datetime
) -> Decision:
    run = sitting.run
    sitting.presiding = by
    sitting.save(update_fields=["presiding"])
    decision = Decision.objects.create(
        sitting=sitting,
        outcome=outcome,
        input_sha256=run.round.input_sha256,
        result_sha256=run.result_sha256,
        arithmetic=counted.as_json(),
        decided_at=at,
        decided_by=by,
    )
    audit.record(
        akimat=sitting.akimat,
        by=by,
        at=at,
        event=f"decision.{outcome.lower()}",
        target=f"sitting:{sitting.pk}",
        number=sitting.number,
        round=run.round.number,
        input_sha256=run.round.input_sha256,
        result_sha256=run.result_sha256,
        arithmetic=counted.as_json(),
        # The computed order is left as an exception.
        **({"departures": left} if (left := departures.outcome_records(sitting)) else {}),
    )
    return decision


def _dwelling_of(line: AllocationLine) -> int:
    if line.dwelling_id is None:
        raise ValueError(f"Line {line.pk} has no dwelling.")
    return line.dwelling_id


def _free_what_is_left(
    round_: AllocationRound,
    held: list[Dwelling],
    lines: list[AllocationLine],
    *,
    by: User,
    at: datetime,
) -> None:
    given = {line.dwelling_id for line in lines}
    left = [dwelling.pk for dwelling in held if dwelling.pk not in given]
    numbers = rounds.release(round_=round_, dwelling_ids=left, at=at)
    if numbers:
        audit.record(
            akimat=round_.akimat,
            by=by,
            at=at,
            event="dwelling.released",
            target=f"allocation_round:{round_.pk}",
            dwellings=numbers,
        )
