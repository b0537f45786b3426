"""The outbox on a real database: asked once, leased, asked again, given up; nothing is lost or doubled."""

import hashlib
import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import psycopg
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from integrations import (
    consent_tokens,
    dead_letters,
    dispatch,
    kept_envelopes,
    limits,
    sealing,
    selectors,
    services,
)
from integrations.contract import Failure, Lane, Outcome, Period, Query, RawReply
from integrations.models import AccessToken, CheckAttempt, CheckRequest, CheckState, OutboxAct
from integrations.retries import DeadReason
from integrations.services import Freshness
from integrations.sources import ADAPTERS
from tests import asking
from tests.unit.integrations.golden import IIN, OTHER_IIN, body, envelope, nothing_inside

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
ELAPSED = timedelta(milliseconds=40)
pytestmark = pytest.mark.django_db


def question(**fields):
    return Query(**{"source": "zags", "iin": IIN, "purpose": "TEST", "bucket": "2026-09", **fields})


class Scripted:
    """A transport that answers with bytes, a failure, a status, or what a function makes of the message."""

    def __init__(self, reply=None, *, is_reachable=True):
        self.reply, self.reachable, self.messages, self.came = reply, is_reachable, [], []

    def is_reachable(self):
        return self.reachable

    def send(self, messages):
        self.messages += [message for message in messages if not is_for_token(message)]
        self.came += [
            self.token(message) if is_for_token(message) else self._one(message) for message in messages
        ]

    def receive(self, *, enough, patience):
        came, self.came = self.came, []
        return came

    def token(self, message):
        return token_for(message)

    def _one(self, message):
        reply = self.reply(message) if callable(self.reply) else self.reply
        fields = {"message_id": message.message_id, "elapsed": ELAPSED}
        if isinstance(reply, Failure):
            return RawReply(**fields, failure=reply)
        if isinstance(reply, int):
            return RawReply(**fields, status=reply)
        return RawReply(**fields, status=200, body=reply or found(message))


def is_for_token(message):
    return b"<serviceId>KDP_SERVICE<" in message.body


def token_for(message, *, status="VALID", term_ms=600_000, iin=IIN):
    inner = f"<status>{status}</status><uin>{iin}</uin><code>T-1</code><public-key>K</public-key>"
    data = f"<a>{inner}<expiresIn>{term_ms}</expiresIn></a>"
    raw = envelope("gbd_fl", data, correlation_id=message.correlation_id)
    return RawReply(message_id=message.message_id, elapsed=ELAPSED, status=200, body=raw)


def found(message):
    return envelope(message.source, body(message.source), correlation_id=message.correlation_id)


def ask_then_record(transport, at=AT):
    answered = asking.ask_due(limit=100, at=at, transport=transport)
    return services.record_answers(answered)


def everything():
    return list(CheckRequest.objects.order_by("pk").values()), list(CheckAttempt.objects.values())


def test_one_person_is_asked_once_however_many_households_name_him():
    of_first = [question(requested_by="clerk"), question(iin=OTHER_IIN)]
    of_second = [question(requested_by="clerk2", lane=Lane.INTERACTIVE)]

    assert services.enqueue([*of_first, question()], at=AT) == 2
    assert services.enqueue(of_second, at=AT + timedelta(days=1)) == 0
    assert services.enqueue([question(bucket="2026-10")], at=AT) == 1


def test_a_row_holds_the_whole_question():
    asked = question(
        source="egkn",
        reference="R",
        period=Period(start=date(2021, 9, 1), until=date(2026, 9, 1)),
        requested_by="clerk",
        consent_ref="7",
        lane=Lane.INTERACTIVE,
        operation="personRights",
    )

    services.enqueue([asked], at=AT)

    row = CheckRequest.objects.get()
    assert services.query_of(row) == asked
    assert row.key == asked.key
    assert (row.state, row.next_attempt_at) == (CheckState.DUE, AT)
    assert row.deadline_at == AT + ADAPTERS["egkn"].definition.deadline


def test_an_unknown_source_is_refused_and_nothing_is_written():
    with pytest.raises(services.UnknownSource, match="oracle"):
        services.enqueue([question(), question(source="oracle")], at=AT)
    assert not CheckRequest.objects.exists()


