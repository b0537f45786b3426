"""The trail can't be bent: append-only in the database, one chain per akimat, and every break is named."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from queue_registry.models import Akimat, AuditEvent, PersonalDataView, TrailHead
from queue_registry.selectors import trail
from queue_registry.services import audit, queue_entries
from tests.unit.queue_registry.conftest import AT

ONE = "851231100002"


def record(akimat, event="thing.done", **data):
    with transaction.atomic():
        audit.record(akimat=akimat, by="test", at=AT, event=event, target="thing:1", **data)


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.django_db(transaction=True)
def test_a_record_outside_a_transaction_is_refused():
    akimat = Akimat.objects.create(kato="271010000")
    with pytest.raises(audit.NoTransaction):
        audit.record(akimat=akimat, by="test", at=AT, event="thing.done", target="thing:1")
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE queue_registry_auditevent SET actor = 'another'",
        "DELETE FROM queue_registry_auditevent",
        "UPDATE queue_registry_queueentryevent SET ground = 'another'",
        "DELETE FROM queue_registry_queueentryevent",
    ],
)
def test_the_database_refuses_to_change_or_delete_what_was_recorded(register, statement):
    register(ONE)
    with pytest.raises(ProgrammingError, match="Cannot update or delete rows"), transaction.atomic():
        sql(statement)
    assert AuditEvent.objects.filter(event="queue_entry.registered").count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_head_is_the_newest_link_and_tells_what_it_follows(founded, number):
    """Whether it was moved by the statement of one record, or by a copy of many."""
    record(founded.akimat)
    act = audit.Act(event="thing.done", target="thing:2")
    with transaction.atomic():
        audit.record_many(akimat=founded.akimat, by="test", at=AT, acts=[act] * number)

    newest = AuditEvent.objects.filter(akimat_kato=founded.akimat.kato).latest("seq")
    head = TrailHead.objects.get(pk=founded.akimat.kato)
    assert (head.seq, head.sha256, head.previous_sha256) == (
        newest.seq,
        newest.sha256,
        newest.previous_sha256,
    )


def test_an_act_whose_record_fails_is_undone(register, founded, monkeypatch):
    (entry,) = register(ONE)

    def fail(**_):
        raise RuntimeError("the trail is full")

    monkeypatch.setattr(queue_entries.audit, "single", fail)
    with pytest.raises(RuntimeError, match="the trail is full"):
        queue_entries.suspend(entry_id=entry.pk, by=founded.staff["clerk"], at=AT, ground="CHECK")

    entry.refresh_from_db()
    assert entry.status == "WAITING"
    assert entry.events.count() == 1


def test_chains_of_two_akimats_are_apart(founded):
    other = Akimat.objects.create(kato="751010000")
    before = trail.walk("271010000")
    record(other)
    assert trail.walk("271010000") == before
    assert (trail.walk("751010000").links, trail.walk("751010000").fault) == (1, "")


def tamper(statement, *values):
    """As the owner of the tables, who can switch the triggers off."""
    with transaction.atomic():
        sql("ALTER TABLE queue_registry_auditevent DISABLE TRIGGER USER")
        sql(statement, *values)
        sql("ALTER TABLE queue_registry_auditevent ENABLE TRIGGER USER")


@pytest.mark.django_db
def test_a_changed_row_is_named():
    akimat = Akimat.objects.create(kato="271010000")
    for number in range(5):
        record(akimat, number=number)
    tamper("UPDATE queue_registry_auditevent SET data = %s WHERE seq = 3", '{"number": 7}')
    assert (trail.walk("271010000").links, trail.walk("271010000").fault) == (2, "row 3 was changed")


@pytest.mark.django_db
def test_a_removed_row_is_named():
    akimat = Akimat.objects.create(kato="271010000")
    for number in range(5):
        record(akimat, number=number)
    tamper("DELETE FROM queue_registry_auditevent WHERE seq = 3")
    assert trail.walk("271010000").fault == "row 3 is missing"


@pytest.mark.django_db
def test_a_cut_tail_does_not_match_the_published_head():
    akimat = Akimat.objects.create(kato="271010000")
    for number in range(5):
        record(akimat, number=number)
    published = trail.head_sha256("271010000")
    tamper("DELETE FROM queue_registry_auditevent WHERE seq > 3")
    kept = AuditEvent.objects.get(seq=3)
    assert trail.walk("271010000").fault == "the chain ends at row 3, its head says 5"

    TrailHead.objects.update(seq=3, sha256=kept.sha256)

    assert trail.walk("271010000").fault == ""
    assert trail.walk("271010000", published_head=published).fault == "the published head is not in the chain"


@pytest.mark.django_db
def test_the_command_names_the_broken_row_and_fails():
    akimat = Akimat.objects.create(kato="271010000")
    record(akimat)
    out = StringIO()
    call_command("verify_trail", stdout=out)
    assert "whole; 1 rows hold" in out.getvalue()
    tamper("UPDATE queue_registry_auditevent SET actor = 'another'")

    with pytest.raises(CommandError, match="1 broken"):
        call_command("verify_trail", stdout=out)

    assert "271010000: row 1 was changed" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_eight_writers_at_once_keep_one_chain():
    akimat = Akimat.objects.create(kato="271010000")

    def write(number):
        for step in range(10):
            record(akimat, number=number, step=step)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))

    chain = trail.walk("271010000")
    assert (chain.links, chain.fault) == (80, "")


@pytest.mark.django_db
def test_one_act_of_many_and_many_acts_of_one_make_the_same_chain():
    chains = []
    acts = [
        audit.Act(event="thing.done", target=f"thing:{number}", data={"words": 'Ұлы "дала"\n', "n": number})
        for number in range(5)
    ]
    for kato, shares in (("271010000", [acts]), ("271010001", [[act] for act in acts])):
        akimat = Akimat.objects.create(kato=kato)
        for share in shares:
            with transaction.atomic():
                audit.record_many(akimat=akimat, by="test", at=AT, acts=share)
        walked = trail.walk(kato)
        assert (walked.links, walked.fault) == (5, "")
        rows = AuditEvent.objects.filter(akimat_kato=kato).order_by("seq")
        chains.append(list(rows.values_list("seq", "at", "actor", "event", "target", "data")))
    assert chains[0] == chains[1]


def test_a_page_that_renews_itself_is_one_look_a_minute(founded):
    def look(seconds):
        audit.record_view(
            akimat=founded.akimat,
            by=founded.staff["clerk"],
            at=AT + timedelta(seconds=seconds),
            target="intake:1",
            once_in=timedelta(minutes=1),
        )

    for seconds in (0, 3, 59, 60, 63):
        look(seconds)

    looks = PersonalDataView.objects.order_by("pk").values_list("at", flat=True)
    assert [(at - AT).seconds for at in looks] == [0, 60]
