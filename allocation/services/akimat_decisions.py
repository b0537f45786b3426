"""
The akimat's own decision on a locked protocol (Housing Law art 77), and its publication in time (art 78).

Contracts rest on it. Order of locks: `allocation.services.offers`; the decision's own row is locked alone.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from allocation.models import AkimatDecision, Decision, Sitting
from allocation.rules.refusals import Refusal, Refused
from allocation.services import round_documents, sittings
from allocation.services.terms import term
from queue_registry.models import Akimat, User
from queue_registry.rules.calendar import civil_day, kazakhstan
from queue_registry.services import audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """The akimat's act: its number, its day, the bytes of its scan."""

    number: str
    decided_on: date
    scan: bytes


@transaction.atomic
def enter(*, sitting_id: int, act: Act, by: User, at: datetime) -> AkimatDecision:
    """
    Enter the decision that cites a sitting's locked protocol.

    :raises Refused: NOT_CONFIRMED, PROTOCOL_NOT_LOCKED, DECISION_EXISTS, NUMBER_MISSING, NUMBER_TAKEN,
        DAY_IMPOSSIBLE (before the protocol was locked, or not yet), SCAN_MISSING, POLICY_LACKS_TERM.
    """
    sitting = sittings.lock(sitting_id)
    # Pages and papers write the sign before the number themselves.
    number = act.number.strip().removeprefix("№").strip()
    _check_sitting(sitting)
    _check_act(sitting, number, act.decided_on, civil_day(at))
    paper = round_documents.keep(sitting.run.round, title=number, content=act.scan, by=by, at=at)
    decision = AkimatDecision.objects.create(
        akimat=sitting.akimat,
        sitting=sitting,
        number=number,
        decided_on=act.decided_on,
        document=paper,
        entered_by=by,
        entered_at=at,
        publish_by=_publish_by(sitting.akimat, act.decided_on),
    )
    _record(
        decision,
        "akimat_decision.entered",
        by=by,
        at=at,
        protocol=sitting.number,
        decided_on=act.decided_on.isoformat(),
        scan_sha256=paper.sha256,
        publish_by=decision.publish_by.isoformat(),
    )
    return decision


@transaction.atomic
def publish(*, decision_id: int, by: User, at: datetime) -> AkimatDecision:
    """
    Publish those housed by a decision: from now on the public page of the round names it.

    :raises Refused: PUBLISHED_ALREADY.
    """
    decision: AkimatDecision = (
        AkimatDecision.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat")
        .get(pk=decision_id)
    )
    if decision.published_at is not None:
        raise Refused(Refusal.PUBLISHED_ALREADY)
    decision.published_at, decision.published_by = at, by
    decision.save(update_fields=["published_at", "published_by"])
    late = civil_day(at) > decision.publish_by
    _record(decision, "akimat_decision.published", by=by, at=at, late=late)
    return decision


def _check_sitting(sitting: Sitting) -> None:
    decision = Decision.objects.filter(sitting=sitting).first()
    if decision is None or decision.outcome != Decision.Outcome.CONFIRMED:
        raise Refused(Refusal.NOT_CONFIRMED)
    if sitting.locked_at is None:
        raise Refused(Refusal.PROTOCOL_NOT_LOCKED)
    if AkimatDecision.objects.filter(sitting=sitting).exists():
        raise Refused(Refusal.DECISION_EXISTS)


def _check_act(sitting: Sitting, number: str, decided_on: date, today: date) -> None:
    if not number:
        raise Refused(Refusal.NUMBER_MISSING)
    if AkimatDecision.objects.filter(akimat=sitting.akimat, number=number).exists():
        raise Refused(Refusal.NUMBER_TAKEN, number=number)
    earliest = today if sitting.locked_at is None else civil_day(sitting.locked_at)
    if not earliest <= decided_on <= today:
        raise Refused(Refusal.DAY_IMPOSSIBLE, earliest=earliest, latest=today)


def _publish_by(akimat: Akimat, decided_on: date) -> date:
    days = term(akimat, "publish_housed", on=decided_on)
    return kazakhstan().working_day_after(decided_on, count=days)


def _record(decision: AkimatDecision, event: str, *, by: User, at: datetime, **data: object) -> None:
    audit.record(
        akimat=decision.akimat,
        by=by,
        at=at,
        event=event,
        target=f"akimat_decision:{decision.pk}",
        number=decision.number,
        **data,
    )