def test_interactive_questions_go_first_then_those_that_wait_longest():
    services.enqueue([question(bucket="late")], at=AT)
    services.enqueue([question(bucket="early")], at=AT - timedelta(hours=1))
    services.enqueue([question(bucket="urgent", lane=Lane.INTERACTIVE)], at=AT)
    services.enqueue([question(bucket="tomorrow")], at=AT + timedelta(days=1))

    taken = [asking.take_due(limit=2, at=AT), asking.take_due(limit=2, at=AT)]

    assert [[row.bucket for row in rows] for rows in taken] == [["urgent", "early"], ["late"]]


def test_a_taken_question_is_not_taken_again_until_its_lease_ran_out():
    services.enqueue([question()], at=AT)
    first = asking.take_due(limit=1, at=AT)

    assert asking.take_due(limit=1, at=AT + services.LEASE - timedelta(seconds=1)) == []
    again = asking.take_due(limit=1, at=AT + services.LEASE)

    assert [row.pk for row in again] == [row.pk for row in first]
    assert again[0].leased_by != first[0].leased_by


@pytest.mark.django_db(transaction=True)
def test_rows_that_another_process_is_taking_are_passed_over():
    services.enqueue([question(), question(iin=OTHER_IIN)], at=AT)
    taken_elsewhere = CheckRequest.objects.exclude(subject_iin=OTHER_IIN).get()

    with another_process() as other:
        other.execute(
            "SELECT id FROM integrations_checkrequest WHERE id = %s FOR UPDATE", [taken_elsewhere.pk]
        )
        taken = asking.take_due(limit=10, at=AT)

    assert [row.subject_iin for row in taken] == [OTHER_IIN]


@contextmanager
def another_process():
    parameters = connection.get_connection_params()
    chosen = {
        key: parameters[key] for key in ("dbname", "user", "password", "host", "port") if key in parameters
    }
    with psycopg.connect(**chosen) as other:
        yield other
        other.rollback()


def test_the_attempt_is_written_before_the_call():
    services.enqueue([question()], at=AT)
    seen = []

    def look(message):
        attempt = CheckAttempt.objects.get()
        seen.append((str(attempt.message_id), attempt.answered_at, attempt.outcome))
        return found(message)

    transport = Scripted(look)
    asking.ask_due(limit=1, at=AT, transport=transport)

    assert seen == [(transport.messages[0].message_id, None, "")]


def test_an_answer_closes_the_question_and_keeps_its_envelope():
    services.enqueue([question()], at=AT)

    [check] = ask_then_record(Scripted())

    row, attempt = CheckRequest.objects.get(), CheckAttempt.objects.get()
    assert (check.iin, check.source, check.request_id, check.is_final) == (IIN, "zags", row.pk, True)
    assert check.answer.outcome is Outcome.FOUND
    assert check.answer.fetched_at == AT + ELAPSED
    assert (row.state, row.outcome, row.attempts, row.failures) == ("ANSWERED", "FOUND", 1, 0)
    assert (row.closed_at, row.leased_at, row.leased_by) == (AT + ELAPSED, None, None)
    assert (attempt.outcome, attempt.raw_code, attempt.answered_at) == ("FOUND", "00000", AT + ELAPSED)
    kept = kept_envelopes.read(attempt)
    assert hashlib.sha256(kept).hexdigest() == attempt.envelope_sha256 == check.answer.envelope_sha256
    assert asking.ask_due(limit=1, at=AT + timedelta(days=30), transport=Scripted()) == []


def test_a_question_and_its_repetition_have_one_correlation_id_and_two_message_ids():
    services.enqueue([question()], at=AT)
    transport = Scripted(503)

    ask_then_record(transport)
    ask_then_record(transport, at=asking.next_attempt_at())

    assert len({message.correlation_id for message in transport.messages}) == 1
    assert len({message.message_id for message in transport.messages}) == 2
    assert CheckAttempt.objects.count() == 2


def test_a_failure_is_asked_again_later_and_never_becomes_an_answer():
    services.enqueue([question()], at=AT)

    [check] = ask_then_record(Scripted(503))

    row = CheckRequest.objects.get()
    assert (check.is_final, check.answer.facts) == (False, ())
    assert (row.state, row.outcome, row.attempts, row.failures) == ("DUE", "TEMPORARY", 1, 1)
    assert AT < row.next_attempt_at < AT + timedelta(seconds=10)
    assert asking.ask_due(limit=1, at=AT, transport=Scripted()) == []


