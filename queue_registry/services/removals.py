"""
Removal from a list as a procedure (art 73 of the Housing Law, art 73 of the APC): proposed, told, answered,
heard, decided by another person. Nobody is removed otherwise.
"""

from datetime import date, datetime

from django.db import transaction

from queue_registry.models import Notice, NoticeDelivery, QueueEntry, RemovalCase, User
from queue_registry.rules import removals as rules
from queue_registry.rules.calendar import civil_day, kazakhstan
from queue_registry.rules.ground_articles import article_of
from queue_registry.rules.move_refusals import MoveRefusal, MoveRefused, require
from queue_registry.rules.reasons import AGAINST_THE_PROTECTED, RemovalGround
from queue_registry.rules.statuses import ACTIVE, QueueEntryStatus
from queue_registry.selectors import moves
from queue_registry.selectors.notices import list_deliveries_of
from queue_registry.services import audit, notices, policies, queue_entries

_Outcome = RemovalCase.Outcome


@transaction.atomic
def propose(
    *,
    entry_id: int,
    ground: RemovalGround,
    evidence: str,
    by: User | None,
    at: datetime,
    evidence_source: str = "",
    evidence_as_of: datetime | None = None,
    seen: int | None = None,
) -> RemovalCase:
    """
    Open a case against an entry; the entry keeps its place while it runs. `by` is None for a task's proposal.

    :raises MoveRefused: REASON_MISSING, CHANGED_MEANWHILE, ENTRY_OFFERED, ENTRY_NOT_ACTIVE, CASE_OPEN,
        PROTECTED, PROTECTION_NOT_KNOWN.
    """
    require(evidence.strip(), MoveRefusal.REASON_MISSING)
    entry = queue_entries.lock_as_seen(entry_id, seen=seen)
    _check_proposal(entry, ground, at)
    case = RemovalCase.objects.create(
        entry=entry,
        ground=ground,
        evidence=evidence.strip(),
        evidence_source=evidence_source,
        evidence_as_of=evidence_as_of,
        proposed_by=by,
        proposed_at=at,
    )
    _record(case, "proposed", by=by, at=at, evidence_source=evidence_source)
    return case


def obstacle(entry: QueueEntry, ground: RemovalGround, *, at: datetime) -> str:
    """Return what stands in the way of proposing a removal now, as a code, or nothing; no act."""
    try:
        _check_proposal(entry, ground, at)
    except MoveRefused as refused:
        return refused.code
    return ""


@transaction.atomic
def send_notice(*, case_id: int, by: User, at: datetime) -> Notice:
    """
    Send the household the ground and the evidence; the term for its answer does not begin before it has them.

    :raises MoveRefused: CASE_DECIDED, NOTICE_GIVEN, NOTICE_ON_ITS_WAY.
    """
    case = _lock_open(case_id)
    require(case.notified_at is None, MoveRefusal.NOTICE_GIVEN)
    # What did not arrive is sent again, as the same notice.
    require(not list_deliveries_of(case).exists(), MoveRefusal.NOTICE_ON_ITS_WAY)
    on = civil_day(at)
    figures = policies.figures_in_force(akimat=case.entry.akimat, on=on)
    terms = {
        "objections_days": figures.term("objections"),
        "removal_notice_days": figures.term("removal_notice"),
    }
    notice = notices.order(
        application=case.entry.application,
        kind=Notice.Kind.REMOVAL_PROPOSED,
        facts={"case": case.pk, **_grounds(case, on), **terms},
        due_on=rules.written_notice_by(on, figures),
        at=at,
    )
    _record(case, "notice_sent", by=by, at=at, notice=notice.pk)
    return notice


