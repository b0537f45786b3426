"""Every rule has a way to break the database behind everybody's back, and the look sees it red."""

from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pgtrigger
import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import translation

from allocation import engine_io, tasks
from allocation import register_check_presenters as presenters
from allocation.engine.strict_json import canonical_bytes, digest
from allocation.models import AllocationRun, RegisterCheck
from allocation.rules import invariants as of_rounds
from allocation.services import register_checks, round_invariants
from queue_registry.models import Akimat, AuditEvent, TrailHead
from queue_registry.rules import invariants as of_register
from queue_registry.rules.trail import GENESIS
from queue_registry.selectors import clock, invariants
from queue_registry.selectors.invariant_checks import Check
from tests import factories, situations
from tests.factories import AT

BOARD = "/kk/register-check/"
CODES = [str(code) for code in (*of_register.Invariant, *of_rounds.Invariant)]
# Every rule that is looked at, with the line of the board on which it stands.
RULES = {check.rule: str(check.invariant) for check in (*invariants.checks(), *round_invariants.checks())}


@contextmanager
def as_owner():
    """Every trigger is off, as for whoever owns the tables and switches them off."""
    with transaction.atomic(), connection.cursor() as cursor:
        connection.check_constraints()
        switch(cursor, "DISABLE")
        yield cursor
        connection.check_constraints()
        switch(cursor, "ENABLE")


def switch(cursor, how):
    for table in connection.introspection.django_table_names(only_existing=True):
        cursor.execute(f"ALTER TABLE {table} {how} TRIGGER USER")


@pytest.fixture
def town(db):
    return factories.town()


@pytest.fixture
def whole(town):
    """A register with people on five lists, of whom some were offered homes by a round and some housed."""
    register = factories.register(town)
    factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    situations.housed(town, factories.waiting(town, number="4", day=90))
    return town


def red(at=AT):
    """The invariants that a look finds broken."""
    return {str(one.invariant) for one in register_checks.look(at=at).broken}


def of_an_entry(sql):
    """A statement about the first entry that waits, by its key, and another akimat."""
    return sql.format(
        entry="(SELECT min(id) FROM queue_registry_queueentry WHERE status = 'WAITING')",
        other="(SELECT max(id) FROM queue_registry_akimat)",
    )