def test_what_fails_too_often_is_a_dead_letter_with_its_reason():
    services.enqueue([question()], at=AT)
    for _ in range(ADAPTERS["zags"].definition.max_attempts):
        ask_then_record(Scripted(Failure.TIMEOUT), at=asking.next_attempt_at())
    assert asking.next_attempt_at() is None

    row = CheckRequest.objects.get()
    assert (row.state, row.dead_reason, row.outcome) == ("DEAD", "TOO_MANY_FAILURES", "TEMPORARY")
    assert row.attempts == row.failures == ADAPTERS["zags"].definition.max_attempts
    assert CheckAttempt.objects.filter(raw_code="TIMEOUT", envelope=None).count() == row.attempts


def test_a_source_that_recovers_is_answered_after_its_failures():
    services.enqueue([question()], at=AT)
    ask_then_record(Scripted(500))

    [check] = ask_then_record(Scripted(), at=asking.next_attempt_at())

    assert (check.answer.outcome, CheckRequest.objects.get().failures) == (Outcome.FOUND, 1)


def test_an_unreachable_gateway_changes_nothing_at_all():
    services.enqueue([question(), question(iin=OTHER_IIN)], at=AT)
    before = everything()

    with pytest.raises(services.GatewayUnreachable):
        asking.ask_due(limit=10, at=AT, transport=Scripted(is_reachable=False))

    assert everything() == before
    assert selectors.count_open() == 2


def test_with_nothing_due_the_gateway_is_not_even_looked_for():
    assert asking.ask_due(limit=10, at=AT, transport=Scripted(is_reachable=False)) == []


def test_a_worker_that_dies_in_the_call_leaves_evidence_and_the_question():
    services.enqueue([question()], at=AT)

    def die(message):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asking.ask_due(limit=1, at=AT, transport=Scripted(die))
    [check] = ask_then_record(Scripted(), at=AT + services.LEASE)

    assert check.answer.outcome is Outcome.FOUND
    assert sorted(CheckAttempt.objects.values_list("outcome", flat=True)) == ["", "FOUND"]


def test_the_answer_of_a_worker_that_lost_its_lease_is_evidence_only():
    services.enqueue([question()], at=AT)
    late = asking.ask_due(limit=1, at=AT, transport=Scripted())
    nothing = envelope("zags", body("zags", inner=nothing_inside("zags", "00001")), correlation_id="")
    ask_then_record(Scripted(nothing), at=AT + services.LEASE)

    assert services.record_answers(late) == []

    row = CheckRequest.objects.get()
    assert (row.outcome, row.attempts) == ("NOT_FOUND_CONFIRMED", 1)
    assert CheckAttempt.objects.exclude(outcome="").count() == 2


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(minutes=5, seconds=1)])
def test_an_answer_from_the_future_is_a_breach_beyond_the_skew_of_a_clock(ahead):
    services.enqueue([question()], at=AT)
    said = (AT + ELAPSED + ahead).isoformat()

    def from_ahead(message):
        return re.sub(rb"<actualDate>[^<]*", f"<actualDate>{said}".encode(), found(message))

    [check] = ask_then_record(Scripted(from_ahead))

    is_breach = ahead > timedelta(minutes=5)
    assert check.answer.outcome is (Outcome.CONTRACT_VIOLATION if is_breach else Outcome.FOUND)
    assert bool(check.answer.facts) != is_breach
    assert (check.answer.raw_code == "FROM_THE_FUTURE") == is_breach
    assert CheckAttempt.objects.get().envelope_sha256


def test_an_answer_after_the_deadline_counts_and_a_failure_after_it_is_the_last():
    services.enqueue([question(), question(iin=OTHER_IIN, source="egkn")], at=AT)
    late = AT + max(ADAPTERS[source].definition.deadline for source in ("zags", "egkn")) + timedelta(hours=1)

    checks = ask_then_record(Scripted(lambda message: None if message.source == "zags" else 503), at=late)

    assert {check.source: check.answer.outcome for check in checks} == {
        "zags": Outcome.FOUND,
        "egkn": Outcome.TEMPORARY,
    }
    states = dict(CheckRequest.objects.values_list("source", "state"))
    assert states == {"zags": "ANSWERED", "egkn": "DEAD"}
    assert CheckRequest.objects.get(source="egkn").dead_reason == DeadReason.TOO_OLD
    assert CheckAttempt.objects.filter(answered_at__gt=late).count() == 2


def test_answers_recorded_twice_count_once():
    services.enqueue([question()], at=AT)
    answered = asking.ask_due(limit=1, at=AT, transport=Scripted())

    assert len(services.record_answers(answered)) == 1
    assert services.record_answers(answered) == []
    assert CheckRequest.objects.get().attempts == 1


