"""
Consents come and go: recorded, taken back, asked for. Whom they cover is worked out by `selectors.consents`.

Taking back stops questions at once and removes nobody: facts stay visible, places stay.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from integrations import consent_tokens, withdrawals
from integrations.contract import Lane
from integrations.models import OPEN_STATES, CheckRequest
from queue_registry.models import (
    Application,
    Consent,
    ConsentChannel,
    ConsentContact,
    ConsentWithdrawal,
    ImportBatch,
    Person,
    User,
)
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused
from queue_registry.rules.sources import questions
from queue_registry.selectors import consent_work, consents
from queue_registry.selectors.facts import people_facts
from queue_registry.services import assessment_requests, audit, source_questions

TEXT: Final = "2026-1"
"""Version of the text that people sign today."""

LIST_TEXT: Final = "list"
"""What people of an old list signed stands in its papers, in the words of its time."""

_BATCH: Final = 5_000
# Longer than the time between two looks, so that a missed one is made up for.
_LATELY: Final = timedelta(days=3)


def record_for_list(*, batch: ImportBatch, people: Iterable[Person], by: User, at: datetime) -> int:
    """Keep that the people of an old list, and the adults of their families, signed; return how many."""
    if not batch.consent_document:
        return 0
    rows = [
        Consent(
            person=person,
            import_batch=batch,
            text_version=LIST_TEXT,
            for_household=True,
            channel=ConsentChannel.PAPER,
            evidence=batch.consent_document,
            given_at=at,
            recorded_by=by,
        )
        # Two numbers on one list may be one person's.
        for person in {one.pk: one for one in people}.values()
    ]
    return len(Consent.objects.bulk_create(rows, batch_size=_BATCH))


@transaction.atomic
def record(
    *,
    application_id: int,
    person_id: int,
    channel: str,
    evidence: str,
    by: User | str,
    at: datetime,
    scope: Collection[str] = (),
    for_household: bool = False,
    until: datetime | None = None,
) -> Consent:
    """
    Record that somebody of a household agreed to the registers being asked; what it covers is asked at once.
    `by` is a text where no person of staff recorded it.

    :raises IntakeRefused: NOT_OF_THE_HOUSEHOLD.
    """
    application = _locked(application_id, person_id, at)
    same = {"person_id": person_id, "channel": channel, "evidence": evidence, "scope": sorted(scope)}
    given = Consent.objects.in_force(at).filter(for_household=for_household, until=until, **same).first()
    if given is not None:
        return given
    given = Consent.objects.create(
        application=application,
        text_version=TEXT,
        for_household=for_household,
        given_at=at,
        until=until,
        recorded_by=_staff(by),
        **same,
    )
    _ask_while_pending(application, by=by, at=at)
    assessment_requests.request_assessments(
        entries=assessment_requests.entries_about({person_id}, at=at), at=at
    )
    _record(application, "consent.recorded", by=by, at=at, consent=given.pk, channel=channel)
    return given


def _ask_while_pending(application: Application, *, by: User | str, at: datetime) -> None:
    """An application that nobody decided yet has no entry that would be judged again."""
    if application.status != Application.Status.PENDING:
        return
    cases = consent_work.cases_of_application(application)
    given, on = consents.of_cases(cases, at=at), civil_day(at)
    asked = {
        question: one
        for case in cases
        for question, one in consents.due(case, questions(case=case, on=on), given, on=on).items()
    }
    source_questions.put(asked, at=at, by=_name(by), lane=Lane.INTERACTIVE)


@transaction.atomic
def withdraw(
    *, application_id: int, person_id: int, channel: str, evidence: str, by: User | str, at: datetime
) -> ConsentWithdrawal:
    """
    Take back every consent that a person gave: no register is asked any more about the person, nor about the
    minors for whom only that person signed. Adults who signed the same paper go on being asked about.

    Open questions are closed, an answer on its way makes no facts, tokens are good for nothing. Nobody is
    removed, and nothing that is known is forgotten.

    :raises IntakeRefused: NOT_OF_THE_HOUSEHOLD.
    """
    application = _locked(application_id, person_id, at)
    newest = ConsentWithdrawal.objects.filter(person=person_id).order_by("-withdrawn_at", "-pk").first()
    same = {"channel": channel, "evidence": evidence}
    if (
        newest is not None
        and {"channel": newest.channel, "evidence": newest.evidence} == same
        and not Consent.objects.in_force(at).filter(person=person_id).exists()
    ):
        return newest
    taken_back = ConsentWithdrawal.objects.create(
        person_id=person_id, withdrawn_at=at, recorded_by=_staff(by), **same
    )
    people = consent_work.people_spoken_for(person_id)
    iins = dict(Person.objects.filter(pk__in=people).values_list("pk", "iin"))
    asked = list(CheckRequest.objects.filter(subject_iin__in=iins.values(), state__in=OPEN_STATES))
    closed = withdrawals.close(rows=consents.list_refused(asked, at=at), at=at)
    facts = people_facts(people)
    silent = {person_id, *consents.minors_of(facts[person_id], facts, on=civil_day(at))}
    tokens = consent_tokens.revoke(iins=[iins[key] for key in sorted(silent)], by=_name(by), at=at)
    assessment_requests.request_assessments(entries=assessment_requests.entries_about(people, at=at), at=at)
    _record(
        application,
        "consent.withdrawn",
        by=by,
        at=at,
        withdrawal=taken_back.pk,
        channel=channel,
        questions_closed=closed,
        tokens_revoked=tokens,
    )
    return taken_back


@transaction.atomic
def notice_ended(*, at: datetime) -> int:
    """
    Let the entries be judged again whose people gave a consent that ended lately, so that they are on the
    list of those to contact; return how many entries. Done twice it says the same twice.
    """
    entries = assessment_requests.entries_about(consents.list_ended(since=at - _LATELY, at=at), at=at)
    assessment_requests.request_assessments(entries=entries, at=at)
    return len(entries)


@transaction.atomic
def record_contact(
    *,
    application_id: int,
    person_id: int,
    channel: str,
    result: str,
    note: str,
    seen: int,
    by: User,
    at: datetime,
) -> ConsentContact:
    """
    Record an attempt to reach a person whose consent is missing. `seen` is how many attempts of the case the
    page knew: the same form sent twice is one attempt.

    :raises IntakeRefused: NOT_OF_THE_HOUSEHOLD.
    """
    application = _locked(application_id, person_id, at)
    earlier = ConsentContact.objects.filter(application=application).order_by("-at", "-pk")
    newest = earlier.first()
    if newest is not None and earlier.count() > seen:
        told = (newest.person_id, newest.channel, newest.result, newest.note, newest.by_id)
        if told == (person_id, channel, result, note, by.pk):
            return newest
    contact = ConsentContact.objects.create(
        person_id=person_id,
        application=application,
        channel=channel,
        result=result,
        note=note,
        at=at,
        by=by,
    )
    _record(
        application, "consent.asked_for", by=by, at=at, contact=contact.pk, channel=channel, result=result
    )
    return contact


def _locked(application_id: int, person_id: int, at: datetime) -> Application:
    application = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat")
        .get(pk=application_id)
    )
    if person_id not in consent_work.household_of(application, on=civil_day(at)):
        raise IntakeRefused(IntakeRefusal.NOT_OF_THE_HOUSEHOLD)
    return application


def _staff(by: User | str) -> User | None:
    return None if isinstance(by, str) else by


def _name(by: User | str) -> str:
    return by if isinstance(by, str) else by.username


def _record(application: Application, event: str, *, by: User | str, at: datetime, **data: object) -> None:
    audit.record(
        akimat=application.akimat,
        by=by,
        at=at,
        event=event,
        target=f"application:{application.pk}",
        file_number=application.file_number,
        **data,
    )
