"""Facts of an application that are no longer fresh are asked again, so that a decision can rest on them."""

from datetime import datetime
from typing import Final

from django.db import transaction

from integrations import services as outbox
from integrations.contract import Lane
from queue_registry.models import Application, Person, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused
from queue_registry.rules.sources import Question, questions
from queue_registry.selectors import claims, consents
from queue_registry.services import audit, source_questions

PURPOSE: Final = "decision"


@transaction.atomic
def ask_again(*, application_id: int, by: User, at: datetime) -> int:
    """
    Put the questions about a pending application's household whose answers are stale once more; return how
    many were new. What a consent does not cover is not asked.

    :raises IntakeRefused: ALREADY_DECIDED.
    """
    application = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "decided_by")
        .get(pk=application_id)
    )
    if application.status != Application.Status.PENDING:
        raise IntakeRefused(
            IntakeRefusal.ALREADY_DECIDED,
            status=application.status,
            by=application.decided_by.username if application.decided_by else "",
        )
    asked = _stale(application, at)
    iins = dict(
        Person.objects.filter(pk__in={question.person for question in asked}).values_list("pk", "iin")
    )
    made = outbox.enqueue(
        [
            source_questions.query(
                iins[question.person],
                question.source,
                at=at,
                by=by.username,
                lane=Lane.INTERACTIVE,
                purpose=PURPOSE,
                bucket=str(answer),
                consent_ref=reference,
            )
            for question, (answer, reference) in asked.items()
        ],
        at=at,
        freshness=outbox.Freshness.ASK_ANYWAY,
    )
    audit.record(
        akimat=application.akimat,
        by=by,
        at=at,
        event="application.asked_again",
        target=f"application:{application.pk}",
        file_number=application.file_number,
        questions=made,
    )
    return made


def _stale(application: Application, at: datetime) -> dict[Question, tuple[int, str]]:
    """Stale answers that a consent lets be asked again: the key of each, and the consent."""
    on, cases = civil_day(at), claims.get_cases(application)
    given = consents.of_cases(cases.values(), at=at)
    found = {}
    for case in cases.values():
        children = consents.minors(case, on=on)
        for question in sorted(questions(case=case, on=on), key=lambda one: (one.person, one.source)):
            facts = case.people.get(question.person)
            receipt = facts.receipts.get(question.source) if facts else None
            consent = given.of(question, applicant=case.applicant, is_minor=question.person in children)
            if receipt is None or receipt.answer is None or receipt.is_fresh(at) or consent is None:
                continue
            found[question] = (receipt.answer, consent.reference)
    return found