def test_facts_that_cannot_be_stored_leave_the_question_open():
    services.enqueue([question()], at=AT)
    answered = asking.ask_due(limit=1, at=AT, transport=Scripted())

    def record_and_fail():
        services.record_answers(answered)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record_and_fail()

    assert CheckRequest.objects.get().state == CheckState.LEASED
    assert CheckAttempt.objects.get().answered_at is None


class Slow(Scripted):
    """A gateway that answers a person with IIN only when nothing else is awaited any more."""

    def receive(self, *, enough, patience):
        quick = [reply for reply in self.came if reply.message_id not in self.slow]
        came = (quick or self.came)[:enough]
        self.came = [reply for reply in self.came if reply not in came]
        return came

    @property
    def slow(self):
        return {one.message_id for one in self.messages if IIN.encode() in one.body}


def test_nobody_waits_for_the_slowest_answer():
    services.enqueue([question(), question(iin=OTHER_IIN)], at=AT)
    transport = Slow(503)
    with services.Dispatch(transport) as dispatch:
        assert dispatch.ask(limit=2, at=AT) == 2
        [first] = services.record_answers(dispatch.hear())
        assert (first.iin, dispatch.under_way) == (OTHER_IIN, 1)

        services.enqueue([question(iin=OTHER_IIN, bucket="next")], at=AT)
        assert dispatch.ask(limit=4, at=AT) == 1
        assert [check.iin for check in services.record_answers(dispatch.hear())] == [OTHER_IIN]
        assert [check.iin for check in services.record_answers(asking.hear_all(dispatch))] == [IIN]
    assert CheckAttempt.objects.filter(answered_at__isnull=False).count() == 3


def test_a_question_under_way_keeps_its_slot_and_no_more(settings):
    settings.GATEWAY_LIMITS_FACTOR = 1
    allowed = ADAPTERS["zags"].definition.concurrency
    services.enqueue([question(iin=iin, bucket=str(n)) for iin in (IIN, OTHER_IIN) for n in range(9)], at=AT)

    with services.Dispatch(Slow()) as dispatch:
        sent = dispatch.ask(limit=allowed, at=AT)
        services.record_answers(dispatch.hear())
        slots = limits.room(["zags"], at=AT)["zags"].slots_left
        assert slots == allowed - dispatch.under_way
    assert limits.room(["zags"], at=AT)["zags"].slots_left == allowed
    assert sent > 1


def test_what_is_under_way_is_heard_when_the_gateway_goes():
    services.enqueue([question(), question(iin=OTHER_IIN)], at=AT)
    transport = Scripted()
    with services.Dispatch(transport) as dispatch:
        dispatch.ask(limit=1, at=AT)
        transport.reachable = False
        assert dispatch.ask(limit=4, at=AT) == 0
        assert len(services.record_answers(dispatch.hear())) == 1
        with pytest.raises(services.GatewayUnreachable):
            dispatch.ask(limit=4, at=AT)


def test_asking_inside_a_transaction_is_refused():
    services.enqueue([question()], at=AT)

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        asking.ask_due(limit=1, at=AT, transport=Scripted())


def test_a_batch_of_many_sources_keeps_every_answer_with_its_question():
    services.enqueue([question(source=source) for source in ADAPTERS], at=AT)

    checks = ask_then_record(Scripted())

    assert {check.source: check.answer.outcome for check in checks} == dict.fromkeys(ADAPTERS, Outcome.FOUND)
    assert all(fact.source == check.source for check in checks for fact in check.answer.facts)
    assert selectors.count_by_source_and_state() == {(source, "ANSWERED"): 1 for source in ADAPTERS}


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "LOST", "closed_at": AT}, "check_request_state_is_known"),
        ({"lane": "FAST"}, "check_request_lane_is_known"),
        ({"outcome": "MAYBE"}, "check_request_outcome_is_known"),
        ({"leased_at": AT}, "check_request_leased_at_and_by_together"),
        ({"state": "LEASED"}, "check_request_leased_exactly_when_taken"),
        ({"state": "ANSWERED"}, "check_request_closed_at_exactly_when_closed"),
        ({"closed_at": AT}, "check_request_closed_at_exactly_when_closed"),
        ({"state": "DEAD", "closed_at": AT}, "check_request_dead_has_a_reason"),
        ({"dead_reason": "TOO_OLD"}, "check_request_dead_has_a_reason"),
        ({"period_start": date(2026, 9, 1)}, "check_request_period_has_a_day"),
        (
            {"period_start": date(2026, 9, 1), "period_until": date(2026, 9, 1)},
            "check_request_period_has_a_day",
        ),
        ({"failures": 1}, "check_request_failures_are_attempts"),
    ],
)
def test_the_database_refuses_a_question_in_an_impossible_state(change, constraint):
    services.enqueue([question()], at=AT)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CheckRequest.objects.update(**change)


