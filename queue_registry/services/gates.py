"""
The gate to automatic distribution is proposed by one person, opened by another, and closed with a reason.

It opens only while every criterion holds, with a seal of the lists of that day. Nobody closes it when a
criterion fails later: the light is red then, whatever is open (`rules.digitization.gate.light`).
"""

from datetime import datetime

from django.db import transaction

from queue_registry.models import Akimat, GateEvent, GateProposal, ListSeal, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.digitization.gate_refusals import GateRefusal, GateRefused
from queue_registry.selectors import gate as selectors
from queue_registry.selectors.gate import Gate
from queue_registry.services import audit


@transaction.atomic
def propose(*, akimat: Akimat, by: User, at: datetime) -> GateProposal:
    """
    Propose to open the gate with today's seal. A proposal of an earlier day gives way.

    :raises GateRefused: OPEN_ALREADY, CRITERIA_FAIL, SEAL_OF_ANOTHER_DAY, PROPOSED_ALREADY.
    """
    locked = _locked(akimat)
    gate = _ready(locked, at=at)
    seal = _seal_of_today(gate.seal, at=at)
    earlier = selectors.get_proposal(locked)
    if earlier is not None:
        if civil_day(earlier.seal.sealed_at) == civil_day(at):
            raise GateRefused(GateRefusal.PROPOSED_ALREADY)
        _close(earlier, at=at)
    proposal = GateProposal.objects.create(akimat=locked, proposed_by=by, proposed_at=at, seal=seal)
    _record(proposal.akimat, "proposed", by=by, at=at, proposal=proposal.pk, root=seal.root)
    return proposal


@transaction.atomic
def drop(*, proposal_id: int, by: User, at: datetime) -> GateProposal:
    """
    Give a proposal up.

    :raises GateRefused: PROPOSAL_CLOSED.
    """
    proposal = _open_proposal(proposal_id)
    _close(proposal, at=at)
    _record(proposal.akimat, "proposal_dropped", by=by, at=at, proposal=proposal.pk)
    return proposal


@transaction.atomic
def approve(*, proposal_id: int, by: User, at: datetime) -> GateEvent:
    """
    Open the gate as another person proposed; the criteria are judged again, and kept with the event.

    :raises GateRefused: PROPOSAL_CLOSED, ANOTHER_PERSON_NEEDED, OPEN_ALREADY, CRITERIA_FAIL,
        SEAL_OF_ANOTHER_DAY.
    """
    proposal = _open_proposal(proposal_id)
    if proposal.proposed_by_id == by.pk:
        raise GateRefused(GateRefusal.ANOTHER_PERSON_NEEDED)
    gate = _ready(proposal.akimat, at=at)
    seal = _seal_of_today(proposal.seal, at=at)
    criteria = [one.as_json() for one in gate.judged]
    event = GateEvent.objects.create(
        akimat=proposal.akimat,
        kind=GateEvent.Kind.OPENED,
        at=at,
        proposed_by=proposal.proposed_by,
        approved_by=by,
        seal=seal,
        criteria=criteria,
    )
    _close(proposal, at=at)
    _record(
        proposal.akimat,
        "opened",
        by=by,
        at=at,
        proposed_by=proposal.proposed_by.username,
        root=seal.root,
        criteria=criteria,
    )
    return event


@transaction.atomic
def close(*, akimat: Akimat, reason: str, by: User, at: datetime) -> GateEvent:
    """
    Close the gate again: from now on only the commission decides, entry by entry.

    :raises GateRefused: REASON_MISSING, NOT_OPEN.
    """
    locked = _locked(akimat)
    if not reason.strip():
        raise GateRefused(GateRefusal.REASON_MISSING)
    gate = selectors.get_gate(locked, at=at)
    if not gate.is_open:
        raise GateRefused(GateRefusal.NOT_OPEN)
    event = GateEvent.objects.create(
        akimat=locked,
        kind=GateEvent.Kind.CLOSED,
        at=at,
        proposed_by=by,
        reason=reason.strip(),
        criteria=[one.as_json() for one in gate.judged],
    )
    _record(locked, "closed", by=by, at=at, reason=reason.strip())
    return event


def _locked(akimat: Akimat) -> Akimat:
    return Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)


def _ready(akimat: Akimat, *, at: datetime) -> Gate:
    """The gate of a locked akimat, if it may be opened."""
    gate = selectors.get_gate(akimat, at=at)
    if gate.failing:
        raise GateRefused(GateRefusal.CRITERIA_FAIL, criteria=list(gate.failing))
    if gate.is_open:
        raise GateRefused(GateRefusal.OPEN_ALREADY)
    return gate


def _seal_of_today(seal: ListSeal | None, *, at: datetime) -> ListSeal:
    if seal is None or civil_day(seal.sealed_at) != civil_day(at):
        raise GateRefused(GateRefusal.SEAL_OF_ANOTHER_DAY)
    return seal


def _open_proposal(proposal_id: int) -> GateProposal:
    """An open proposal, its akimat locked before it."""
    _locked(Akimat.objects.get(gate_proposals=proposal_id))
    proposal = (
        GateProposal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "proposed_by", "seal")
        .get(pk=proposal_id)
    )
    if proposal.closed_at is not None:
        raise GateRefused(GateRefusal.PROPOSAL_CLOSED)
    return proposal


def _close(proposal: GateProposal, *, at: datetime) -> None:
    proposal.closed_at = at
    proposal.save(update_fields=["closed_at"])


def _record(akimat: Akimat, act: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record(akimat=akimat, by=by, at=at, event=f"gate.{act}", target=f"gate:{akimat.kato}", **data)