@transaction.atomic
def notify(
    *, case_id: int, by: User, at: datetime, document: str = "", delivery_id: int | None = None
) -> RemovalCase:
    """
    Record that the household was told of the ground and the evidence; the term for its answer begins.

    The term runs only from a notice that reached them: one that was handed over, or one that was delivered.

    :param document: how the notice was handed over.
    :param delivery_id: of the notice that was sent; it has to be delivered.
    :raises MoveRefused: DOCUMENT_MISSING, CASE_DECIDED, NOTICE_GIVEN, NOTICE_NOT_DELIVERED.
    """
    require(document.strip() or delivery_id is not None, MoveRefusal.DOCUMENT_MISSING)
    case = _lock_open(case_id)
    require(case.notified_at is None, MoveRefusal.NOTICE_GIVEN)
    if delivery_id is not None:
        document = _delivered(case, delivery_id)
    on = civil_day(at)
    term = rules.response_term(
        notified_on=on,
        policy=policies.figures_in_force(akimat=case.entry.akimat, on=on),
        working_days=kazakhstan(),
    )
    case.notified_at = at
    case.objections_until, case.decision_from = term.objections_until, term.decision_from
    case.save(update_fields=["notified_at", "objections_until", "decision_from"])
    told = {
        "objections_until": term.objections_until.isoformat(),
        "decision_from": term.decision_from.isoformat(),
    }
    if delivery_id is None:
        notices.order(
            application=case.entry.application,
            kind=Notice.Kind.REMOVAL_PROPOSED,
            facts={**_grounds(case, on), **told, "handed_over": document.strip()},
            due_on=on,
            at=at,
            handed_over=True,
        )
    _record(case, "notified", by=by, at=at, **told, document=document.strip())
    return case


def _grounds(case: RemovalCase, on: date) -> dict[str, object]:
    return {
        "ground": case.ground,
        "article": article_of(RemovalGround(case.ground), on=on),
        "evidence_source": case.evidence_source,
        "evidence_as_of": case.evidence_as_of.isoformat() if case.evidence_as_of else None,
    }


def _delivered(case: RemovalCase, delivery_id: int) -> str:
    """Return a delivered notice of a case as a document. One that did not arrive begins no term."""
    delivery = list_deliveries_of(case).filter(pk=delivery_id).first()
    delivered = NoticeDelivery.State.DELIVERED
    require(delivery is not None and delivery.state == delivered, MoveRefusal.NOTICE_NOT_DELIVERED)
    return f"notice_delivery:{delivery_id}"


@transaction.atomic
def object_(*, case_id: int, objection: str, by: User, at: datetime) -> RemovalCase:
    """
    Record the household's objection, in its own words; the last day of the term belongs to it.

    :raises MoveRefused: REASON_MISSING, CASE_DECIDED, NOTICE_MISSING, OBJECTION_RECORDED,
        OBJECTION_TERM_OVER.
    """
    require(objection.strip(), MoveRefusal.REASON_MISSING)
    case = _lock_open(case_id)
    require(case.notified_at is not None, MoveRefusal.NOTICE_MISSING)
    require(case.objected_at is None, MoveRefusal.OBJECTION_RECORDED)
    require(
        case.objections_until is None or civil_day(at) <= case.objections_until,
        MoveRefusal.OBJECTION_TERM_OVER,
        objections_until=case.objections_until,
    )
    case.objection, case.objected_at = objection.strip(), at
    case.save(update_fields=["objection", "objected_at"])
    _record(case, "objected", by=by, at=at)
    return case


@transaction.atomic
def hear(*, case_id: int, hearing: str, by: User, at: datetime) -> RemovalCase:
    """
    Record what the hearing came to.

    :raises MoveRefused: REASON_MISSING, CASE_DECIDED, NOTICE_MISSING, HEARING_RECORDED.
    """
    require(hearing.strip(), MoveRefusal.REASON_MISSING)
    case = _lock_open(case_id)
    require(case.notified_at is not None, MoveRefusal.NOTICE_MISSING)
    require(case.heard_at is None, MoveRefusal.HEARING_RECORDED)
    case.hearing, case.heard_at = hearing.strip(), at
    case.save(update_fields=["hearing", "heard_at"])
    _record(case, "heard", by=by, at=at)
    return case


