"""The place passes to a living adult of the co-registered family, with every entry of the application."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from queue_registry.models import (
    AssessmentRequest,
    AuditEvent,
    HouseholdMember,
    Notice,
    Succession,
    WaitingList,
)
from queue_registry.rules.reasons import SuccessionGround
from queue_registry.selectors import invariants, moves, queue
from queue_registry.services import queue_entries, registrations, successions
from tests import factories
from tests.unit.queue_registry.services.moving import AT, refusal, removed

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entry(town):
    return factories.waiting(town, family=[factories.HUSBAND, factories.DAUGHTER])


def member(entry, relation):
    return entry.application.members.get(relation=relation).person


def arguments(town, entry, successor, **changes):
    given = {"entry_id": entry.pk, "ground": SuccessionGround.DEATH, "successor_id": successor.pk}
    return {**given, "document": "Certificate of death No 1", "by": town.clerk, "at": AT, **changes}


def test_the_place_passes_to_the_widower_with_every_entry(town, entry):
    other = factories.waiting(town, number="4", application=entry.application, day=4)
    widower, late = member(entry, "SPOUSE"), entry.applicant
    place = queue.place_of(entry)

    passed = successions.pass_on(**arguments(town, entry, widower))

    for one in (entry, other):
        one.refresh_from_db()
        event = one.events.order_by("-pk").first()
        assert (one.applicant, event.kind, event.ground) == (widower, "APPLICANT_CHANGED", "DEATH")
    entry.application.refresh_from_db()
    assert entry.application.applicant == widower
    assert (passed.predecessor, passed.successor) == (late, widower)
    assert queue.place_of(entry) == place
    assert AssessmentRequest.objects.count() == 2
    assert Notice.objects.get(application=entry.application).kind == "SUCCESSION"
    assert AuditEvent.objects.filter(event="succession.recorded").count() == 1
    assert invariants.impossible() == []


def test_the_successor_is_applicant_and_no_member_any_more(town, entry):
    widower = member(entry, "SPOUSE")
    successions.pass_on(**arguments(town, entry, widower, ground=SuccessionGround.DEPARTURE))

    ended = HouseholdMember.objects.filter(application=entry.application, until_on=date(2026, 9, 1))
    assert [one.person for one in ended] == [widower]
    assert list(moves.family_of(entry.application_id)) == [member(entry, "CHILD").pk]


@pytest.mark.parametrize(("who", "code"), [("child", "NOT_A_SUCCESSOR"), ("stranger", "NOT_A_SUCCESSOR")])
def test_neither_a_child_nor_a_stranger_succeeds(town, entry, who, code):
    successor = member(entry, "CHILD") if who == "child" else factories.PersonFactory()

    assert refusal(successions.pass_on, **arguments(town, entry, successor)) == code


def test_if_nobody_remains_the_reason_is_told(town):
    alone = factories.waiting(town)
    mother = factories.waiting(town, family=[factories.DAUGHTER], day=2)

    for entry in (alone, mother):
        stranger = factories.PersonFactory()
        assert refusal(successions.pass_on, **arguments(town, entry, stranger)) == "NOBODY_REMAINS"


def test_a_successor_of_whom_the_register_is_silent_waits_for_its_answer(town):
    entry = factories.waiting(town, family=[factories.HUSBAND], known=False)

    code = refusal(successions.pass_on, **arguments(town, entry, member(entry, "SPOUSE")))
    assert code == "SUCCESSOR_AGE_NOT_KNOWN"


def register(town, entry, person):
    """Let a person stand on the entry's list by an application of his own."""
    own = factories.waiting(town, number="4", day=20).application
    own.applicant = person
    own.save()
    own.entries.update(applicant=person)
    registrations.register_many(
        akimat=town.akimat,
        registrations=[
            registrations.Registration(
                application=own,
                waiting_list=WaitingList.objects.get(pk=entry.waiting_list_id),
                registered_at=AT,
            )
        ],
        by=town.clerk,
        at=AT,
        ground="APPLICATION",
    )


def test_one_live_entry_per_person_and_list_still_holds(town, entry):
    widower = member(entry, "SPOUSE")
    register(town, entry, widower)

    assert refusal(successions.pass_on, **arguments(town, entry, widower)) == "ANOTHER_LIVE_ENTRY"


def test_an_offer_is_closed_first_and_a_removed_entry_passes_to_nobody(town, entry):
    gone = factories.waiting(town, family=[factories.HUSBAND], day=5)
    removed(town, gone)
    queue_entries.mark_offered(entry_id=entry.pk, by=town.clerk, at=AT, document="R-1")

    assert refusal(successions.pass_on, **arguments(town, entry, member(entry, "SPOUSE"))) == "ENTRY_OFFERED"
    assert refusal(successions.pass_on, **arguments(town, gone, member(gone, "SPOUSE"))) == "ENTRY_NOT_ACTIVE"


def test_a_form_sent_twice_passes_the_place_once(town, entry):
    seen = moves.version_of(entry)
    sent = arguments(town, entry, member(entry, "SPOUSE"), seen=seen)
    successions.pass_on(**sent)

    assert refusal(successions.pass_on, **sent) == "CHANGED_MEANWHILE"
    assert refusal(successions.pass_on, **{**sent, "seen": None, "document": " "}) == "DOCUMENT_MISSING"


def test_nobody_succeeds_himself(town, entry):
    with pytest.raises(IntegrityError, match="succession_to_another_person"), transaction.atomic():
        Succession.objects.create(
            application=entry.application,
            predecessor=entry.applicant,
            successor=entry.applicant,
            ground="DEATH",
            document="x",
            recorded_by=town.clerk,
            recorded_at=AT,
        )
