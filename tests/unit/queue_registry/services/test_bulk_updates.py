"""No statement moves an entry past its history: the database refuses the commit and names what is missing."""

from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from queue_registry.models import Akimat, AuditEvent, ListYearCount, QueueEntry, QueueEntryEvent, WaitingList
from queue_registry.services import audit, bulk_moves, entry_changes, queue_entries, registrations
from tests import factories
from tests.guards import EVENT_HAS_ITS_RECORD, MOVES_WITH_ITS_EVENT, without_guards

pytestmark = pytest.mark.django_db(transaction=True)

AT = factories.AT + timedelta(days=1)


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture
def entries(town):
    files = [factories._file(town, family=(), facts=[], born=None, known=False) for _ in range(3)]
    return registrations.register_many(
        akimat=town.akimat,
        registrations=[
            registrations.Registration(
                application=file,
                waiting_list=WaitingList.objects.get(akimat=town.akimat, number="5"),
                registered_at=factories.AT - timedelta(days=number),
            )
            for number, file in enumerate(files, 1)
        ],
        by=town.clerk,
        at=factories.AT,
        ground="IMPORT",
    )


@contextmanager
def refused_at_commit(constraint):
    """The block is a transaction, and the constraint of this name refuses it."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert caught.value.__cause__.diag.constraint_name == constraint


def state():
    return list(QueueEntry.objects.order_by("pk").values("pk", "status", "registered_at", "waiting_list"))


def event(entry, **changes):
    """An event of the entry as it stands, with changes, written past the services."""
    stands = {
        "kind": "MOVED",
        "moved_from": "WAITING",
        "moved_to": entry.status,
        "registered_at": entry.registered_at,
        "list_number": entry.waiting_list.number,
        "waiting_list_id": entry.waiting_list_id,
        "holds_from": AT,
        "recorded_at": AT,
    }
    return QueueEntryEvent.objects.create(entry=entry, **stands | changes)


def record(akimat, entry):
    audit.record(akimat=akimat, by="test", at=AT, event="queue_entry.moved", target=f"queue_entry:{entry.pk}")


@pytest.mark.parametrize("change", ["status", "moment", "list"])
def test_a_bulk_update_is_refused(town, entries, change):
    changes = {
        "status": {"status": "HOUSED"},
        "moment": {"registered_at": F("registered_at") - timedelta(days=900)},
        "list": {"waiting_list": WaitingList.objects.get(akimat=town.akimat, number="4")},
    }
    before = state()

    with refused_at_commit(MOVES_WITH_ITS_EVENT):
        QueueEntry.objects.update(**changes[change])

    assert state() == before


def test_a_raw_update_outside_of_any_transaction_is_refused_at_once(entries):
    before = state()
    with pytest.raises(IntegrityError, match=MOVES_WITH_ITS_EVENT), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE queue_registry_queueentry SET status = 'SUSPENDED' WHERE id = %s", [entries[0].pk]
        )
    assert state() == before


def test_one_entry_of_many_without_its_event_undoes_them_all(town, entries):
    before = state()
    with refused_at_commit(MOVES_WITH_ITS_EVENT):
        queue_entries.suspend(entry_id=entries[0].pk, by=town.clerk, at=AT, ground="OWN_REQUEST")
        QueueEntry.objects.filter(pk=entries[1].pk).update(status="SUSPENDED")
    assert state() == before
    assert QueueEntryEvent.objects.count() == len(entries)


@pytest.mark.parametrize("act", [bulk_moves.hold_many, bulk_moves.mark_offered_many, entry_changes.settle])
def test_the_head_of_the_trail_is_taken_before_an_entry_changes(town, entries, act):
    """Counters change with an entry, and under the head alone can two acts not wait for each other's."""
    with CaptureQueriesContext(connection) as asked:
        act(**arguments(act, town, entries[:1]), at=AT)

    statements = [one["sql"] for one in asked]
    taken = [n for n, sql in enumerate(statements) if "queue_registry_record(" in sql or "trailhead" in sql]
    changed = [n for n, sql in enumerate(statements) if 'UPDATE "queue_registry_queueentry"' in sql]
    assert taken[0] < changed[0]


def arguments(act, town, chosen):
    """What the act needs to change the chosen entries."""
    if act is entry_changes.settle:
        settled = entry_changes.Settled(
            waiting_list=chosen[0].waiting_list,
            registered_at=chosen[0].registered_at - timedelta(days=900),
            time_known=False,
            provisional=False,
        )
        return {"entry_id": chosen[0].pk, "settled": settled, "by": town.clerk, "document": "book, page 12"}
    keys = [one.pk for one in chosen]
    if act is bulk_moves.hold_many:
        return {"akimat": town.akimat, "entry_ids": keys, "by": town.clerk, "document": "book, page 12"}
    return {"akimat": town.akimat, "documents": dict.fromkeys(keys, "protocol 1"), "by": None}


def test_an_act_that_is_bent_afterwards_in_its_own_transaction_is_refused(town, entries):
    with refused_at_commit(MOVES_WITH_ITS_EVENT):
        queue_entries.suspend(entry_id=entries[0].pk, by=town.clerk, at=AT, ground="OWN_REQUEST")
        QueueEntry.objects.filter(pk=entries[0].pk).update(registered_at=AT - timedelta(days=9_000))


