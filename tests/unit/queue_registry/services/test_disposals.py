"""What has a term goes when it is over and not a moment before; what the law wants kept is not touched."""

from datetime import UTC, date, datetime, timedelta

import pytest
from axes.models import AccessAttempt, AccessAttemptExpiration, AccessLog
from django.conf import settings as project
from django.contrib.sessions.models import Session
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import translation

from housing_queue import tasks
from housing_queue.celery import app
from queue_registry.disposal_presenters import kind
from queue_registry.models import (
    Akimat,
    Application,
    AuditEvent,
    Disposal,
    OneTimeCode,
    Person,
    PersonalDataView,
    QueueEntry,
    QueueEntryEvent,
    QueueKeeper,
    TrailHead,
)
from queue_registry.rules.one_time_codes import CodeRefusal, Purpose
from queue_registry.selectors import clock, trail
from queue_registry.services import audit, disposals, keepers, one_time_codes
from tests import factories
from tests.factories import AT, KATO
from tests.whole_akimat import AFTER, HANDED_OVER_ON, KEEPER

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
NOW = datetime(2026, 9, 3, 22, 40, tzinfo=UTC)


# Sessions


def session(key, *, ends_at):
    return Session.objects.create(session_key=key, session_data="x", expire_date=ends_at)


def test_a_session_goes_when_it_has_ended_and_not_before():
    session("ended", ends_at=NOW)
    session("open", ends_at=NOW + TICK)

    assert disposals.remove_sessions(by="timer", at=NOW) == 1

    assert list(Session.objects.values_list("pk", flat=True)) == ["open"]
    row = Disposal.objects.get()
    assert (row.kind, row.rows, row.by, row.at, row.before) == ("SESSIONS", 1, "timer", NOW, NOW)


# Records of sign-ins


def sign_in(*, at, model=AccessLog, **changes):
    told = {"user_agent": f"browser {at}", "ip_address": "192.0.2.7", "username": "clerk"}
    row = model.objects.create(**told, http_accept="", path_info="/desk/sign-in/", **changes)
    model.objects.filter(pk=row.pk).update(attempt_time=at)
    return row


def test_a_record_of_a_sign_in_goes_after_its_days_and_not_before(settings):
    settings.SIGN_IN_RECORDS_DAYS = 10
    term = NOW - timedelta(days=10)
    sign_in(at=term - TICK)
    kept = sign_in(at=term)
    failed = {"model": AccessAttempt, "failures_since_start": 1, "get_data": "", "post_data": ""}
    old_failure = sign_in(at=term - TICK, **failed)
    AccessAttemptExpiration.objects.create(access_attempt=old_failure, expires_at=term)
    kept_failure = sign_in(at=term, **failed)

    assert disposals.remove_sign_in_records(by="timer", at=NOW) == 2

    assert list(AccessLog.objects.all()) == [kept]
    assert list(AccessAttempt.objects.all()) == [kept_failure]
    row = Disposal.objects.get()
    assert (row.kind, row.rows, row.before) == ("SIGN_IN_RECORDS", 2, term)


def test_records_of_sign_ins_stay_for_three_years_where_nobody_says_otherwise():
    assert timedelta(days=project.SIGN_IN_RECORDS_DAYS) >= date(2027, 1, 1) - date(2024, 1, 1)


# One-time codes


@pytest.fixture
def town():
    return factories.town()


def code_for(entry, *, ends_at):
    return OneTimeCode.objects.create(
        application=entry.application,
        purpose=Purpose.MY_DATA,
        salt="s" * 32,
        digest="d" * 64,
        sent_at=ends_at - timedelta(minutes=10),
        expires_at=ends_at,
    )


def test_the_digest_of_a_code_is_blanked_once_it_is_over_and_not_before(town):
    entry = factories.waiting(town, day=1)
    over = code_for(entry, ends_at=NOW - TICK)
    good = code_for(entry, ends_at=NOW)

    assert disposals.blank_codes(by="timer", at=NOW) == 1

    over.refresh_from_db()
    good.refresh_from_db()
    assert (over.salt, over.digest) == ("", "")
    assert good.digest == "d" * 64
    assert over.sent_at == NOW - TICK - timedelta(minutes=10), "that it was sent stays"
    assert Disposal.objects.get().rows == 1
    record = AuditEvent.objects.get(event="one_time_code.blanked")
    assert (record.actor, record.target, record.data) == ("timer", f"akimat:{KATO}", {"count": 1})
    assert trail.walk(KATO).fault == ""