@transaction.atomic
def decide(
    *, case_id: int, outcome: RemovalCase.Outcome, decision: str, by: User, at: datetime
) -> RemovalCase:
    """
    Decide a case: the household is removed, or the case is dropped and it stays at its place.

    :raises MoveRefused: REASON_MISSING, CASE_DECIDED, SECOND_PERSON_NEEDED; for a removal besides
        NOTICE_MISSING, TERM_RUNS, HEARING_MISSING, ENTRY_OFFERED, ENTRY_NOT_ACTIVE, PROTECTED,
        PROTECTION_NOT_KNOWN.
    """
    if outcome == _Outcome.DROPPED:
        return drop(case_id=case_id, decision=decision, by=by, at=at)
    entry, case = _lock_to_decide(case_id, decision, by)
    require(case.notified_at is not None and case.decision_from is not None, MoveRefusal.NOTICE_MISSING)
    require(
        case.decision_from is not None and civil_day(at) >= case.decision_from,
        MoveRefusal.TERM_RUNS,
        decision_from=case.decision_from,
    )
    require(case.objected_at is None or case.heard_at is not None, MoveRefusal.HEARING_MISSING)
    # The household may have become protected, or the offer come, while the case ran.
    _check_entry(entry, RemovalGround(case.ground), at)
    _close(case, _Outcome.REMOVED, decision, by, at)
    on = civil_day(at)
    figures = policies.figures_in_force(akimat=entry.akimat, on=on)
    notices.order(
        application=entry.application,
        kind=Notice.Kind.DEREGISTERED,
        facts={
            "ground": case.ground,
            "article": article_of(RemovalGround(case.ground), on=on),
            "list": entry.waiting_list.number,
            "complaint_until": rules.complaint_until(on, figures).isoformat(),
        },
        due_on=rules.written_notice_by(on, figures),
        at=at,
    )
    _record(case, "decided", by=by, at=at, outcome=case.outcome)
    queue_entries.deregister(case=case, by=by, at=at)
    return case


@transaction.atomic
def drop(*, case_id: int, decision: str, by: User, at: datetime) -> RemovalCase:
    """
    Close a case without a removal, on any day of it: nothing happens to the entry.

    :raises MoveRefused: REASON_MISSING, CASE_DECIDED, SECOND_PERSON_NEEDED.
    """
    _entry, case = _lock_to_decide(case_id, decision, by)
    _close(case, _Outcome.DROPPED, decision, by, at)
    _record(case, "decided", by=by, at=at, outcome=case.outcome)
    return case


def _lock_open(case_id: int) -> RemovalCase:
    case = (
        RemovalCase.objects.select_for_update(of=("self",), no_key=True)
        .select_related("entry__akimat", "entry__application")
        .get(pk=case_id)
    )
    require(case.decided_at is None, MoveRefusal.CASE_DECIDED, outcome=case.outcome)
    return case


def _lock_to_decide(case_id: int, decision: str, by: User) -> tuple[QueueEntry, RemovalCase]:
    """The entry first, then its case."""
    require(decision.strip(), MoveRefusal.REASON_MISSING)
    entry_id = RemovalCase.objects.values_list("entry_id", flat=True).get(pk=case_id)
    entry = queue_entries.lock_as_seen(entry_id, seen=None)
    case = _lock_open(case_id)
    require(case.proposed_by_id != by.pk, MoveRefusal.SECOND_PERSON_NEEDED)
    return entry, case


def _check_proposal(entry: QueueEntry, ground: RemovalGround, at: datetime) -> None:
    require(moves.open_case_of(entry) is None, MoveRefusal.CASE_OPEN)
    _check_entry(entry, ground, at)


def _check_entry(entry: QueueEntry, ground: RemovalGround, at: datetime) -> None:
    status = QueueEntryStatus(entry.status)
    require(status is not QueueEntryStatus.OFFERED, MoveRefusal.ENTRY_OFFERED)
    require(status in ACTIVE, MoveRefusal.ENTRY_NOT_ACTIVE, status=status)
    if ground in AGAINST_THE_PROTECTED:
        return
    protection = moves.protection_of(entry, on=civil_day(at))
    rules.check_protection(ground, protection.categories, on=civil_day(at))
    require(not protection.unknown, MoveRefusal.PROTECTION_NOT_KNOWN, source=protection.unknown)


def _close(case: RemovalCase, outcome: RemovalCase.Outcome, decision: str, by: User, at: datetime) -> None:
    case.outcome, case.decision = outcome, decision.strip()
    case.decided_by, case.decided_at = by, at
    case.save(update_fields=["outcome", "decision", "decided_by", "decided_at"])


def _record(case: RemovalCase, what: str, *, by: User | None, at: datetime, **data: object) -> None:
    audit.record(
        akimat=case.entry.akimat,
        by=by or audit.SYSTEM,
        at=at,
        event=f"removal_case.{what}",
        target=f"removal_case:{case.pk}",
        queue_entry=case.entry_id,
        file_number=case.entry.file_number,
        ground=case.ground,
        **data,
    )