BREAKS = {
    "every entry has an event": [
        of_an_entry("DELETE FROM queue_registry_queueentryevent WHERE entry_id = {entry}")
    ],
    "the status is the newest event's": [
        of_an_entry("UPDATE queue_registry_queueentry SET status = 'SUSPENDED' WHERE id = {entry}")
    ],
    "the registration moment is the newest event's": [
        of_an_entry(
            "UPDATE queue_registry_queueentry SET registered_at = registered_at - interval '1 year'"
            " WHERE id = {entry}"
        )
    ],
    "the list is the newest event's": [
        of_an_entry(
            "UPDATE queue_registry_queueentryevent"
            " SET list_number = translate(list_number, '123456', '234561') WHERE entry_id = {entry}"
        )
    ],
    "the newest event names the entry's list": [
        of_an_entry(
            "UPDATE queue_registry_queueentryevent AS event SET waiting_list_id = other.id"
            " FROM queue_registry_waitinglist AS other"
            " WHERE entry_id = {entry} AND other.id <> event.waiting_list_id"
        )
    ],
    "an event begins where the one before it ended": [
        of_an_entry(
            "UPDATE queue_registry_queueentryevent SET moved_from = 'HOUSED' WHERE entry_id = {entry}"
        )
    ],
    "an entry repeats its application's file number": [
        of_an_entry("UPDATE queue_registry_queueentry SET file_number = '271010-0900000' WHERE id = {entry}")
    ],
    "an entry repeats its application's applicant": [
        of_an_entry("UPDATE queue_registry_queueentry SET applicant_id = applicant_id + 1 WHERE id = {entry}")
    ],
    "an entry stands in its application's akimat": [
        of_an_entry(
            "UPDATE queue_registry_application SET akimat_id = {other} WHERE id = ("
            "SELECT application_id FROM queue_registry_queueentry WHERE id = {entry})"
        )
    ],
    "a list belongs to the entry's akimat": [
        of_an_entry(
            "UPDATE queue_registry_waitinglist SET akimat_id = {other} WHERE id = ("
            "SELECT waiting_list_id FROM queue_registry_queueentry WHERE id = {entry})"
        )
    ],
    "a file number is made of KATO and running number": [
        (
            "UPDATE queue_registry_application SET running_number = 900000"
            " WHERE id = (SELECT max(id) FROM queue_registry_application)"
        ),
    ],
    "the counters of the years are those of a recount": [
        (
            "UPDATE queue_registry_listyearcount SET entries = entries + 1, months[1] = months[1] + 1"
            " WHERE id = (SELECT min(id) FROM queue_registry_listyearcount WHERE entries > 0)"
        ),
    ],
    "the counters of the months are those of a recount": [
        (
            "UPDATE queue_registry_listyearcount SET months = months[12:12] || months[1:11]"
            " WHERE id = (SELECT min(id) FROM queue_registry_listyearcount WHERE entries > 0)"
        ),
    ],
    "the months of a year make the year": [
        (
            "UPDATE queue_registry_listyearcount SET months[1] = months[1] + 1"
            " WHERE id = (SELECT min(id) FROM queue_registry_listyearcount WHERE entries > 0)"
        ),
    ],
    "the lists of an akimat together have as many as wait in it": [
        (
            "UPDATE queue_registry_listyearcount SET entries = entries + 1"
            " WHERE id = (SELECT min(id) FROM queue_registry_listyearcount WHERE entries > 0)"
        ),
    ],
    "the sums of a list's past are those of its events": [
        (
            "INSERT INTO queue_registry_listpast (waiting_list_id, until, moved_entries)"
            " SELECT waiting_list_id, max(recorded_at) + interval '1 second', '{}'"
            " FROM queue_registry_queueentryevent GROUP BY 1"
        ),
    ],
    "a place is the number of the row in its list": [
        (
            "INSERT INTO queue_registry_listyearcount (waiting_list_id, year, entries, months)"
            " SELECT DISTINCT waiting_list_id, date '1990-01-01', 1, '{1,0,0,0,0,0,0,0,0,0,0,0}'::int[]"
            " FROM queue_registry_listyearcount"
        )
    ],
    "nobody holds incompatible roles in one akimat": [
        (
            "INSERT INTO queue_registry_staffmembership (user_id, akimat_id, role, from_on, document_number)"
            " SELECT user_id, akimat_id, 'SUPERVISOR', from_on, ''"
            " FROM queue_registry_staffmembership WHERE role = 'CLERK' LIMIT 1"
        ),
    ],
    "every chain of the trail holds": [
        "UPDATE queue_registry_auditevent SET actor = 'somebody' WHERE seq = 3"
    ],
    "the head of a trail only moves on": [
        (
            "DELETE FROM queue_registry_auditevent"
            " WHERE seq = (SELECT seq FROM queue_registry_trailhead WHERE seq > 0)"
        ),
        (
            "UPDATE queue_registry_trailhead AS head SET seq = seq - 1, sha256 = (SELECT sha256"
            " FROM queue_registry_auditevent AS record WHERE record.seq = head.seq - 1)"
        ),
    ],
    "a home's state is its newest event's": [
        (
            "UPDATE allocation_dwelling SET state = 'GONE', idle_since = NULL"
            " WHERE id = (SELECT min(dwelling_id) FROM allocation_dwellingevent)"
        ),
    ],
    "an offered home has an open offer, an allotted one an accepted one": [
        "UPDATE allocation_offer SET state = 'WITHDRAWN', answered_at = made_at"
    ],
    "one live offer a home": [
        "DROP INDEX one_open_offer_per_dwelling",
        (
            "UPDATE allocation_offer SET dwelling_id = (SELECT min(dwelling_id) FROM allocation_offer)"
            " WHERE state = 'OPEN'"
        ),
    ],
    "one live offer a family": [
        "DROP INDEX one_open_offer_per_household",
        (
            "UPDATE allocation_offer SET application_id = (SELECT min(application_id) FROM allocation_offer)"
            " WHERE state = 'OPEN'"
        ),
    ],
    "an entry is offered a home while its offer is open": [
        (
            "UPDATE queue_registry_queueentry SET status = 'SUSPENDED' WHERE id = ("
            "SELECT min(entry_id) FROM allocation_offer WHERE state = 'OPEN')"
        ),
    ],
    "no offer without the commission's vote": ["DELETE FROM allocation_vote"],
    "every run comes out again": ["UPDATE allocation_allocationrun SET result_sha256 = repeat('0', 64)"],
}


def test_a_register_made_by_its_services_is_whole(whole):
    looked = register_checks.look(at=AT)

    assert looked.broken == ()
    assert looked.unknown == ()
    assert looked.check.broken == dict.fromkeys(CODES, 0)
    assert red(AT + timedelta(days=1)) == set()


def test_every_invariant_has_its_words():
    assert sorted(CODES) == sorted(presenters._RULES)
    assert set(RULES.values()) == set(CODES)


