"""Every invariant has a way to break the database behind everybody's back, and the look sees it red."""

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
from queue_registry.models import AuditEvent, TrailHead
from queue_registry.rules import invariants as of_register
from queue_registry.rules.trail import GENESIS
from queue_registry.selectors import clock
from queue_registry.selectors.invariant_checks import Check
from tests import factories, situations
from tests.factories import AT

BOARD = "/kk/register-check/"
CODES = [str(code) for code in (*of_register.Invariant, *of_rounds.Invariant)]


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


def of_a_list(sql):
    """A statement about the first entry that waits, by its key."""
    return sql.format(entry="(SELECT min(id) FROM queue_registry_queueentry WHERE status = 'WAITING')")


BREAKS = {
    "STATE": [of_a_list("UPDATE queue_registry_queueentry SET status = 'SUSPENDED' WHERE id = {entry}")],
    "HISTORY": [
        of_a_list("UPDATE queue_registry_queueentryevent SET moved_from = 'HOUSED' WHERE entry_id = {entry}")
    ],
    "BELONGING": [
        of_a_list("UPDATE queue_registry_queueentry SET applicant_id = applicant_id + 1 WHERE id = {entry}")
    ],
    "NUMBERS": [
        (
            "UPDATE queue_registry_application SET running_number = 900000"
            " WHERE id = (SELECT max(id) FROM queue_registry_application)"
        ),
    ],
    "COUNTERS": [
        (
            "UPDATE queue_registry_listyearcount SET entries = entries + 1, months[1] = months[1] + 1"
            " WHERE id = (SELECT min(id) FROM queue_registry_listyearcount WHERE entries > 0)"
        ),
    ],
    "SUMS": [
        (
            "UPDATE queue_registry_listyearcount SET entries = entries + 1"
            " WHERE id = (SELECT min(id) FROM queue_registry_listyearcount WHERE entries > 0)"
        ),
    ],
    "PLACES": [
        (
            "INSERT INTO queue_registry_listyearcount (waiting_list_id, year, entries, months)"
            " SELECT DISTINCT waiting_list_id, date '1990-01-01', 1, '{1,0,0,0,0,0,0,0,0,0,0,0}'::int[]"
            " FROM queue_registry_listyearcount"
        )
    ],
    "ROLES": [
        (
            "INSERT INTO queue_registry_staffmembership (user_id, akimat_id, role, from_on, document_number)"
            " SELECT user_id, akimat_id, 'SUPERVISOR', from_on, ''"
            " FROM queue_registry_staffmembership WHERE role = 'CLERK' LIMIT 1"
        ),
    ],
    "TRAIL": ["UPDATE queue_registry_auditevent SET actor = 'somebody' WHERE seq = 3"],
    "HEADS": [
        (
            "DELETE FROM queue_registry_auditevent"
            " WHERE seq = (SELECT seq FROM queue_registry_trailhead WHERE seq > 0)"
        ),
        (
            "UPDATE queue_registry_trailhead AS head SET seq = seq - 1, sha256 = (SELECT sha256"
            " FROM queue_registry_auditevent AS record WHERE record.seq = head.seq - 1)"
        ),
    ],
    "HOMES": [
        (
            "UPDATE allocation_dwelling SET state = 'GONE', idle_since = NULL"
            " WHERE id = (SELECT min(dwelling_id) FROM allocation_dwellingevent)"
        ),
    ],
    "OFFERS": [
        "DROP INDEX one_open_offer_per_dwelling",
        (
            "UPDATE allocation_offer SET dwelling_id = (SELECT min(dwelling_id) FROM allocation_offer)"
            " WHERE state = 'OPEN'"
        ),
    ],
    "VOTES": ["DELETE FROM allocation_vote"],
    "REPLAYS": ["UPDATE allocation_allocationrun SET result_sha256 = repeat('0', 64)"],
}


def test_a_register_made_by_its_services_is_whole(whole):
    looked = register_checks.look(at=AT)

    assert looked.broken == ()
    assert looked.unknown == ()
    assert looked.check.broken == dict.fromkeys(CODES, 0)
    assert red(AT + timedelta(days=1)) == set()


def test_every_invariant_has_its_breach_and_its_words():
    assert sorted(BREAKS) == sorted(CODES) == sorted(presenters._RULES)


@pytest.mark.parametrize("code", CODES)
def test_what_an_owner_of_the_tables_broke_behind_everybody_is_red(whole, code):
    assert red() == set()
    with as_owner() as cursor:
        for statement in BREAKS[code]:
            cursor.execute(statement)
            assert cursor.rowcount

    assert code in red()
    assert RegisterCheck.objects.latest("pk").broken[code] > 0


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


def test_a_family_with_two_live_offers_is_named(whole):
    with as_owner() as cursor:
        cursor.execute("DROP INDEX one_open_offer_per_household")
        cursor.execute(
            "UPDATE allocation_offer SET application_id = (SELECT min(application_id) FROM allocation_offer)"
            " WHERE state = 'OPEN'"
        )

    rules = {one.rule for one in register_checks.look(at=AT).broken}
    assert "one live offer a family" in rules


def test_an_entry_whose_offer_is_gone_is_named(whole):
    with as_owner() as cursor:
        cursor.execute("UPDATE allocation_offer SET state = 'WITHDRAWN', answered_at = made_at")

    found = {one.rule: one.whose for one in register_checks.look(at=AT).broken}
    assert len(found["an entry is offered a home while its offer is open"]) > 0
    assert len(found["an offered home has an open offer, an allotted one an accepted one"]) > 0


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
        cursor.execute(BREAKS["STATE"][0])

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
        cursor.execute(BREAKS["TRAIL"][0])
    register_checks.look(at=AT + timedelta(hours=36))
    page = shown()
    assert broken in page
    assert page.count("kz-status--bad") == len(("the whole", "the trail"))


def test_the_board_is_kept_by_caches(client, db):
    answer = client.get(BOARD)
    assert answer.headers["Cache-Control"].startswith("public")
    assert client.get(BOARD, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
