"""
Applications: filed when all documents are there. They get their permanent file numbers here, and nowhere
else; what is decided on them stands in `application_decisions`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction

from queue_registry.models import (
    Akimat,
    Application,
    ApplicationDocument,
    Consent,
    HouseholdMember,
    Intake,
    User,
)
from queue_registry.rules.calendar import civil_day, kazakhstan
from queue_registry.rules.file_number import file_number
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused, decision_term
from queue_registry.selectors import intakes as selectors
from queue_registry.services import audit, intakes, policies

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
    policy = policies.figures_in_force(akimat=akimat, on=civil_day(at))
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


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