def test_the_database_refuses_the_same_question_twice():
    services.enqueue([question()], at=AT)
    row = CheckRequest.objects.get()
    row.pk = None

    with pytest.raises(IntegrityError, match="one_check_request_per_key"), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"outcome": "FOUND"}, "check_attempt_answered_at_and_outcome_together"),
        ({"answered_at": AT}, "check_attempt_answered_at_and_outcome_together"),
        ({"signature": "PRETTY"}, "check_attempt_signature_is_known"),
        (
            {"outcome": "FOUND", "answered_at": AT - timedelta(seconds=1)},
            "check_attempt_answered_after_asked",
        ),
    ],
)
def test_the_database_refuses_an_impossible_attempt(change, constraint):
    services.enqueue([question()], at=AT)
    asking.ask_due(limit=1, at=AT, transport=Scripted())

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CheckAttempt.objects.update(**change)


def test_no_iin_in_the_name_of_a_row():
    services.enqueue([question()], at=AT)
    [check] = asking.ask_due(limit=1, at=AT, transport=Scripted())

    assert IIN not in f"{check.request}{check.attempt}{check!r}"


def limits_of_the_owner(settings):
    settings.GATEWAY_LIMITS_FACTOR = 1


def test_a_batch_holds_no_more_than_the_owner_of_a_source_allows(settings):
    limits_of_the_owner(settings)
    services.enqueue([question(bucket=str(number)) for number in range(40)], at=AT)
    services.enqueue([question(source="egkn", bucket=str(number)) for number in range(2)], at=AT)

    transport = Scripted()
    ask_then_record(transport)

    asked = [message.source for message in transport.messages]
    # One slot of four is left for whoever waits at a screen.
    assert (asked.count("zags"), asked.count("egkn")) == (3, 2)
    assert CheckRequest.objects.filter(state="DUE", attempts=0).count() == 37


def test_whoever_waits_goes_before_bulk_and_takes_the_slot_that_bulk_leaves(settings):
    limits_of_the_owner(settings)
    services.enqueue([question(bucket=str(number)) for number in range(9)], at=AT)
    services.enqueue([question(bucket="urgent", lane=Lane.INTERACTIVE)], at=AT)

    checks = ask_then_record(Scripted())

    assert checks[0].request.bucket == "urgent"
    assert len(checks) == 4


def test_an_open_question_that_somebody_waits_for_now_changes_its_lane():
    services.enqueue([question()], at=AT)

    assert services.enqueue([question(lane=Lane.INTERACTIVE)], at=AT) == 0

    assert CheckRequest.objects.get().lane == Lane.INTERACTIVE


def test_a_source_that_is_down_keeps_its_questions_due_and_burns_no_attempts():
    services.enqueue([question(bucket=str(number)) for number in range(30)], at=AT)
    down = Scripted(503)
    services.record_answers(asking.ask_due(limit=limits.FAILURES_TO_OPEN, at=AT, transport=down))

    checks = ask_then_record(Scripted(), at=AT + timedelta(seconds=20))

    assert checks == []
    untouched = CheckRequest.objects.filter(source="zags", attempts=0, state="DUE")
    assert untouched.count() == 30 - limits.FAILURES_TO_OPEN


def test_other_sources_are_asked_while_a_circuit_is_open():
    services.enqueue([question(bucket=str(number)) for number in range(30)], at=AT)
    services.record_answers(asking.ask_due(limit=limits.FAILURES_TO_OPEN, at=AT, transport=Scripted(503)))
    services.enqueue([question(source="egkn")], at=AT)

    [other] = ask_then_record(Scripted())

    assert other.source == "egkn"


def test_one_canary_tries_a_source_and_its_failure_is_not_the_questions():
    services.enqueue([question(bucket=str(number)) for number in range(30)], at=AT)
    services.record_answers(asking.ask_due(limit=limits.FAILURES_TO_OPEN, at=AT, transport=Scripted(503)))
    later = AT + ELAPSED + limits.FIRST_PAUSE

    [canary] = ask_then_record(Scripted(503), at=later)
    assert ask_then_record(Scripted(503), at=later) == []
    row = CheckRequest.objects.get(pk=canary.request_id)
    assert (row.state, row.attempts - row.failures) == ("DUE", 1)

    [second] = ask_then_record(Scripted(), at=later + ELAPSED + limits.FIRST_PAUSE * 2)
    assert second.answer.outcome is Outcome.FOUND
    assert len(ask_then_record(Scripted(), at=later + ELAPSED + limits.FIRST_PAUSE * 2)) > 10