def test_a_blanked_code_is_refused_as_one_that_is_over(town):
    entry = factories.waiting(town, day=1)
    code_for(entry, ends_at=NOW - TICK)
    disposals.blank_codes(by="timer", at=NOW)

    with transaction.atomic():
        refused = one_time_codes.take(
            application_id=entry.application_id, purpose=Purpose.MY_DATA, code="000000", at=NOW
        )
    assert refused.code is CodeRefusal.OVER


def test_each_akimat_gets_its_own_count_and_a_second_night_finds_nothing(town):
    for day in (1, 2):
        code_for(factories.waiting(town, day=day), ends_at=AT)

    assert disposals.blank_codes(by="timer", at=NOW) == 2
    assert disposals.blank_codes(by="timer", at=NOW) == 0

    assert AuditEvent.objects.get(event="one_time_code.blanked").data == {"count": 2}
    assert Disposal.objects.count() == 1


def test_a_queue_that_is_kept_elsewhere_stays_as_it_was_handed_over(town):
    code = code_for(factories.waiting(town, day=1), ends_at=AT)
    keepers.propose(akimat=town.akimat, keeper=KEEPER, from_on=HANDED_OVER_ON, by=town.admin, at=AT)
    keepers.approve(akimat=town.akimat, by=town.supervisor, at=AT)
    head = TrailHead.objects.get(pk=KATO).sha256

    assert disposals.blank_codes(by="timer", at=AFTER) == 0

    code.refresh_from_db()
    assert code.digest
    assert TrailHead.objects.get(pk=KATO).sha256 == head


# What stays


def test_what_the_law_wants_kept_is_not_touched_however_old(town, settings):
    settings.SIGN_IN_RECORDS_DAYS = 1
    entry = factories.waiting(town, day=1)
    audit.record_view(akimat=town.akimat, by=town.auditor, at=AT, target=f"queue_entry:{entry.pk}")
    code_for(entry, ends_at=AT)
    kept = (
        Akimat,
        Application,
        AuditEvent,
        Person,
        PersonalDataView,
        QueueEntry,
        QueueEntryEvent,
        QueueKeeper,
    )
    before = {model: list(model.objects.order_by("pk").values()) for model in kept}
    much_later = AT + timedelta(days=20_000)

    disposals.remove_sessions(by="timer", at=much_later)
    disposals.remove_sign_in_records(by="timer", at=much_later)
    disposals.blank_codes(by="timer", at=much_later)

    after = {model: list(model.objects.order_by("pk").values()) for model in kept}
    (record,) = [row for row in after[AuditEvent] if row not in before[AuditEvent]]
    assert record["event"] == "one_time_code.blanked"
    after[AuditEvent].remove(record)
    assert after == before
    assert OneTimeCode.objects.count() == 1


# The rows of the acts


@pytest.mark.parametrize(
    ("broken", "constraint"),
    [
        ({"kind": "PEOPLE"}, "disposal_kind_is_known"),
        ({"by": ""}, "disposal_has_somebody"),
        ({"rows": 0}, "disposal_is_of_something"),
    ],
)
def test_the_database_refuses_an_act_of_nobody_or_of_nothing(broken, constraint):
    row = {"kind": Disposal.Kind.SESSIONS, "at": AT, "by": "timer", "before": AT, "rows": 1} | broken
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Disposal.objects.create(**row)


def test_a_row_of_an_act_is_never_changed():
    row = Disposal.objects.create(kind=Disposal.Kind.SESSIONS, at=AT, by="timer", before=AT, rows=1)
    for change in (lambda: Disposal.objects.update(rows=2), row.delete):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change()


def test_every_kind_has_words_in_both_languages():
    for language in ("kk", "ru"):
        with translation.override(language):
            assert len({kind(code) for code in Disposal.Kind}) == len(Disposal.Kind)
            assert all(kind(code) != code for code in Disposal.Kind)


# By night


def test_the_task_does_all_of_it_by_night_and_one_failure_stops_no_other(town, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    code = code_for(factories.waiting(town, day=1), ends_at=AT)
    session("ended", ends_at=datetime(2026, 1, 1, tzinfo=UTC))
    orders = {order["task"]: order["schedule"] for order in app.conf.beat_schedule.values()}
    assert orders["housing_queue.tasks.dispose"].hour == {3}

    def fails(**_told):
        raise RuntimeError

    monkeypatch.setattr(disposals, "remove_sign_in_records", fails)
    tasks.dispose()

    code.refresh_from_db()
    assert code.digest == ""
    assert not Session.objects.exists()
    assert set(Disposal.objects.values_list("kind", "by")) == {
        ("SESSIONS", "timer"),
        ("ONE_TIME_CODES", "timer"),
    }
