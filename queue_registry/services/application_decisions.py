"""Decisions on an application: accepted onto the lists that it claims, refused on a ground, withdrawn."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from queue_registry.models import Application, CategoryPeriod, Notice, QueueEntry, User, WaitingList
from queue_registry.rules import need
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.ground_articles import article_of
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused, months_after
from queue_registry.rules.policy import Policy
from queue_registry.rules.reasons import EntryGround, RefusalGround
from queue_registry.rules.refusals import doubtful_sources
from queue_registry.selectors import claims
from queue_registry.services import assessment_requests, audit, notices, policies, registrations

_PENDING: Final = Application.Status.PENDING


@transaction.atomic
def accept(*, application_id: int, by: User, at: datetime, decision: str = "") -> list[QueueEntry]:
    """
    Register an application: an entry on every list that it claims, with the moment when it was complete.

    Where a register's confirmed fact speaks against it, `decision` says why it is accepted all the same (a
    document that the register does not have). Sent twice by the same person it acts once.

    :raises IntakeRefused: ALREADY_DECIDED, ALREADY_REGISTERED, REASON_MISSING.
    """
    application = _locked(application_id)
    if application.status == Application.Status.ACCEPTED and application.decided_by_id == by.pk:
        return list(application.entries.order_by("waiting_list__number"))
    _check_pending(application)
    numbers = _free_lists(application)
    policy = policies.figures_in_force(akimat=application.akimat, on=civil_day(at))
    against = _against(application, policy, civil_day(at))
    if against and not decision:
        raise IntakeRefused(IntakeRefusal.REASON_MISSING, against=against)
    return _put_on_lists(application, numbers, policy, decision=decision, by=by, at=at, against=against)


@transaction.atomic
def accept_on_review(*, application_id: int, decision: str, by: User, at: datetime) -> list[QueueEntry]:
    """
    Register an application whose refusal a review overturned, with the moment when it was complete.

    :raises IntakeRefused: ALREADY_DECIDED if it was not refused, ALREADY_REGISTERED, REASON_MISSING.
    """
    application = _locked(application_id)
    if application.status != Application.Status.REFUSED:
        raise IntakeRefused(IntakeRefusal.ALREADY_DECIDED, status=application.status, by="")
    if not decision:
        raise IntakeRefused(IntakeRefusal.REASON_MISSING, against=application.refusal_ground)
    numbers = _free_lists(application)
    policy = policies.figures_in_force(akimat=application.akimat, on=civil_day(at))
    overturned, application.refusal_ground = application.refusal_ground, ""
    return _put_on_lists(application, numbers, policy, decision=decision, by=by, at=at, overturned=overturned)


def _put_on_lists(
    application: Application,
    numbers: Sequence[str],
    policy: Policy,
    *,
    decision: str,
    by: User,
    at: datetime,
    **recorded: str,
) -> list[QueueEntry]:
    """Put an application on lists with the moment when it was complete, and tell the household."""
    complete_at = _moment(application)
    _decide(application, Application.Status.ACCEPTED, decision=decision, by=by, at=at)
    entries = _register(application, numbers, complete_at, by=by, at=at)
    _notify(
        application,
        Notice.Kind.REGISTERED,
        policy,
        at=at,
        lists=numbers,
        registered_at=complete_at.isoformat(),
    )
    _record(application, "application.accepted", by=by, at=at, lists=numbers, **recorded)
    return entries


def _moment(application: Application) -> datetime:
    if application.applicant is None or application.complete_at is None:
        raise ValueError("An application that was filed here has an applicant and a moment.")
    return application.complete_at


def _free_lists(application: Application) -> list[str]:
    """Return the lists that an application claims. :raises IntakeRefused: if the household stands on one."""
    numbers = [claim["list"] for claim in application.claims]
    live = QueueEntry.objects.active().filter(applicant=application.applicant, akimat=application.akimat)
    standing = live.filter(waiting_list__number__in=numbers).first()
    if standing is not None:
        raise IntakeRefused(IntakeRefusal.ALREADY_REGISTERED, file_number=standing.file_number)
    return numbers


def _against(application: Application, policy: Policy, on: date) -> str:
    """Return the code of the first confirmed failure over the claims, or nothing; unknown is no failure."""
    cases = claims.get_cases(application)
    judged = [need.judge(case=case, policy=policy, on=on) for case in cases.values()]
    return next((one.code for one in judged if one.eligibility is need.Eligibility.INELIGIBLE), "")


def _register(
    application: Application, numbers: Sequence[str], moment: datetime, *, by: User, at: datetime
) -> list[QueueEntry]:
    lists = WaitingList.objects.filter(akimat=application.akimat, number__in=numbers).order_by("number")
    entries = registrations.register_many(
        akimat=application.akimat,
        registrations=[
            registrations.Registration(
                application=application,
                waiting_list=waiting_list,
                registered_at=moment,
                document=application.file_number,
            )
            for waiting_list in lists
        ],
        by=by,
        at=at,
        ground=EntryGround.APPLICATION,
    )
    categories = {claim["list"]: claim["category"] for claim in application.claims}
    CategoryPeriod.objects.bulk_create(
        CategoryPeriod(
            entry=entry,
            category=categories[entry.waiting_list.number],
            from_on=civil_day(moment),
            document=application.file_number,
            recorded_by=by,
            recorded_at=at,
        )
        for entry in entries
    )
    assessment_requests.request_assessments(entries=entries, at=at)
    return entries


@transaction.atomic
def refuse(
    *, application_id: int, ground: RefusalGround, decision: str, by: User, at: datetime
) -> Application:
    """
    Refuse to register an application, on a ground of the law and with words on what it rests.

    Where registers speak of the ground, their word is fresh and none of them is held: otherwise they are
    asked again first.

    :raises IntakeRefused: ALREADY_DECIDED, REASON_MISSING, FACTS_NOT_FRESH.
    """
    application = _locked(application_id)
    if application.status == Application.Status.REFUSED and application.decided_by_id == by.pk:
        return application
    _check_pending(application)
    if not decision:
        raise IntakeRefused(IntakeRefusal.REASON_MISSING, against=ground)
    policy, article = (
        policies.figures_in_force(akimat=application.akimat, on=civil_day(at)),
        article_of(ground, on=civil_day(at)),
    )
    _check_facts(application, ground, policy, at)
    application.refusal_ground = ground
    _decide(application, Application.Status.REFUSED, decision=decision, by=by, at=at)
    _notify(
        application,
        Notice.Kind.REFUSED,
        policy,
        at=at,
        ground=ground,
        article=article,
        decision=decision,
        complaint_until=months_after(civil_day(at), months=policy.term("complaint_months")).isoformat(),
        complaint_decided=policy.term("complaint_decided"),
    )
    _record(application, "application.refused", by=by, at=at, ground=ground, article=article)
    return application


def _check_facts(application: Application, ground: RefusalGround, policy: Policy, at: datetime) -> None:
    cases = claims.get_cases(application).values()
    judged = [(case, need.judge(case=case, policy=policy, on=civil_day(at), act_at=at)) for case in cases]
    sources = doubtful_sources(judged, ground, at=at)
    if sources:
        raise IntakeRefused(IntakeRefusal.FACTS_NOT_FRESH, sources=sorted(sources))


@transaction.atomic
def withdraw(*, application_id: int, document: str, by: User, at: datetime) -> Application:
    """
    Close a pending application because the household asks so in writing.

    :raises IntakeRefused: ALREADY_DECIDED, REASON_MISSING without the document.
    """
    application = _locked(application_id)
    if application.status == Application.Status.WITHDRAWN and application.decided_by_id == by.pk:
        return application
    _check_pending(application)
    if not document:
        raise IntakeRefused(IntakeRefusal.REASON_MISSING, against="OWN_REQUEST")
    _decide(application, Application.Status.WITHDRAWN, decision=document, by=by, at=at)
    _record(application, "application.withdrawn", by=by, at=at, document=document)
    return application


def _locked(application_id: int) -> Application:
    return (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "applicant", "decided_by")
        .get(pk=application_id)
    )


def _check_pending(application: Application) -> None:
    if application.status != _PENDING:
        raise IntakeRefused(
            IntakeRefusal.ALREADY_DECIDED,
            status=application.status,
            by=application.decided_by.username if application.decided_by else "",
        )


def _decide(
    application: Application, status: Application.Status, *, decision: str, by: User, at: datetime
) -> None:
    application.status, application.decision = status, decision
    application.decided_by, application.decided_at = by, at
    application.save(
        update_fields=["status", "decision", "decided_by", "decided_at", "refusal_ground"],
    )


def _notify(
    application: Application, kind: Notice.Kind, policy: Policy, *, at: datetime, **facts: Any
) -> None:
    notices.order(
        application=application,
        kind=kind,
        facts=facts,
        due_on=civil_day(at) + timedelta(days=policy.term("notice_days")),
        at=at,
    )


def _record(application: Application, event: str, *, by: User, at: datetime, **data: Any) -> None:
    audit.record(
        akimat=application.akimat,
        by=by,
        at=at,
        event=event,
        target=f"application:{application.pk}",
        file_number=application.file_number,
        **data,
    )