def test_nothing_is_taken_in_the_hours_of_maintenance(monkeypatch):
    definition = replace(ADAPTERS["zags"].definition, maintenance_windows=((time(2), time(4)),))
    adapters = {**ADAPTERS, "zags": replace(ADAPTERS["zags"], definition=definition)}
    monkeypatch.setattr(dispatch, "ADAPTERS", adapters)
    in_the_night = datetime(2026, 8, 31, 21, 0, tzinfo=UTC)  # two o'clock in Almaty
    services.enqueue([question()], at=in_the_night)

    assert asking.ask_due(limit=5, at=in_the_night, transport=Scripted()) == []
    assert len(asking.ask_due(limit=5, at=in_the_night + timedelta(hours=2), transport=Scripted())) == 1


@pytest.mark.parametrize(
    ("age", "freshness", "is_asked"),
    [
        (timedelta(days=30) - timedelta(seconds=1), Freshness.USUAL, False),
        (timedelta(days=30), Freshness.USUAL, True),
        (timedelta(days=1) - timedelta(seconds=1), Freshness.BEFORE_ALLOCATION, False),
        (timedelta(days=1), Freshness.BEFORE_ALLOCATION, True),
        (timedelta(hours=1), Freshness.ASK_ANYWAY, True),
    ],
)
def test_what_was_answered_a_short_time_ago_is_not_asked_again(age, freshness, is_asked):
    services.enqueue([question(source="egkn")], at=AT)
    ask_then_record(Scripted())
    later = AT + ELAPSED + age

    new = services.enqueue([question(source="egkn", bucket="next")], at=later, freshness=freshness)

    assert new == is_asked


def test_an_unanswered_question_makes_nothing_fresh():
    services.enqueue([question()], at=AT)
    ask_then_record(Scripted(503))

    assert services.enqueue([question(bucket="next")], at=AT) == 1


def kill(source="zags"):
    services.enqueue([question(source=source)], at=AT)
    ask_then_record(Scripted(403))
    return CheckRequest.objects.get(source=source)


def test_a_given_up_question_has_an_owner_and_can_be_given_to_another():
    assert kill().owner == "operator"

    assert dead_letters.assign(owner="aliya", by="boss", at=AT, source="zags") == 1

    assert CheckRequest.objects.get().owner == "aliya"
    act = OutboxAct.objects.get()
    assert (act.kind, act.by, act.owner, act.rows) == ("ASSIGN", "boss", "aliya", 1)


def test_a_given_up_question_is_asked_anew_and_its_attempts_stay():
    kill()
    later = AT + timedelta(days=20)

    assert dead_letters.redrive(by="aliya", at=later, source="zags", reason=DeadReason.REFUSED) == 1
    [check] = ask_then_record(Scripted(), at=later)

    row = CheckRequest.objects.get()
    assert (check.answer.outcome, row.state, row.owner, row.attempts) == (Outcome.FOUND, "ANSWERED", "", 2)
    assert row.deadline_at == later + ADAPTERS["zags"].definition.deadline
    assert CheckAttempt.objects.count() == 2
    assert OutboxAct.objects.get().kind == "REDRIVE"


def test_only_what_was_given_up_for_the_reason_is_asked_anew():
    kill()

    assert dead_letters.redrive(by="aliya", at=AT, source="zags", reason=DeadReason.TOO_OLD) == 0
    assert dead_letters.redrive(by="aliya", at=AT, source="egkn") == 0
    with pytest.raises(ValueError, match="cks"):
        dead_letters.redrive(by="aliya", at=AT, source="cks")


def test_the_command_redrives_and_says_how_many(capsys):
    kill()

    call_command("redrive_checks", "--source", "zags", "--operator", "aliya")

    assert capsys.readouterr().out == "1 questions of zags\n"
    assert CheckRequest.objects.get().state == CheckState.DUE


def test_acts_on_the_outbox_are_append_only():
    kill()
    dead_letters.assign(owner="aliya", by="boss", at=AT, source="zags")

    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        OutboxAct.objects.update(by="nobody")


