"""Answers of the state systems without a network: what a worker stores of a question that is open."""

import uuid

from integrations import retries
from integrations.contract import Answer, Fact, FactKind, Outcome
from integrations.exchanges import AnsweredCheck
from integrations.models import CheckAttempt, CheckRequest
from integrations.sources import ADAPTERS
from queue_registry.models import SourceAnswer
from queue_registry.services import source_answers
from tests import factories

HOME = {
    "cadastral": "",
    "rka": "",
    "kind": "dwelling",
    "kato": factories.KATO,
    "area": "50",
    "share": "1/2",
    "acquired": "2026-08-11",
    "disposed": None,
}


def person_facts(person, *, died=None, citizenship="KAZ", kato=factories.KATO):
    """What the population register says of a person; `kato` None: registered nowhere."""
    return [
        (
            FactKind.PERSON,
            {
                "last": person.last_name,
                "first": person.first_name,
                "middle": "",
                "birth_date": "1991-02-03",
                "death_date": died,
                "sex": "f",
                "citizenship": citizenship,
            },
        ),
        (
            FactKind.REGISTRATION,
            {"kato": kato, "rka": "1" * 16 if kato else None, "since": "2010-01-01" if kato else None},
        ),
    ]


def hear(question, outcome, *, at, facts=()):
    """One open question got its answer; nothing else happens."""
    question = CheckRequest.objects.get(pk=question.pk)
    question.state, question.leased_at, question.leased_by = "LEASED", at, uuid.uuid4()
    question.save()
    attempt = CheckAttempt.objects.create(
        message_id=uuid.uuid4(), request=question, source=question.source, asked_at=at
    )
    answer = Answer(
        key=question.key,
        outcome=outcome,
        raw_code="INVENTED",
        facts=tuple(
            Fact(kind=kind, subject_iin=question.subject_iin, value=value, source=question.source)
            for kind, value in facts
        ),
        source_as_of=at,
        fetched_at=at,
    )
    verdict = retries.after(
        answer,
        definition=ADAPTERS[question.source].definition,
        failures=question.failures,
        attempt=question.attempts + 1,
        deadline_at=question.deadline_at,
        at=at,
    )
    source_answers.store(
        answered=[
            AnsweredCheck(request=question, attempt=attempt, envelope=b"", answer=answer, verdict=verdict)
        ],
        at=at,
    )


def told(person, source, outcome, *, at, facts=()):
    """A source says something new of a person, asked for the inventory."""
    question = CheckRequest.objects.create(
        key=uuid.uuid4().hex * 2,
        source=source,
        operation=ADAPTERS[source].definition.operations[0],
        contract_version="1",
        subject_iin=person.iin,
        purpose="inventory",
        bucket=f"{at:%Y-%m-%d %H:%M:%S.%f}",
        lane="BULK",
        requested_at=at,
        next_attempt_at=at,
        deadline_at=at + ADAPTERS[source].definition.deadline,
    )
    hear(question, outcome, at=at, facts=facts)
    return SourceAnswer.objects.filter(person=person, source=source, superseded_at__isnull=True).first()


def owns(person, *, at):
    """The cadastre finds half a dwelling."""
    return told(person, "egkn", Outcome.FOUND, at=at, facts=[(FactKind.PROPERTY_RIGHT, HOME)])


def open_second_looks():
    """The questions of second looks that nobody has answered yet."""
    return list(CheckRequest.objects.filter(purpose="second-look", state="DUE").order_by("source", "pk"))
