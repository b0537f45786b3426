"""
A citizen or a court contests a decision (art 91-100 of the APC): opened with a deadline, upheld or
overturned.

A review changes nothing while it runs: whoever was removed keeps the moment that the place follows from, and
gets it back if the removal is overturned.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from queue_registry.models import Application, Notice, QueueEntry, RemovalCase, Review, User
from queue_registry.rules import removals as rules
from queue_registry.rules.calendar import civil_day, kazakhstan
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused
from queue_registry.rules.move_refusals import MoveRefusal, MoveRefused, require
from queue_registry.rules.reasons import ReviewOutcome, ReviewSource
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.services import (
    application_decisions,
    assessment_requests,
    audit,
    notices,
    policies,
    queue_entries,
)


@transaction.atomic
def open_on_removal(
    *, case_id: int, source: ReviewSource, claim: str, document: str, by: User | None, at: datetime
) -> Review:
    """
    Contest a removal.

    :raises MoveRefused: REASON_MISSING, DOCUMENT_MISSING, NOTHING_TO_CONTEST (nobody was removed by it),
        REVIEW_OPEN, COMPLAINT_TERM_OVER (a court has no term).
    """
    entry_id = RemovalCase.objects.values_list("entry_id", flat=True).get(pk=case_id)
    entry = queue_entries.lock_as_seen(entry_id, seen=None)
    case = RemovalCase.objects.select_related("entry__application").get(pk=case_id)
    require(case.outcome == RemovalCase.Outcome.REMOVED, MoveRefusal.NOTHING_TO_CONTEST)
    pending = Review.objects.filter(removal_case=case, decided_at__isnull=True)
    require(not pending.exists(), MoveRefusal.REVIEW_OPEN)
    return _open(
        application=case.entry.application,
        entry=entry,
        case=case,
        decided_at=case.decided_at,
        source=source,
        claim=claim,
        document=document,
        by=by,
        at=at,
    )


@transaction.atomic
def open_on_moment(
    *, entry_id: int, source: ReviewSource, claim: str, document: str, by: User | None, at: datetime
) -> Review:
    """
    Contest the registration moment of an entry, as its newest decision set it.

    :raises MoveRefused: REASON_MISSING, DOCUMENT_MISSING, REVIEW_OPEN, COMPLAINT_TERM_OVER.
    """
    entry = queue_entries.lock_as_seen(entry_id, seen=None)
    pending = Review.objects.filter(entry=entry, removal_case__isnull=True, decided_at__isnull=True)
    require(not pending.exists(), MoveRefusal.REVIEW_OPEN)
    newest = entry.events.filter(kind__in=["REGISTERED", "REGISTERED_AT_CHANGED"]).order_by("-pk").first()
    return _open(
        application=entry.application,
        entry=entry,
        case=None,
        decided_at=newest.recorded_at if newest else None,
        source=source,
        claim=claim,
        document=document,
        by=by,
        at=at,
    )


@transaction.atomic
def open_on_refusal(
    *, application_id: int, source: ReviewSource, claim: str, document: str, by: User | None, at: datetime
) -> Review:
    """
    Contest the refusal of an application.

    :raises MoveRefused: REASON_MISSING, DOCUMENT_MISSING, NOTHING_TO_CONTEST (it was not refused),
        REVIEW_OPEN, COMPLAINT_TERM_OVER.
    """
    application = _lock_application(application_id)
    require(application.status == Application.Status.REFUSED, MoveRefusal.NOTHING_TO_CONTEST)
    pending = Review.objects.filter(application=application, entry__isnull=True, decided_at__isnull=True)
    require(not pending.exists(), MoveRefusal.REVIEW_OPEN)
    return _open(
        application=application,
        entry=None,
        case=None,
        decided_at=application.decided_at,
        source=source,
        claim=claim,
        document=document,
        by=by,
        at=at,
    )


def _lock_application(application_id: int) -> Application:
    return (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat")
        .get(pk=application_id)
    )


def _open(
    *,
    application: Application,
    entry: QueueEntry | None,
    case: RemovalCase | None,
    decided_at: datetime | None,
    source: ReviewSource,
    claim: str,
    document: str,
    by: User | None,
    at: datetime,
) -> Review:
    require(claim.strip(), MoveRefusal.REASON_MISSING)
    require(document.strip(), MoveRefusal.DOCUMENT_MISSING)
    on = civil_day(at)
    figures = policies.figures_in_force(akimat=application.akimat, on=on)
    if source is ReviewSource.CITIZEN and decided_at is not None:
        until = rules.complaint_until(civil_day(decided_at), figures)
        require(on <= until, MoveRefusal.COMPLAINT_TERM_OVER, until=until)
    review = Review.objects.create(
        application=application,
        entry=entry,
        removal_case=case,
        source=source,
        claim=claim.strip(),
        document=document.strip(),
        opened_by=by,
        opened_at=at,
        decide_by=rules.decide_complaint_by(on, policy=figures, working_days=kazakhstan()),
    )
    _record(review, "opened", by=by, at=at, source=source, decide_by=review.decide_by.isoformat())
    return review


@transaction.atomic
def uphold(*, review_id: int, decision: str, by: User, at: datetime) -> Review:
    """
    The contested decision stands.

    :raises MoveRefused: REASON_MISSING, REVIEW_DECIDED, SECOND_PERSON_NEEDED.
    """
    _entry, review = _lock(review_id, decision, by)
    return _decide(review, ReviewOutcome.UPHELD, decision, by, at)


@transaction.atomic
def overturn(*, review_id: int, decision: str, by: User, at: datetime) -> Review:
    """
    The contested decision falls, with effect: who was removed stands on the list again, at the former moment;
    whose application was refused is registered with the moment when it was complete.

    A registration moment that a review found wrong is changed by a change of its own, which names this review
    as its document and a second person approves (`registration_changes`).

    :raises MoveRefused: REASON_MISSING, REVIEW_DECIDED, SECOND_PERSON_NEEDED, ENTRY_NOT_REMOVED,
        ANOTHER_LIVE_ENTRY (the household was registered on this list anew meanwhile).
    """
    entry, review = _lock(review_id, decision, by)
    if entry is None:
        _decide(review, ReviewOutcome.OVERTURNED, decision, by, at)
        _accept(review, by=by, at=at)
    elif review.removal_case_id is not None:
        _check_return(entry)
        assessment_requests.request_assessments(entries=[entry], at=at)
        _decide(review, ReviewOutcome.OVERTURNED, decision, by, at)
        _reinstate(entry, review, by=by, at=at)
    else:
        _decide(review, ReviewOutcome.OVERTURNED, decision, by, at)
    return review


def _accept(review: Review, *, by: User, at: datetime) -> None:
    """A refusal falls: the application is registered with the moment when it was complete."""
    try:
        application_decisions.accept_on_review(
            application_id=review.application_id, decision=review.document, by=by, at=at
        )
    except IntakeRefused as refused:
        code = {
            IntakeRefusal.ALREADY_REGISTERED: MoveRefusal.ANOTHER_LIVE_ENTRY,
            IntakeRefusal.ALREADY_DECIDED: MoveRefusal.NOTHING_TO_CONTEST,
        }[refused.code]
        raise MoveRefused(code, list="") from refused


def _check_return(entry: QueueEntry) -> None:
    require(entry.status == QueueEntryStatus.DEREGISTERED, MoveRefusal.ENTRY_NOT_REMOVED, status=entry.status)
    anew = QueueEntry.objects.filter(waiting_list=entry.waiting_list_id, applicant=entry.applicant_id)
    require(not anew.active().exists(), MoveRefusal.ANOTHER_LIVE_ENTRY, list=entry.waiting_list.number)


def _reinstate(entry: QueueEntry, review: Review, *, by: User, at: datetime) -> None:
    on = civil_day(at)
    figures = policies.figures_in_force(akimat=entry.akimat, on=on)
    try:
        with transaction.atomic():
            queue_entries.reinstate(entry_id=entry.pk, by=by, at=at, document=review.document)
    except IntegrityError as clash:  # somebody registered the household anew after we looked
        if "one_live_queue_entry_per_person_and_list" not in str(clash):
            raise
        raise MoveRefused(MoveRefusal.ANOTHER_LIVE_ENTRY, list=entry.waiting_list.number) from clash
    notices.order(
        application=review.application,
        kind=Notice.Kind.REINSTATED,
        facts={
            "list": entry.waiting_list.number,
            "registered_at": entry.registered_at.isoformat(),
            "source": review.source,
        },
        due_on=rules.written_notice_by(on, figures),
        at=at,
    )


def _lock(review_id: int, decision: str, by: User) -> tuple[QueueEntry | None, Review]:
    """
    The entry (or the application without one) first, then the review. Who opened it or took part in the
    decision does not judge it.
    """
    require(decision.strip(), MoveRefusal.REASON_MISSING)
    entry_id, application_id = Review.objects.values_list("entry_id", "application_id").get(pk=review_id)
    entry = None if entry_id is None else queue_entries.lock_as_seen(entry_id, seen=None)
    if entry is None:
        _lock_application(application_id)
    review = (
        Review.objects.select_for_update(of=("self",), no_key=True)
        .select_related("application__akimat", "removal_case")
        .get(pk=review_id)
    )
    require(review.decided_at is None, MoveRefusal.REVIEW_DECIDED, outcome=review.outcome)
    require(by.pk not in _involved(review), MoveRefusal.SECOND_PERSON_NEEDED)
    return entry, review


def _involved(review: Review) -> set[int | None]:
    involved = {review.opened_by_id}
    # A court's decision is carried out by whoever is on duty; a complaint is judged by somebody new.
    if review.source == ReviewSource.CITIZEN and review.removal_case is not None:
        involved |= {review.removal_case.proposed_by_id, review.removal_case.decided_by_id}
    elif review.source == ReviewSource.CITIZEN and review.entry_id is None:
        involved |= {review.application.decided_by_id}
    return involved


def _decide(review: Review, outcome: ReviewOutcome, decision: str, by: User, at: datetime) -> Review:
    review.outcome, review.decision, review.decided_by, review.decided_at = outcome, decision.strip(), by, at
    review.save(update_fields=["outcome", "decision", "decided_by", "decided_at"])
    on: date = civil_day(at)
    figures = policies.figures_in_force(akimat=review.application.akimat, on=on)
    notices.order(
        application=review.application,
        kind=Notice.Kind.REVIEW_DECIDED,
        facts={"outcome": outcome, "source": review.source},
        due_on=rules.written_notice_by(on, figures),
        at=at,
    )
    _record(review, "decided", by=by, at=at, outcome=outcome)
    return review


def _record(review: Review, what: str, *, by: User | None, at: datetime, **data: object) -> None:
    audit.record(
        akimat=review.application.akimat,
        by=by or audit.SYSTEM,
        at=at,
        event=f"review.{what}",
        target=f"review:{review.pk}",
        queue_entry=review.entry_id,
        removal_case=review.removal_case_id,
        file_number=review.application.file_number,
        document=review.document,
        **data,
    )
