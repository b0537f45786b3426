"""A founded akimat and invented applicants, for tests of the register's rows and services."""

from datetime import UTC, date, datetime

import pytest

from housing_queue import founding
from queue_registry.models import Application, Person, WaitingList
from queue_registry.services import applications, registrations

AT = datetime(2026, 9, 1, 4, tzinfo=UTC)


@pytest.fixture
def founded(db):
    return founding.found(kato="271010000", at=AT, on=date(2026, 9, 1))


@pytest.fixture
def register(founded):
    """Put people (invented IINs) on a list in the given order, one day apart; return their entries."""

    def put(*iins, number="5", day=1):
        people = [Person.objects.get_or_create(iin=iin)[0] for iin in iins]
        filed = applications.number_many(
            akimat=founded.akimat,
            applications=[
                Application(
                    applicant=person,
                    origin=Application.Origin.DESK,
                    entered_by=founded.staff["clerk"],
                    entered_at=AT,
                )
                for person in people
            ],
        )
        waiting_list = WaitingList.objects.get(akimat=founded.akimat, number=number)
        return registrations.register_many(
            akimat=founded.akimat,
            registrations=[
                registrations.Registration(
                    application=application,
                    waiting_list=waiting_list,
                    registered_at=datetime(2015, 3, day + index, 5, tzinfo=UTC),
                )
                for index, application in enumerate(filed)
            ],
            by=founded.staff["clerk"],
            at=AT,
            ground="APPLICATION",
        )

    return put
