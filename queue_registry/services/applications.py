"""
Applications: filed when all documents are there, then accepted, refused or withdrawn. They get their
permanent file numbers here, and nowhere else.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from queue_registry.models import (
    Akimat,
    Application,
    ApplicationDocument,
    CategoryPeriod,
    Consent,
    HouseholdMember,
    Intake,
    Notice,
    QueueEntry,
    User,
    WaitingList,
)
from queue_registry.rules import need
from queue_registry.rules.calendar import civil_day, kazakhstan
from queue_registry.rules.file_number import file_number
from queue_registry.rules.ground_articles import article_of
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused, decision_term, months_after
from queue_registry.rules.policy import Policy
from queue_registry.rules.reasons import RefusalGround
from queue_registry.rules.refusals import doubtful_sources
from queue_registry.selectors import claims
from queue_registry.selectors import intakes as selectors
from queue_registry.services import audit, checks, intakes, notices, policies, queue_entries

_PENDING: Final = Application.Status.PENDING


@transaction.atomic
def number_many(*, akimat: Akimat, applications: Sequence[Application]) -> list[Application]:
    """
    Store new applications under the next running numbers, in the given order: the order of registration.

    The akimat's row is locked, so that a number is never given twice and never given back.
    """
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    for application in applications:
        locked.last_running_number += 1
        application.akimat = locked
        application.running_number = locked.last_running_number
        application.file_number = file_number(kato=locked.kato, running_number=locked.last_running_number)
    locked.save(update_fields=["last_running_number"])
    return Application.objects.bulk_create(applications, batch_size=2_000)


@transaction.atomic
def file(
    *,
    intake_id: int,
    version: int,
    by: User,
    at: datetime,
    origin: Application.Origin = Application.Origin.DESK,
) -> Application:
    """
    File an intake whose documents are all there: `at` is the registration moment, and the number is given.

    Sent twice it is filed once. (Art 71 of the Housing Law; the term of the decision is the policy's.)

    :raises IntakeRefused: INCOMPLETE with what is missing, CLAIMS_MISSING, ALREADY_REGISTERED, INTAKE_OPEN,
        CHANGED_MEANWHILE, INTAKE_CLOSED.
    :raises queue_registry.services.policies.PolicyNotFound: if no policy is in force.
    :raises queue_registry.rules.calendar.YearUnknown: if the term runs into a year without data.
    """
    # The akimat first: moments and numbers follow each other, and no household is filed twice at once.
    akimat_id = Intake.objects.values_list("akimat_id", flat=True).get(pk=intake_id)
    akimat = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat_id)
    intake = intakes.lock(intake_id)
    if intake.application is not None:
        return intake.application
    intakes.check_version(intake, version)
    picture = _complete(intake, at)
    policy = _policy(akimat, civil_day(at))
    term = decision_term(
        kinds=intake.documents.values_list("kind", flat=True), unanswered=bool(picture.unanswered)
    )
    (application,) = number_many(
        akimat=akimat,
        applications=[
            Application(
                applicant=intake.applicant,
                applicant_name=intake.applicant.full_name,
                origin=origin,
                entered_by=by,
                entered_at=at,
                status=_PENDING,
                complete_at=at,
                decide_by=kazakhstan().working_day_after(civil_day(at), count=policy.term(term)),
                claims=intake.claims,
            )
        ],
    )
    _take_over(intake, application, picture, at=at)
    audit.record(
        akimat=akimat,
        by=by,
        at=at,
        event="application.filed",
        target=f"application:{application.pk}",
        file_number=application.file_number,
        intake=intake.pk,
        claims=intake.claims,
        documents=sorted(intake.documents.values_list("sha256", flat=True)),
        term=term,
        decide_by=_iso(application.decide_by),
    )
    return application


def _complete(intake: Intake, at: datetime) -> selectors.Picture:
    if not intake.claims:
        raise IntakeRefused(IntakeRefusal.CLAIMS_MISSING)
    picture = selectors.get_picture(intake, at=at)
    there = set(intake.documents.values_list("kind", flat=True))
    papers = [paper for paper in picture.papers if paper.value not in there]
    if papers or picture.without_consent:
        raise IntakeRefused(IntakeRefusal.INCOMPLETE, papers=papers, consents=list(picture.without_consent))
    _refuse_twice(intake, picture)
    return picture


def _refuse_twice(intake: Intake, picture: selectors.Picture) -> None:
    """
    Nobody of the household may be the applicant of another live application, or of one that is being entered.

    An applicant who was a member there was let in with a reason: that household is another one.
    """
    people = [member.facts.person for member in picture.household.members]
    known = selectors.find_known(people, akimat=intake.akimat, but=intake)
    left = {one.application for one in known if one.person == intake.applicant_id and not one.applicant}
    for one in known:
        if one.applicant and one.application and one.application not in left:
            raise IntakeRefused(IntakeRefusal.ALREADY_REGISTERED, file_number=one.file_number)
        if one.applicant and one.intake:
            raise IntakeRefused(IntakeRefusal.INTAKE_OPEN, intake=one.intake.pk if one.own else None)


def _take_over(intake: Intake, application: Application, picture: selectors.Picture, *, at: datetime) -> None:
    """Members, documents and consents of the intake become the application's."""
    HouseholdMember.objects.bulk_create(
        HouseholdMember(
            application=application,
            person_id=member["person"],
            relation=member["relation"],
            from_on=civil_day(at),
        )
        for member in intake.members
    )
    ApplicationDocument.objects.filter(intake=intake).update(application=application)
    people = [member.facts.person for member in picture.household.members]
    Consent.objects.in_force(at).filter(person__in=people, application__isnull=True).update(
        application=application
    )
    intake.application = application
    intake.save(update_fields=["application"])


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
    complete_at = _moment(application)
    numbers = _free_lists(application)
    policy = _policy(application.akimat, civil_day(at))
    against = _against(application, policy, civil_day(at))
    if against and not decision:
        raise IntakeRefused(IntakeRefusal.REASON_MISSING, against=against)
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
    _record(application, "application.accepted", by=by, at=at, lists=numbers, against=against)
    return entries


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
    complete_at, numbers = _moment(application), _free_lists(application)
    policy, overturned = _policy(application.akimat, civil_day(at)), application.refusal_ground
    application.refusal_ground = ""
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
    _record(application, "application.accepted", by=by, at=at, lists=numbers, overturned=overturned)
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
    entries = queue_entries.register_many(
        akimat=application.akimat,
        registrations=[
            queue_entries.Registration(
                application=application,
                waiting_list=waiting_list,
                registered_at=moment,
                document=application.file_number,
            )
            for waiting_list in lists
        ],
        by=by,
        at=at,
        ground=queue_entries.Ground.APPLICATION,
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
    checks.request_assessments(entries=entries, at=at)
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
    policy, article = _policy(application.akimat, civil_day(at)), article_of(ground, on=civil_day(at))
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


def _policy(akimat: Akimat, on: date) -> Policy:
    return Policy.from_document(policies.policy_in_force(akimat=akimat, on=on).document)


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


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
