"""People on lists with their categories, and people who got homes, for tests of what is published."""

from datetime import UTC, date, datetime, timedelta

from queue_registry.models import Akimat, Application, CategoryPeriod, ListYearCount, QueueEntry, WaitingList
from queue_registry.services import applications, queue_entries, registrations
from tests import factories
from tests.factories import AT


def of_category(town, category, count, *, number="5", first_day=1) -> list[QueueEntry]:
    """So many households on a list by one category, registered a day after each other."""
    entries = [
        factories.waiting(town, number=number, day=first_day + index, known=False) for index in range(count)
    ]
    CategoryPeriod.objects.bulk_create(
        CategoryPeriod(
            entry=entry,
            category=category,
            from_on=date(2015, 3, 2),
            document="Application",
            recorded_by=town.clerk,
            recorded_at=AT,
        )
        for entry in entries
    )
    return entries


def recorded(town, *, day=1, at) -> QueueEntry:
    """A household whose registration the register wrote down at a moment."""
    person = factories.PersonFactory()
    (application,) = applications.number_many(
        akimat=town.akimat,
        applications=[
            Application(
                applicant=person, origin=Application.Origin.DESK, entered_by=town.clerk, entered_at=at
            )
        ],
    )
    registration = registrations.Registration(
        application=application,
        waiting_list=WaitingList.objects.get(akimat=town.akimat, number="5"),
        registered_at=datetime(2015, 3, 1, 5, tzinfo=UTC) + timedelta(days=day),
    )
    (entry,) = registrations.register_many(
        akimat=town.akimat, registrations=[registration], by=town.clerk, at=at, ground="APPLICATION"
    )
    return entry


def house(town, entry, *, at=AT) -> None:
    """The household gets its home."""
    queue_entries.mark_offered(entry_id=entry.pk, by=None, at=at, document="Protocol 1")
    queue_entries.mark_housed(entry_id=entry.pk, by=town.clerk, at=at, document="Contract 1")


def other(kato, *, waiting=0):
    """Another akimat with its lists, and people who are counted."""
    akimat = Akimat.objects.create(kato=kato, name_kk=f"Әкімдік {kato}", name_ru=f"Акимат {kato}")
    for number in "123456":
        waiting_list = WaitingList.objects.create(akimat=akimat, number=number)
        if waiting:
            ListYearCount.objects.create(
                waiting_list=waiting_list, year=date(2015, 1, 1), entries=waiting, months=[waiting] + [0] * 11
            )
    return akimat