def test_a_kept_envelope_is_no_plain_text_and_opens_with_older_keys(settings):
    settings.ENVELOPE_KEYS = ["old"]
    services.enqueue([question()], at=AT)
    ask_then_record(Scripted())
    attempt = CheckAttempt.objects.get()

    assert IIN.encode() not in bytes(attempt.envelope)
    settings.ENVELOPE_KEYS = ["new", "old"]
    assert IIN.encode() in kept_envelopes.read(attempt)
    settings.ENVELOPE_KEYS = ["new"]
    with pytest.raises(sealing.Unreadable):
        kept_envelopes.read(attempt)


def test_envelopes_are_purged_after_their_time_and_their_digest_stays(settings):
    settings.ENVELOPE_RETENTION_DAYS = 10
    services.enqueue([question()], at=AT)
    ask_then_record(Scripted())
    answered_at = CheckAttempt.objects.get().answered_at

    assert kept_envelopes.purge(by="timer", at=answered_at + timedelta(days=10)) == 0
    later = answered_at + timedelta(days=10, seconds=1)
    assert kept_envelopes.purge(by="timer", at=later) == 1

    attempt = CheckAttempt.objects.get()
    assert (attempt.envelope, attempt.envelope_purged_at, attempt.outcome) == (None, later, "FOUND")
    assert len(attempt.envelope_sha256) == 64
    assert kept_envelopes.read(attempt) is None
    assert OutboxAct.objects.filter(kind="PURGE", rows=1, by="timer").count() == 1


def ask_for_person(transport, *, at=AT, bucket="2026-09"):
    services.enqueue([question(source="gbd_fl", bucket=bucket)], at=at, freshness=Freshness.ASK_ANYWAY)
    return ask_then_record(transport, at=at)


def test_a_token_is_fetched_before_its_question_and_used_until_it_expires():
    transport = Scripted()

    for minutes in (0, 8):
        [check] = ask_for_person(transport, at=AT + timedelta(minutes=minutes), bucket=str(minutes))
        assert check.answer.outcome is Outcome.FOUND
    assert AccessToken.objects.count() == 1
    # The token lives ten minutes, and is not sent in its last one.
    ask_for_person(transport, at=AT + timedelta(minutes=9), bucket="9")

    assert AccessToken.objects.count() == 2
    assert all(b"<kdpToken>T-1</kdpToken>" in message.body for message in transport.messages)
    assert b"T-1" not in bytes(AccessToken.objects.first().code)


class OnlyTokens(Scripted):
    """A gateway whose consent service answers with a status; what else it is asked is counted."""

    def __init__(self, status, **fields):
        super().__init__()
        self.status, self.fields = status, fields

    def token(self, message):
        return token_for(message, status=self.status, **self.fields)


@pytest.mark.parametrize(
    ("status", "iin", "outcome", "state"),
    [
        ("INVALID", IIN, Outcome.NO_CONSENT, "ANSWERED"),
        ("EXPIRED", IIN, Outcome.CONSENT_EXPIRED, "ANSWERED"),
        ("DENIED", IIN, Outcome.ACCESS_DENIED, "DEAD"),
        ("VALID", OTHER_IIN, Outcome.IDENTITY_MISMATCH, "DUE"),
        ("WHO KNOWS", IIN, Outcome.CONTRACT_VIOLATION, "DUE"),
    ],
)
def test_without_a_token_the_source_is_not_asked_and_no_fact_is_made(status, iin, outcome, state):
    services.enqueue([question(source="gbd_fl")], at=AT)
    transport = OnlyTokens(status, iin=iin)

    [check] = ask_then_record(transport)

    assert (check.answer.outcome, check.answer.facts, transport.messages) == (outcome, (), [])
    assert CheckRequest.objects.get().state == state
    assert CheckAttempt.objects.get().raw_code == f"KDP_{status}"
    assert AccessToken.objects.get().code is None


def expired(message):
    raw = found(message)
    assert b"<code>00000</code>" in raw
    return raw.replace(b"<code>00000</code>", b"<code>00011</code>")


def test_a_kept_token_that_its_system_calls_expired_is_dropped_and_a_new_one_tried():
    ask_for_person(Scripted())
    first = AccessToken.objects.get()
    transport = Scripted(expired)
    [check] = ask_for_person(transport, at=AT + timedelta(minutes=1), bucket="next")
    row = CheckRequest.objects.get(bucket="next")
    assert (check.is_final, row.state, row.failures) == (False, "DUE", 1)
    first.refresh_from_db()
    assert first.revoked_at == check.answer.fetched_at

    [check] = ask_then_record(Scripted(), at=row.next_attempt_at)

    assert check.answer.outcome is Outcome.FOUND
    assert AccessToken.objects.count() == 2
    assert AccessToken.objects.filter(revoked_at__isnull=True).count() == 1