def test_an_entry_does_not_come_in_without_its_event(town, entries):
    file = factories._file(town, family=(), facts=[], born=None, known=False)
    pattern = entries[0]
    with refused_at_commit(MOVES_WITH_ITS_EVENT):
        QueueEntry.objects.create(
            akimat=town.akimat,
            application=file,
            applicant=file.applicant,
            waiting_list=pattern.waiting_list,
            file_number=file.file_number,
            registered_at=pattern.registered_at,
        )
    assert QueueEntry.objects.count() == len(entries)


def test_an_event_without_a_record_is_refused(entries):
    with refused_at_commit(EVENT_HAS_ITS_RECORD):
        QueueEntry.objects.filter(pk=entries[0].pk).update(status="SUSPENDED")
        event(entries[0], moved_to="SUSPENDED")
    assert QueueEntryEvent.objects.count() == len(entries)


def test_an_event_on_a_list_that_is_not_there_is_refused(town, entries):
    """Events have no foreign key of their own to their list: this guard and the entries' keys hold it."""
    with refused_at_commit(EVENT_HAS_ITS_RECORD):
        record(town.akimat, entries[0])
        event(entries[0], waiting_list_id=WaitingList.objects.latest("pk").pk + 1)
    assert QueueEntryEvent.objects.count() == len(entries)


def test_a_list_that_an_entry_left_can_not_be_taken_away(town):
    left = WaitingList.objects.get(akimat=town.akimat, number="5")
    entry = factories.waiting(town, number="5")
    entry_changes.settle(
        entry_id=entry.pk,
        settled=entry_changes.Settled(
            waiting_list=WaitingList.objects.get(akimat=town.akimat, number="4"),
            registered_at=entry.registered_at,
            time_known=True,
            provisional=False,
        ),
        by=town.clerk,
        at=AT,
        document="book, page 1",
    )
    ListYearCount.objects.filter(waiting_list=left).delete()
    with pytest.raises(IntegrityError) as caught, connection.cursor() as cursor:
        cursor.execute("DELETE FROM queue_registry_waitinglist WHERE id = %s", [left.pk])
    assert "left_list" in caught.value.__cause__.diag.constraint_name


def test_a_record_of_an_earlier_transaction_is_none(town, entries):
    with transaction.atomic():
        record(town.akimat, entries[0])

    with refused_at_commit(EVENT_HAS_ITS_RECORD):
        QueueEntry.objects.filter(pk=entries[0].pk).update(status="SUSPENDED")
        event(entries[0], moved_to="SUSPENDED")


@pytest.mark.parametrize("whose", ["another entry", "another akimat"])
def test_a_record_about_something_else_is_none(town, entries, whose):
    with refused_at_commit(EVENT_HAS_ITS_RECORD):
        QueueEntry.objects.filter(pk=entries[0].pk).update(status="SUSPENDED")
        event(entries[0], moved_to="SUSPENDED")
        if whose == "another entry":
            record(town.akimat, entries[1])
        else:
            record(Akimat.objects.create(kato="751010000"), entries[0])


@pytest.mark.parametrize("in_savepoint", [False, True])
def test_who_writes_entry_event_and_record_may_do_it_in_any_order(town, entries, in_savepoint):
    with transaction.atomic():
        event(entries[0], moved_to="SUSPENDED")
        if in_savepoint:
            with transaction.atomic():
                record(town.akimat, entries[0])
        else:
            record(town.akimat, entries[0])
        QueueEntry.objects.filter(pk=entries[0].pk).update(status="SUSPENDED")

    entries[0].refresh_from_db()
    assert entries[0].status == "SUSPENDED"


def test_what_is_undone_to_a_savepoint_is_not_asked_for(town, entries):
    with transaction.atomic():
        queue_entries.suspend(entry_id=entries[0].pk, by=town.clerk, at=AT, ground="OWN_REQUEST")
        savepoint = transaction.savepoint()
        QueueEntry.objects.update(status="HOUSED")
        transaction.savepoint_rollback(savepoint)
    assert [one["status"] for one in state()] == ["SUSPENDED", "WAITING", "WAITING"]


def test_a_change_and_its_way_back_in_one_transaction_is_no_change(entries):
    with transaction.atomic():
        QueueEntry.objects.update(status="HOUSED")
        QueueEntry.objects.update(status="WAITING")
    assert {one["status"] for one in state()} == {"WAITING"}


def test_records_say_which_transaction_wrote_them_and_the_chain_does_not(town, entries):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            (number,) = cursor.fetchone()
        record(town.akimat, entries[0])
        audit.record_many(
            akimat=town.akimat,
            by="test",
            at=AT,
            acts=[audit.Act(event="thing.done", target=f"thing:{part}") for part in range(2)],
        )
    written = AuditEvent.objects.order_by("-seq")[:4].values_list("written_by", flat=True)
    assert [one == number for one in written] == [True, True, True, False]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE queue_registry_auditevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE queue_registry_auditevent SET written_by = NULL")
        cursor.execute("ALTER TABLE queue_registry_auditevent ENABLE TRIGGER USER")
    call_command("verify_trail", stdout=StringIO())


def test_who_switches_the_guard_off_is_found_by_the_check(entries):
    with without_guards():
        QueueEntry.objects.filter(pk=entries[0].pk).update(status="HOUSED")
    out = StringIO()
    with pytest.raises(CommandError, match="1 rules are broken"):
        call_command("check_register", stdout=out)
    assert f"the status is the newest event's: 1 ({entries[0].file_number})" in out.getvalue()
