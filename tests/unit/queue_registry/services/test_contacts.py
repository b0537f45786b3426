"""By what people are reached: one of each at a time, the earlier kept; from lists and from desks."""

import pytest
from django.db import IntegrityError, transaction

from queue_registry.models import AuditEvent, ContactPoint
from queue_registry.rules.contacts import ContactRefused
from queue_registry.services import contacts
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.services.sending import GOOD, reached

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town)


def test_the_newest_takes_the_place_of_the_earlier_which_is_kept(town, entry):
    first = reached(town, entry, "8 700 000 11 11")
    second = reached(town, entry, "+77000002222", language="ru")

    first.refresh_from_db()
    assert (first.value, first.ended_at, second.ended_at) == (GOOD, AT, None)
    assert ContactPoint.objects.filter(person=entry.applicant_id).count() == 2
    acts = AuditEvent.objects.filter(event="contact_point.recorded").order_by("seq")
    assert [act.data["replaced"] for act in acts] == [False, True]


def test_sent_twice_it_acts_once(town, entry):
    first, again = reached(town, entry), reached(town, entry, "87000001111")

    assert first == again
    assert AuditEvent.objects.filter(event="contact_point.recorded").count() == 1


def test_an_email_stands_beside_a_telephone(town, entry):
    reached(town, entry)
    reached(town, entry, "anna@example.com", channel="EMAIL")

    current = ContactPoint.objects.filter(person=entry.applicant_id, ended_at__isnull=True)
    assert sorted(current.values_list("channel", flat=True)) == ["EMAIL", "SMS"]


def test_what_is_none_is_refused_and_nothing_changes(town, entry):
    kept = reached(town, entry)

    with pytest.raises(ContactRefused):
        reached(town, entry, "12345")

    kept.refresh_from_db()
    assert kept.ended_at is None
    assert ContactPoint.objects.count() == 1


def test_one_that_ended_is_ended_once(town, entry):
    reached(town, entry)
    about = {"akimat": town.akimat, "person_id": entry.applicant_id, "target": "application:1"}

    ended = contacts.end(channel="SMS", by=town.clerk, at=AT, **about)

    assert ended.ended_at == AT
    assert contacts.end(channel="SMS", by=town.clerk, at=AT, **about) is None
    assert AuditEvent.objects.filter(event="contact_point.ended").count() == 1


def test_a_list_gives_a_telephone_to_whom_nobody_ever_asked(town):
    told, ended, new = (factories.waiting(town, day=day) for day in (1, 2, 3))
    reached(town, told)
    reached(town, ended)
    contacts.end(
        akimat=town.akimat,
        person_id=ended.applicant_id,
        channel="SMS",
        target="application:1",
        by=town.clerk,
        at=AT,
    )
    phones = {entry.applicant_id: "+77000009999" for entry in (told, ended, new)}

    assert contacts.take_from_lists(phones=phones, at=AT) == 1
    assert contacts.take_from_lists(phones=phones, at=AT) == 0

    taken = ContactPoint.objects.get(value="+77000009999")
    assert (taken.person_id, taken.recorded_by, taken.language) == (new.applicant_id, None, "kk")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"channel": "LETTER"}, "contact_point_channel_is_known"),
        ({"value": ""}, "contact_point_has_a_value"),
        ({"language": "en"}, "contact_point_language_is_known"),
    ],
)
def test_the_database_refuses_a_contact_that_cannot_be(town, entry, changes, name):
    contact = reached(town, entry)

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ContactPoint.objects.filter(pk=contact.pk).update(**changes)


def test_the_database_keeps_one_current_telephone(town, entry):
    contact = reached(town, entry)

    with pytest.raises(IntegrityError, match="one_current_contact_point_per_channel"), transaction.atomic():
        ContactPoint.objects.create(
            person=contact.person, channel="SMS", value="+77000002222", recorded_at=AT
        )
