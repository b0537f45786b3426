"""
What the commission decides on a run: one vote a member on the whole proposal, then the chair closes the vote.

A confirmed decision makes the offers; nothing else does. Before that everything is read again under lock:
if an entry or a dwelling is no longer what was frozen, the run is stale and nothing happens. Order of locks:
`allocation.services.offers`.
"""

from datetime import datetime

from django.db import transaction

from allocation import engine_io
from allocation.models import (
    AllocationLine,
    AllocationRound,
    Decision,
    Dwelling,
    Sitting,
    SittingMember,
    Vote,
)
from allocation.rules.quorum import Tally
from allocation.rules.refusals import Refusal, Refused
from allocation.services import dwellings as stock
from allocation.services import inputs, offers, rounds, runs, sittings
from queue_registry.models import User
from queue_registry.selectors.flags import list_backdated
from queue_registry.services import audit
from queue_registry.services.queue_entries import lock_entries


@transaction.atomic
def vote(
    *, sitting_id: int, choice: Vote.Choice, result_sha256: str, by: User, at: datetime, reason: str = ""
) -> Vote:
    """
    Cast a member's only vote on the run's whole proposal.

    :param result_sha256: digest of the result that the member saw.
    :raises Refused: NOT_A_MEMBER, RECUSED, ALREADY_VOTED, ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED,
        OTHER_RESULT, REASON_MISSING (a vote against says why).
    """
    sitting = sittings.lock(sitting_id)
    member = _member(sitting, by)
    _check_live(sitting, result_sha256)
    if member.recusal_ground:
        raise Refused(Refusal.RECUSED, ground=member.recusal_ground)
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


@transaction.atomic
def confirm(*, sitting_id: int, result_sha256: str, by: User, at: datetime) -> Decision:
    """
    Close the vote as carried: the decision is written, every allotment becomes an offer, other dwellings
    are free.

    :raises Refused: NOT_A_MEMBER, NOT_THE_CHAIR, RECUSED, ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED,
        OTHER_RESULT, NO_QUORUM, NO_MAJORITY, STALE (its `changes` name what is no longer as it was frozen),
        FLAGGED (an open red flag of backdating on one of the frozen candidates, served or not).
    """
    sitting, counted = _close(sitting_id, result_sha256, by)
    if not counted.is_adopted:
        raise Refused(Refusal.NO_MAJORITY, **counted.as_json())
    round_ = runs.lock_current(sitting.run_id).round
    held = stock.lock(rounds.held(round_))
    lines = list(
        AllocationLine.objects.filter(run=sitting.run, dwelling__isnull=False)
        .order_by("turn")
        .select_related("entry")
    )
    entries = lock_entries(line.entry_id for line in lines)
    changes = _changes(round_, held)
    if changes:
        raise Refused(Refusal.STALE, changes=changes)
    _check_flags(round_)
    decision = _write(sitting, Decision.Outcome.CONFIRMED, counted, by=by, at=at)
    by_key = {dwelling.pk: dwelling for dwelling in held}
    for line in lines:
        offers.make(
            line=line,
            entry=entries[line.entry_id],
            dwelling=by_key[_dwelling_of(line)],
            round_=round_,
            call=0,
            by=by,
            at=at,
        )
    _free_what_is_left(round_, held, lines, by=by, at=at)
    return decision


@transaction.atomic
def refuse(*, sitting_id: int, result_sha256: str, by: User, at: datetime) -> Decision:
    """
    Close the vote as not carried: the run is refused as a whole, all its dwellings are free again.

    :raises Refused: NOT_A_MEMBER, NOT_THE_CHAIR, RECUSED, ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED,
        OTHER_RESULT, NO_QUORUM, MAJORITY_REACHED.
    """
    sitting, counted = _close(sitting_id, result_sha256, by)
    if counted.is_adopted:
        raise Refused(Refusal.MAJORITY_REACHED, **counted.as_json())
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
    return _changes(round_, list(Dwelling.objects.filter(pk__in=rounds.held(round_)).order_by("pk")))


def _member(sitting: Sitting, user: User) -> SittingMember:
    member = SittingMember.objects.filter(sitting=sitting, user=user).first()
    if member is None:
        raise Refused(Refusal.NOT_A_MEMBER)
    return member


def _check_live(sitting: Sitting, result_sha256: str) -> None:
    """The sitting is on a current run, nothing is decided yet, and the person saw that run's result."""
    if Decision.objects.filter(sitting=sitting).exists():
        raise Refused(Refusal.ALREADY_DECIDED)
    if sitting.run.round.cancelled_at is not None:
        raise Refused(Refusal.ROUND_CANCELLED)
    if sitting.run.superseded_at is not None:
        raise Refused(Refusal.RUN_SUPERSEDED)
    if sitting.run.result_sha256 != result_sha256:
        raise Refused(Refusal.OTHER_RESULT)


def _close(sitting_id: int, result_sha256: str, by: User) -> tuple[Sitting, Tally]:
    """Lock the sitting and count its votes, if the person may close it and enough members have voted."""
    sitting = sittings.lock(sitting_id)
    member = _member(sitting, by)
    if not member.is_chair:
        raise Refused(Refusal.NOT_THE_CHAIR)
    if member.recusal_ground:
        raise Refused(Refusal.RECUSED, ground=member.recusal_ground)
    _check_live(sitting, result_sha256)
    counted = sittings.count_votes(sitting)
    if not counted.has_quorum:
        raise Refused(Refusal.NO_QUORUM, voted=counted.voted, needed=counted.needed)
    return sitting, counted


def _changes(round_: AllocationRound, held: list[Dwelling]) -> list[engine_io.Change]:
    if round_.frozen_at is None:
        return []
    found = engine_io.changes(
        frozen=engine_io.parsed(round_.input), now=inputs.build(round_=round_, frozen_at=round_.frozen_at)
    )
    found += [
        engine_io.Change(
            thing="dwelling",
            key=dwelling.number,
            field="state",
            was=str(Dwelling.State.RESERVED),
            now=dwelling.state,
        )
        for dwelling in held
        if dwelling.state != Dwelling.State.RESERVED
    ]
    return found


def _check_flags(round_: AllocationRound) -> None:
    candidates = {entry["file_no"] for entry in engine_io.parsed(round_.input)["entries"]}
    flagged = list_backdated(round_.akimat, candidates)
    if flagged:
        raise Refused(Refusal.FLAGGED, file_numbers=flagged)


def _write(
    sitting: Sitting, outcome: Decision.Outcome, counted: Tally, *, by: User, at: datetime
) -> Decision:
    run = sitting.run
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
