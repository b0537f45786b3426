"""Entries move by the table only, each move is an event and a record, and the database refuses the rest."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from queue_registry.models import AuditEvent, QueueEntry
from queue_registry.rules.statuses import MoveNotAllowed
from queue_registry.services import queue_entries
from tests.guards import without_guards
from tests.unit.queue_registry.conftest import AT

ONE, TWO = "851231100002", "920330200109"


def test_registering_makes_entry_event_and_record(register):
    first, second = register(ONE, TWO)

    assert [first.file_number, second.file_number] == ["271010-0000001-0", "271010-0000002-9"]
    assert first.events.get().kind == "REGISTERED"
    assert AuditEvent.objects.filter(target=f"queue_entry:{first.pk}").get().data["list"] == "5"


def test_a_person_has_one_live_entry_on_a_list(register):
    register(ONE)
    with (
        pytest.raises(IntegrityError, match="one_live_queue_entry_per_person_and_list"),
        transaction.atomic(),
    ):
        register(ONE, day=9)


def test_a_person_may_stand_on_two_lists(register):
    register(ONE, number="4")
    register(ONE, number="5")
    assert QueueEntry.objects.active().filter(applicant__iin=ONE).count() == 2


def test_a_whole_way_to_a_home_is_told_by_events(register, founded):
    (entry,) = register(ONE)
    by = founded.staff["secretary"]

    queue_entries.suspend(entry_id=entry.pk, by=by, at=AT, ground="CHECK")
    queue_entries.resume(entry_id=entry.pk, by=by, at=AT, ground="CHECK_PASSED")
    queue_entries.mark_offered(entry_id=entry.pk, by=by, at=AT, document="protocol 1")
    queue_entries.mark_housed(entry_id=entry.pk, by=by, at=AT, document="contract 1")

    moves = [(event.moved_from, event.moved_to) for event in entry.events.order_by("pk")]
    assert moves == [
        ("", "WAITING"),
        ("WAITING", "SUSPENDED"),
        ("SUSPENDED", "WAITING"),
        ("WAITING", "OFFERED"),
        ("OFFERED", "HOUSED"),
    ]
    assert AuditEvent.objects.filter(event="queue_entry.moved").count() == 4


def test_a_move_outside_the_table_changes_nothing(register, founded):
    (entry,) = register(ONE)
    with pytest.raises(MoveNotAllowed):
        queue_entries.mark_housed(entry_id=entry.pk, by=founded.staff["clerk"], at=AT, document="")
    entry.refresh_from_db()
    assert (entry.status, entry.events.count()) == ("WAITING", 1)


def test_resuming_an_offered_entry_is_refused(register, founded):
    (entry,) = register(ONE)
    queue_entries.mark_offered(entry_id=entry.pk, by=None, at=AT, document="protocol 1")
    with pytest.raises(MoveNotAllowed):
        queue_entries.resume(entry_id=entry.pk, by=founded.staff["clerk"], at=AT, ground="CHECK_PASSED")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"status": "ASLEEP"}, "queue_entry_status_is_known"),
        ({"waiting_list": None}, "waiting_list_id"),
    ],
)
def test_the_database_refuses_what_can_t_be(register, change, constraint):
    (entry,) = register(ONE)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        QueueEntry.objects.filter(pk=entry.pk).update(**change)


def test_the_register_s_check_is_clean_and_then_names_what_is_broken(register):
    (entry,) = register(ONE)
    out = StringIO()
    call_command("check_register", stdout=out)
    assert "The register is whole." in out.getvalue()
    with without_guards():
        QueueEntry.objects.filter(pk=entry.pk).update(status="HOUSED")

    with pytest.raises(CommandError, match="1 rules are broken"):
        call_command("check_register", stdout=out)

    assert f"the status is the newest event's: 1 ({entry.file_number})" in out.getvalue()