def test_a_new_token_that_its_system_calls_expired_is_the_systems_word_and_not_kept():
    [check] = ask_for_person(Scripted(expired))

    assert (check.answer.outcome, check.is_final) == (Outcome.CONSENT_EXPIRED, True)
    assert CheckRequest.objects.get().state == "ANSWERED"
    assert AccessToken.objects.get().revoked_at is not None
    assert CheckAttempt.objects.count() == 1


def test_tokens_that_go_on_being_refused_end_the_question_as_any_failure(monkeypatch):
    """Other workers keep fetching tokens, each of which is refused, too: not for ever."""
    ask_for_person(Scripted())
    AccessToken.objects.update(expires_at=AT + timedelta(days=30))
    monkeypatch.setattr(consent_tokens, "drop", lambda **_: 0)
    services.enqueue([question(source="gbd_fl", bucket="next")], at=AT, freshness=Freshness.ASK_ANYWAY)
    row = CheckRequest.objects.get(bucket="next")
    while row.state == "DUE":
        ask_then_record(Scripted(expired), at=row.next_attempt_at)
        row.refresh_from_db()

    assert (row.state, row.dead_reason) == ("DEAD", "TOO_MANY_FAILURES")
    assert row.attempts == ADAPTERS["gbd_fl"].definition.max_attempts


def test_a_token_of_another_person_or_system_stays():
    ask_for_person(Scripted())
    services.enqueue([question(source="gbd_ul", iin=IIN)], at=AT)
    ask_then_record(Scripted())
    count = AccessToken.objects.count()

    assert consent_tokens.drop(iin=OTHER_IIN, source="gbd_fl", at=AT) == 0
    assert consent_tokens.drop(iin=IIN, source="gbd_fl", at=AT - timedelta(seconds=1)) == 0
    assert consent_tokens.drop(iin=IIN, source="gbd_fl", at=AT) == 1
    assert AccessToken.objects.filter(revoked_at__isnull=True).count() == count - 1


def test_a_revoked_token_is_not_used_any_more():
    transport = Scripted()
    ask_for_person(transport)

    assert consent_tokens.revoke(iins=[IIN], by="clerk", at=AT) == 1
    ask_for_person(transport, bucket="next")

    assert AccessToken.objects.count() == 2
    assert OutboxAct.objects.get().kind == "REVOKE"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"code": None}, "access_token_found_has_code_and_expiry"),
        ({"expires_at": None}, "access_token_found_has_code_and_expiry"),
        ({"answered_at": None}, "access_token_answered_at_and_outcome_together"),
    ],
)
def test_the_database_refuses_an_impossible_token(change, constraint):
    ask_for_person(Scripted())

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AccessToken.objects.update(**change)


def test_the_database_refuses_a_purged_envelope_that_is_there():
    services.enqueue([question()], at=AT)
    ask_then_record(Scripted())

    with pytest.raises(IntegrityError, match="check_attempt_purged_has_no_envelope"), transaction.atomic():
        CheckAttempt.objects.update(envelope_purged_at=AT)


def test_the_database_refuses_a_dead_letter_without_an_owner():
    kill()

    with pytest.raises(IntegrityError, match="check_request_dead_has_an_owner"), transaction.atomic():
        CheckRequest.objects.update(owner="")


def unreachable(*_arguments, **_fields):
    raise limits.LimitsUnreachable


def test_when_nobody_can_tell_what_may_be_asked_nothing_is(monkeypatch):
    services.enqueue([question()], at=AT)
    before = everything()
    monkeypatch.setattr(limits, "room", unreachable)

    with pytest.raises(services.GatewayUnreachable):
        asking.ask_due(limit=1, at=AT, transport=Scripted())

    assert everything() == before


def test_an_answer_is_not_lost_with_the_counters(monkeypatch):
    services.enqueue([question()], at=AT)
    monkeypatch.setattr(limits, "report", unreachable)
    monkeypatch.setattr(limits, "release", unreachable)

    [check] = ask_then_record(Scripted())

    assert check.answer.outcome is Outcome.FOUND
    assert CheckRequest.objects.get().state == CheckState.ANSWERED


def test_limits_that_are_flushed_in_the_midst_stop_nothing():
    services.enqueue([question(), question(iin=OTHER_IIN)], at=AT)

    def flush(message):
        cache.clear()
        return 503

    assert len(ask_then_record(Scripted(flush))) == 2
    assert len(ask_then_record(Scripted(), at=asking.next_attempt_at() + timedelta(minutes=1))) == 2
