"""A registration moment changes by one of four grounds, a document and a second person."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from queue_registry.models import AuditEvent, Notice, QueueEntry, RegistrationChange
from queue_registry.rules.reasons import RegistrationChangeGround as Ground
from queue_registry.selectors import invariants, moves, queue
from queue_registry.services import queue_entries, registration_changes
from tests import factories
from tests.unit.queue_registry.services.moving import AT, refusal, removed
from tests.unit.queue_registry.services.test_imports import ANNA, BOTA, known, put_in_and_confirm, spp

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entries(town):
    """Registered on 2 to 6 March 2015."""
    return [factories.waiting(town, day=day) for day in range(1, 6)]


def proposal(town, entry, **changes):
    arguments = {
        "entry_id": entry.pk,
        "ground": Ground.REINSTATEMENT,
        "registered_at": datetime(1998, 3, 1, 5, tzinfo=UTC),
        "document": "Ruling of the court No 7",
        "by": town.clerk,
        "at": AT,
    }
    return {**arguments, **changes}


def test_a_date_seventeen_years_back_inserts_the_entry_where_it_belongs(town, entries):
    last = entries[4]
    effect = moves.effect_of_moment(last, datetime(1998, 3, 1, 5, tzinfo=UTC))
    change = registration_changes.propose(**proposal(town, last))
    assert queue.place_of(last) == 5

    registration_changes.approve(change_id=change.pk, by=town.supervisor, at=AT)

    last.refresh_from_db()
    assert [queue.place_of(entry) for entry in [last, *entries[:4]]] == [1, 2, 3, 4, 5]
    assert (effect.place_from, effect.place_to, effect.others_back, effect.others_forward) == (5, 1, 4, 0)
    event = last.events.order_by("-pk").first()
    assert (event.kind, event.ground, event.document) == (
        "REGISTERED_AT_CHANGED",
        "REINSTATEMENT",
        "Ruling of the court No 7",
    )
    assert Notice.objects.get(application=last.application).kind == "REDATED"
    assert AuditEvent.objects.filter(event="queue_entry.registered_at_changed").count() == 1
    assert invariants.impossible() == []


def test_grounds_that_arose_later_move_an_entry_back_and_the_others_forward(town, entries):
    first = entries[0]
    later = first.registered_at + timedelta(days=2, hours=1)
    effect = moves.effect_of_moment(first, later)

    arguments = proposal(town, first, ground=Ground.GROUNDS_AROSE_LATER, registered_at=later)
    change = registration_changes.propose(**arguments)
    registration_changes.approve(change_id=change.pk, by=town.supervisor, at=AT)

    first.refresh_from_db()
    assert (effect.place_to, effect.others_forward, effect.others_back) == (queue.place_of(first), 2, 0)
    assert effect.place_to == 3


def test_equal_moments_are_told_apart_by_the_file_number(town, entries):
    first, second = entries[:2]

    assert moves.effect_of_moment(first, second.registered_at).place_to == 1
    assert moves.effect_of_moment(second, first.registered_at).place_to == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document": " "}, "DOCUMENT_MISSING"),
        ({"registered_at": AT + timedelta(seconds=1)}, "MOMENT_IN_FUTURE"),
        ({"registered_at": datetime(1990, 6, 1, tzinfo=UTC)}, "MOMENT_TOO_EARLY"),
        ({"ground": Ground.GROUNDS_AROSE_LATER}, "ONLY_LATER"),
        ({"ground": Ground.ORPHAN_TRANSFER}, "ONLY_FOR_ORPHANS"),
        ({"seen": 0}, "CHANGED_MEANWHILE"),
    ],
)
def test_a_proposal_without_its_right_is_refused(town, entries, changes, code):
    assert refusal(registration_changes.propose, **proposal(town, entries[0], **changes)) == code
    assert not RegistrationChange.objects.exists()


def test_orphans_are_transferred_with_their_moment(town):
    orphan = factories.waiting(town, number="2")

    change = registration_changes.propose(**proposal(town, orphan, ground=Ground.ORPHAN_TRANSFER))

    assert change.approved_at is None


def test_a_second_person_approves(town, entries):
    change = registration_changes.propose(**proposal(town, entries[0]))

    arguments = {"change_id": change.pk, "by": town.clerk, "at": AT}
    assert refusal(registration_changes.approve, **arguments) == "SECOND_PERSON_NEEDED"
    with (
        pytest.raises(IntegrityError, match="registration_change_approved_by_another_person"),
        transaction.atomic(),
    ):
        RegistrationChange.objects.filter(pk=change.pk).update(approved_by=town.clerk, approved_at=AT)


def test_what_was_dropped_or_approved_is_closed_and_one_change_is_open(town, entries):
    change = registration_changes.propose(**proposal(town, entries[0]))
    assert refusal(registration_changes.propose, **proposal(town, entries[0])) == "CHANGE_OPEN"

    registration_changes.drop(change_id=change.pk, by=town.clerk, at=AT)

    for act in (registration_changes.drop, registration_changes.approve):
        assert refusal(act, change_id=change.pk, by=town.supervisor, at=AT) == "CHANGE_CLOSED"
    entries[0].refresh_from_db()
    assert queue.place_of(entries[0]) == 1


def test_an_entry_with_an_offer_or_without_a_place_keeps_its_moment(town, entries):
    offered, gone = entries[:2]
    change = registration_changes.propose(**proposal(town, offered))
    queue_entries.mark_offered(entry_id=offered.pk, by=town.clerk, at=AT, document="R-1")
    removed(town, gone)

    arguments = {"change_id": change.pk, "by": town.supervisor, "at": AT}
    assert refusal(registration_changes.approve, **arguments) == "ENTRY_OFFERED"
    assert refusal(registration_changes.propose, **proposal(town, gone)) == "ENTRY_NOT_ACTIVE"


def test_a_file_of_an_old_list_does_not_set_back_what_a_decision_changed(founded):
    known(ANNA, BOTA)
    put_in_and_confirm(founded, spp(("A-1", ANNA, "2019-05-06T10:00:00", 5)))
    entry = QueueEntry.objects.get(applicant__iin=ANNA)
    change = registration_changes.propose(
        entry_id=entry.pk,
        ground=Ground.REINSTATEMENT,
        registered_at=datetime(2002, 3, 1, 5, tzinfo=UTC),
        document="Ruling of the court No 7",
        by=founded.staff["clerk"],
        at=AT,
    )
    registration_changes.approve(change_id=change.pk, by=founded.staff["supervisor"], at=AT)

    put_in_and_confirm(founded, spp(("A-2", BOTA, "2019-05-07T10:00:00", 5), name="later.csv"))

    entry.refresh_from_db()
    assert entry.registered_at == datetime(2002, 3, 1, 5, tzinfo=UTC)
    assert QueueEntry.objects.filter(applicant__iin=BOTA).exists()
    assert invariants.impossible() == []