@pytest.mark.parametrize("rule", RULES)
def test_what_an_owner_of_the_tables_broke_behind_everybody_is_red(whole, rule):
    """Each rule has its breach here: one without has no line in the table, and fails."""
    Akimat.objects.create(kato="231010000", name_kk="Бөтен", name_ru="Чужой")
    assert red() == set()
    with as_owner() as cursor:
        for statement in BREAKS[rule]:
            cursor.execute(statement)
            assert cursor.rowcount

    assert rule in {one.rule for one in register_checks.look(at=AT).broken}
    assert RegisterCheck.objects.latest("pk").broken[RULES[rule]] > 0


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM allocation_decision",
        "UPDATE allocation_decision SET outcome = 'REFUSED'",
        "UPDATE allocation_decision SET result_sha256 = repeat('0', 64)",
        "UPDATE allocation_vote SET choice = 'AGAINST', reason = 'Changed'",
    ],
)
def test_an_offer_stands_on_a_vote_that_carried_this_very_result(whole, statement):
    with as_owner() as cursor:
        cursor.execute(statement)

    assert "VOTES" in red()


def test_a_head_that_went_back_is_missed_by_every_later_look(whole):
    """Also once so many other records were written that the number is reached again."""
    register_checks.look(at=AT)
    head = TrailHead.objects.get(seq__gt=0)
    with as_owner():
        AuditEvent.objects.filter(akimat_kato=head.pk).delete()
        TrailHead.objects.update(seq=0, sha256=GENESIS)

    assert "HEADS" in red()
    with as_owner():
        TrailHead.objects.update(seq=head.seq, sha256="f" * 64)
    assert "HEADS" in red()
    assert RegisterCheck.objects.latest("pk").heads[head.pk] == [head.seq, head.sha256]


def test_a_result_that_was_exchanged_with_its_digest_does_not_come_out_again(whole):
    run = AllocationRun.objects.filter(executed_at__isnull=False).earliest("pk")
    result = engine_io.parsed(run.result)
    result["allotments"] = result["allotments"][1:]
    data = canonical_bytes(result)
    with pgtrigger.ignore("allocation.AllocationRun:result_never_changes"):
        AllocationRun.objects.filter(pk=run.pk).update(
            result=engine_io.pack(data), result_sha256=digest(data)
        )

    assert "REPLAYS" in red()


def failing_check():
    def find():
        raise RuntimeError("nobody knows")

    return Check(invariant=of_rounds.Invariant.VOTES, rule="no offer without the vote", find=find)


def test_a_look_that_fails_leaves_its_rule_unknown_and_stops_no_other(whole, monkeypatch, client):
    monkeypatch.setattr(round_invariants, "checks", lambda: (failing_check(),))

    looked = register_checks.look(at=AT)

    assert looked.unknown == ("no offer without the vote",)
    assert looked.check.broken["VOTES"] is None
    assert looked.check.broken["PLACES"] == 0
    board = presenters.board(looked.check, at=AT)
    assert (board.tone, {line.tone for line in board.lines}) == ("wait", {"good", "wait"})
    with pytest.raises(CommandError, match="1 rules could not be looked at"):
        call_command("check_register", stdout=StringIO())


def test_the_database_keeps_what_a_look_found(whole):
    check = register_checks.look(at=AT).check
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        RegisterCheck.objects.filter(pk=check.pk).update(broken={"STATE": 0})
    with pytest.raises(IntegrityError, match="register_check_looked_at_something"), transaction.atomic():
        RegisterCheck.objects.create(at=AT, milliseconds=1, broken={}, heads={})


def test_beat_s_task_renews_the_board_and_names_nobody_in_the_log(whole, caplog):
    with as_owner() as cursor:
        cursor.execute(BREAKS["the status is the newest event's"][0])

    tasks.check_register()

    assert RegisterCheck.objects.get().broken["STATE"] == 1
    assert "271010-" not in caplog.text


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_board_says_whole_broken_old_and_nothing(whole, client, monkeypatch, language):
    def shown():
        cache.clear()
        return client.get(f"/{language}/register-check/").content.decode()

    with translation.override(language):
        words = {
            text: translation.gettext(text)
            for text in (
                "Nobody has looked yet.",
                "The register is whole",
                "Something is broken",
                "That was longer ago than a day and a half. It says nothing about today.",
            )
        }
    whole_, broken, old = (
        words["The register is whole"],
        words["Something is broken"],
        words["That was longer ago than a day and a half. It says nothing about today."],
    )
    assert words["Nobody has looked yet."] in shown()
    register_checks.look(at=AT)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(hours=36))
    page = shown()
    assert whole_ in page
    assert old not in page
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(hours=36, seconds=1))
    page = shown()
    assert old in page
    assert 'kz-status--wait">' in page
    with as_owner() as cursor:
        cursor.execute(BREAKS["every chain of the trail holds"][0])
    register_checks.look(at=AT + timedelta(hours=36))
    page = shown()
    assert broken in page
    assert page.count("kz-status--bad") == len(("the whole", "the trail"))


def test_the_board_is_kept_by_caches(client, db):
    answer = client.get(BOARD)
    assert answer.headers["Cache-Control"].startswith("public")
    assert client.get(BOARD, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
