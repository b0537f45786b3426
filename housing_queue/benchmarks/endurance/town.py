"""The invented town in the register: entries on their lists, everybody's consent, all questions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from housing_queue import founding
from housing_queue.benchmarks.endurance.world import KATO, Household
from integrations import services as outbox
from integrations.sources import ADAPTERS
from queue_registry.models import Akimat, Application, Consent, Person, User, WaitingList
from queue_registry.rules.calendar import civil_day
from queue_registry.services import applications, registrations, source_questions

# The sixteen of the list; what stands in reserve is asked only where a rule needs it.
SYSTEMS: Final = tuple(code for code in ADAPTERS if code not in {"mod", "emergency_housing"})
_BATCH: Final = 1_000


@transaction.atomic
def settle(made: Sequence[Household], *, at: datetime) -> None:
    """Found an akimat and put every household on its list, with the consents of all."""
    founded = founding.found(kato=KATO, at=at, on=civil_day(at))
    move_in(made, akimat=founded.akimat, clerk=founded.staff["clerk"], at=at)


def move_in(made: Sequence[Household], *, akimat: Akimat, clerk: User, at: datetime) -> None:
    """Put every household on its list in an akimat, with the consents of all."""
    people = Person.objects.bulk_create(
        [Person(iin=line["iin"]) for household in made for line in household.people], batch_size=_BATCH
    )
    Consent.objects.bulk_create(
        [
            Consent(
                person=person,
                text_version="2026-1",
                channel=Consent.Channel.PAPER,
                evidence="invented",
                given_at=at,
                recorded_by=clerk,
            )
            for person in people
        ],
        batch_size=_BATCH,
    )
    by_iin = {person.iin: person for person in people}
    filed = applications.number_many(
        akimat=akimat,
        applications=[
            Application(applicant=by_iin[one.applicant], origin="DESK", entered_by=clerk, entered_at=at)
            for one in made
        ],
    )
    lists = {one.number: one for one in WaitingList.objects.filter(akimat=akimat)}
    registrations.register_many(
        akimat=akimat,
        registrations=[
            registrations.Registration(
                application=application,
                waiting_list=lists[household.waiting_list],
                registered_at=at - timedelta(days=3_000, minutes=index),
            )
            for index, (application, household) in enumerate(zip(filed, made, strict=True))
        ],
        by=clerk,
        at=at,
        ground="APPLICATION",
    )


def ask_everything(made: Sequence[Household], *, at: datetime) -> int:
    """Put a question about each person to each system into the outbox; return how many."""
    count, iins = 0, [line["iin"] for household in made for line in household.people]
    for start in range(0, len(iins), _BATCH):
        portion = iins[start : start + _BATCH]
        consents = dict(Consent.objects.filter(person__iin__in=portion).values_list("person__iin", "pk"))
        count += outbox.enqueue(
            [
                source_questions.query(iin, system, at=at, by="endurance", consent_ref=str(consents[iin]))
                for iin in portion
                for system in SYSTEMS
            ],
            at=at,
        )
    return count
