"""The fake state gateway as a process of its own, asked over real HTTP through the real transport."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from integrations.contract import FactKind, Failure, Message, Outcome, Period, Query, Signature
from integrations.fakes import keys, tokens
from integrations.fakes.manners import MANNERS
from integrations.gateway import envelope, replies
from integrations.gateway.sending import Sender
from integrations.gateway.transport import GatewayTransport
from integrations.sources import ADAPTERS, kdp

AT = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
ANNA, BORIS, STRANGER, SILENT = "851231200009", "851231100002", "920330200109", "851231100012"
PEOPLE = [
    {
        "iin": ANNA,
        "name": {"last": "Әлиева", "first": "Анна", "middle": "Ұлықызы"},
        "birth_date": "1885-12-31",
        "sex": "f",
        "registered": {"kato": "271010000", "rka": "1224108878342059", "since": "2018-04-13"},
        "family": [{"iin": BORIS, "relation": "spouse", "since": "1905-01-01", "until": None}],
        "property": [
            {"kind": "dwelling", "share": "1/3", "acquired": "2019-03-11", "disposed": "2022-01-01"}
        ],
        "income": {"2026-07": "182000.50", "2026-08": "1", "2025-08": "7"},
        "statuses": [{"code": "pensioner", "from": "2015-02-03", "until": None}],
    },
    {"iin": BORIS, "name": {"last": "Ким", "first": "Борис"}, "birth_date": "1885-12-31", "sex": "m"},
    {
        "iin": SILENT,
        "name": {"last": "Тыныш", "first": "А"},
        "birth_date": "1885-12-31",
        "sex": "m",
        "consent": False,
    },
]


FAULTS = {
    "gbd_fl": {"http_500": 1},
    "zags": {"rate_limited": 1},
    "egkn": {"html_200": 1},
    "addr_reg": {"truncated": 1},
    "enpf": {"wrong_person": 1},
    "emaket": {"bad_signature": 1},
    "esutd": {"down": True},
    "nobd": {"timeout": 1},
    "mod": {"latency_ms": 120},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Holds the world, the fault profile and the logs of the two processes that all tests here share."""
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "world.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, PEOPLE)).encode()))
    (folder / "faults.json").write_text(json.dumps({"seed": 7, "sources": FAULTS}))
    return folder


@pytest.fixture(scope="module")
def gateway(folder):
    """URL of a gateway where nothing fails."""
    with started(folder, "--log", str(folder / "questions.log")) as url:
        yield url


@pytest.fixture(scope="module")
def faulty_gateway(folder):
    """URL of a gateway where each system fails in its own way."""
    with started(folder, "--faults", str(folder / "faults.json"), "--log", str(folder / "faults.log")) as url:
        yield url


@contextmanager
def started(folder, *arguments):
    process = subprocess.Popen(
        command("--world", str(folder / "world.jsonl.gz"), "--port", "0", *arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process.stdout.readline().split()[0]
    finally:
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode == 0


def command(*arguments):
    return [sys.executable, "manage.py", "run_gateway", *arguments]


def message(query, *, message_id=None, timeout=timedelta(seconds=10), token=None, **envelope_fields):
    definition = ADAPTERS[query.source].definition
    message_id = message_id or str(uuid.uuid4())
    fields = {
        "message_id": message_id,
        "correlation_id": query.key,
        "service_id": definition.service_id,
        "message_date": AT,
        "sender_id": "kezek",
        **envelope_fields,
    }
    body = envelope.wrap(ADAPTERS[query.source].build(query, token), **fields)
    return Message(
        source=query.source, body=body, message_id=message_id, correlation_id=query.key, timeout=timeout
    )


def question(source, iin=ANNA, **fields):
    return Query(source=source, iin=iin, purpose="TEST", bucket="2026-09", **fields)


def token_message(iin, source="gbd_fl"):
    """A request for a token, as the outbox makes it."""
    service_id, message_id = ADAPTERS[source].definition.service_id, uuid.uuid4()
    return Sender().message(
        kdp.build(iin=iin, service_id=service_id),
        source=source,
        service_id=kdp.SERVICE_ID,
        message_id=message_id,
        correlation_id=kdp.correlation_id(iin=iin, service_id=service_id, message_id=str(message_id)),
        timeout=timedelta(seconds=10),
        at=AT,
    )


def token_of(transport, query):
    """A token of the mock consent service, None where none is needed or given."""
    if not ADAPTERS[query.source].definition.needs_token:
        return None
    asked = token_message(query.iin, query.source)
    [reply] = exchange(transport, [asked])
    return kdp.parse(reply.body, iin=query.iin, correlation_id=asked.correlation_id).token


def exchange(transport, messages):
    """Send all and wait for all; the replies in the order of the messages."""
    transport.send(messages)
    came = []
    while len(came) < len(messages):
        came += transport.receive(enough=len(messages), patience=timedelta(seconds=5))
    order = [message.message_id for message in messages]
    return sorted(came, key=lambda reply: order.index(reply.message_id))


def ask(url, *queries, **fields):
    with GatewayTransport(url) as transport:
        received = exchange(
            transport, [message(query, token=token_of(transport, query), **fields) for query in queries]
        )
    return [
        replies.answer_from(reply, query, adapter=ADAPTERS[query.source])
        for query, reply in zip(queries, received, strict=True)
    ]


def test_each_system_says_what_it_knows_and_no_more(gateway):
    answers = dict(zip(ADAPTERS, ask(gateway, *map(question, ADAPTERS)), strict=True))

    told = {source for source, answer in answers.items() if answer.outcome is Outcome.FOUND}
    assert told == {"gbd_fl", "zags", "egkn", "addr_reg", "enpf", "emaket"}
    assert {answers[source].outcome for source in set(ADAPTERS) - told} == {Outcome.NOT_FOUND_CONFIRMED}
    person, registration = answers["gbd_fl"].facts
    assert (person.value["last"], person.value["first"], person.value["middle"]) == (
        "Әлиева",
        "Анна",
        "Ұлықызы",
    )
    assert registration.value == {"kato": "271010000", "rka": "1224108878342059", "since": "2018-04-13"}
    assert answers["zags"].facts[0].value["iin"] == BORIS
    assert answers["enpf"].source_as_of == datetime(2026, 8, 31, 19, 0, tzinfo=UTC)


def test_a_person_that_nobody_knows_is_never_invented(gateway):
    answers = ask(gateway, *(question(source, STRANGER) for source in ADAPTERS))

    assert {answer.outcome for answer in answers} == {Outcome.NOT_FOUND_CONFIRMED}


def test_a_known_person_without_registration_is_told_from_an_unknown_one(gateway):
    known, unknown = ask(gateway, question("gbd_fl", BORIS), question("gbd_fl", STRANGER))

    assert [fact.kind for fact in known.facts] == [FactKind.PERSON, FactKind.REGISTRATION]
    assert known.facts[1].value == {"kato": None, "rka": None, "since": None}
    assert unknown.outcome is Outcome.NOT_FOUND_CONFIRMED


def test_without_consent_every_system_keeps_silent(gateway):
    answers = ask(gateway, *(question(source, SILENT) for source in ADAPTERS))

    assert {(answer.outcome, answer.facts) for answer in answers} == {(Outcome.NO_CONSENT, ())}


def test_a_period_narrows_income_and_rights(gateway):
    year = Period(start=date(2025, 9, 1), until=date(2026, 8, 1))
    since_sale = Period(start=date(2022, 1, 2), until=date(2026, 9, 1))
    before_sale = Period(start=date(2022, 1, 1), until=date(2026, 9, 1))

    income, later, earlier = ask(
        gateway,
        question("enpf", period=year),
        question("egkn", period=since_sale),
        question("egkn", period=before_sale),
    )

    assert [fact.value for fact in income.facts] == [{"month": "2026-07", "amount": "182000.50"}]
    assert later.outcome is Outcome.NOT_FOUND_CONFIRMED
    assert [fact.value["share"] for fact in earlier.facts] == ["1/3"]


def test_an_address_is_told_by_person_and_by_code(gateway):
    own, by_code, foreign = ask(
        gateway,
        question("addr_reg"),
        question("addr_reg", reference="1224108878342059"),
        question("addr_reg", reference="1111111111111111"),
    )

    assert own.facts[0].value == by_code.facts[0].value == {"rka": "1224108878342059", "kato": "271010000"}
    assert foreign.outcome is Outcome.NOT_FOUND_CONFIRMED


@pytest.mark.parametrize(
    ("source", "outcome", "raw_code"),
    [
        ("gbd_fl", Outcome.TEMPORARY, "HTTP_500"),
        ("zags", Outcome.RATE_LIMITED, "HTTP_429"),
        ("egkn", Outcome.CONTRACT_VIOLATION, "NOT_XML"),
        ("addr_reg", Outcome.CONTRACT_VIOLATION, "NOT_XML"),
        ("enpf", Outcome.IDENTITY_MISMATCH, "204"),
        ("emaket", Outcome.CONTRACT_VIOLATION, "SIGNATURE_NOT_VERIFIED"),
        ("esutd", Outcome.TEMPORARY, "SOURCE_UNAVAILABLE"),
        ("nobd", Outcome.TEMPORARY, "TIMEOUT"),
    ],
)
def test_a_planted_fault_makes_no_fact(faulty_gateway, source, outcome, raw_code):
    [answer] = ask(faulty_gateway, question(source), timeout=timedelta(milliseconds=500))

    assert (answer.outcome, answer.raw_code, answer.facts) == (outcome, raw_code, ())
    assert (answer.retry_after is not None) == (outcome is Outcome.RATE_LIMITED)


def test_a_slow_system_answers_after_its_latency(faulty_gateway):
    with GatewayTransport(faulty_gateway) as transport:
        [reply] = exchange(transport, [message(question("mod"))])

    assert reply.elapsed >= timedelta(milliseconds=120)
    assert reply.status == 200


@pytest.mark.parametrize(
    ("fields", "raw_code"),
    [
        ({"message_id": "1"}, "VAL-JSR-001"),
        ({"message_id": "00000000-0000-1000-8000-000000000000"}, "VAL-JSR-001"),
        ({"correlation_id": ""}, "VAL-JSR-001"),
        ({"sender_id": " "}, "VAL-JSR-001"),
        ({"service_id": "Unknown"}, "SBF-VE-8"),
        ({"properties": {"": "x"}}, "VAL-JSR-001"),
    ],
)
def test_a_question_that_breaks_the_schema_is_refused(gateway, fields, raw_code):
    with GatewayTransport(gateway) as transport:
        [reply] = exchange(transport, [message(question("zags"), **fields)])

    assert reply.status == 500
    assert envelope.open_envelope(reply.body).fault_codes == (raw_code,)


def test_a_message_id_is_taken_once(gateway):
    twice = message(question("zags"))

    with GatewayTransport(gateway) as transport:
        statuses = [exchange(transport, [twice])[0].status for _ in range(2)]

    assert statuses == [200, 500]


def test_what_is_no_envelope_is_refused(gateway):
    url = gateway
    bodies = [b"", b"{}", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']

    with GatewayTransport(url) as transport:
        received = exchange(
            transport,
            [
                Message(
                    source="zags", body=raw, message_id="m", correlation_id="c", timeout=timedelta(seconds=5)
                )
                for raw in bodies
            ],
        )

    assert [envelope.open_envelope(reply.body).fault_codes for reply in received] == [("VAL-JSR-001",)] * 4


def test_many_questions_come_back_in_their_order(gateway):
    queries = [
        question(source, iin) for _ in range(5) for iin in (ANNA, BORIS, STRANGER) for source in ADAPTERS
    ]

    answers = ask(gateway, *queries)

    assert [answer.key for answer in answers] == [query.key for query in queries]
    assert Outcome.IDENTITY_MISMATCH not in {answer.outcome for answer in answers}


def test_the_log_counts_questions_and_names_nobody(gateway, folder):
    ask(gateway, question("zags"), question("egkn"), question("zags", BORIS))

    text = (folder / "questions.log").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()][-3:]
    assert [row["event"] for row in rows] == ["gateway.asked"] * 3
    assert len({row["person"] for row in rows}) == 2
    assert len({row["question"] for row in rows}) == 3
    assert not [iin for iin in (ANNA, BORIS, STRANGER, SILENT) if iin in text]
    assert question("zags").key not in text


def test_health_says_how_many_people_and_systems_there_are(gateway):
    with urllib.request.urlopen(gateway + "healthz", timeout=5) as response:  # noqa: S310
        assert json.load(response) == {"status": "ok", "people": 3, "sources": len(ADAPTERS)}


def refused(*arguments):
    """What a start that does not succeed says."""
    result = subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.returncode, "Traceback" in result.stderr) == (1, False)
    return result.stderr


def test_a_taken_port_is_a_clear_error(gateway, folder):
    port = gateway.rstrip("/").rsplit(":", 1)[1]

    words = refused("--world", str(folder / "world.jsonl.gz"), "--port", port)

    assert f"Port {port} on 127.0.0.1 can't be used" in words


def test_a_malformed_world_is_a_clear_error(tmp_path):
    path = tmp_path / "world.jsonl"
    path.write_text(json.dumps(PEOPLE[0]) + '\n{"iin": "1"}\n')

    assert f"{path}, line 2: iin: " in refused("--world", str(path))


def test_an_unknown_system_in_a_profile_is_a_clear_error(folder, tmp_path):
    profile = tmp_path / "faults.json"
    profile.write_text('{"sources": {"oracle": {"down": true}}}')

    words = refused("--world", str(folder / "world.jsonl.gz"), "--faults", str(profile))

    assert "sources.oracle: no such system" in words


def test_nobody_listening_is_a_reply_and_no_exception():
    with GatewayTransport("http://127.0.0.1:9/") as transport:
        assert not transport.is_reachable()
        [reply] = exchange(transport, [message(question("zags"))])

    assert reply.failure is Failure.UNREACHABLE


@pytest.mark.parametrize("url", ["", "gateway", "ftp://gateway/", "http://"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="GATEWAY_URL"):
        GatewayTransport(url)


@pytest.fixture(scope="module")
def signing_gateway(folder):
    """URL of a gateway that demands and gives signatures, and the signatures of a sender that it trusts."""
    keys.write_pairs(folder / "keys")
    ours = keys.of(folder / "keys", keys.OURS, trusting=keys.THEIRS)
    with started(folder, "--keys", str(folder / "keys"), "--log", str(folder / "signed.log")) as url:
        yield url, ours


def test_a_signed_question_gets_a_signed_answer_and_an_unsigned_one_is_refused(signing_gateway):
    url, ours = signing_gateway
    query, unsigned = question("zags"), message(question("zags"))
    signed = message(query)
    signed = replace(signed, body=ours.sign(signed.body))

    with GatewayTransport(url) as transport:
        received = exchange(transport, [signed, unsigned])

    verify = partial(ours.verify, at=AT)
    answers = [
        replies.answer_from(reply, query, adapter=ADAPTERS["zags"], verify=verify) for reply in received
    ]
    assert (answers[0].outcome, answers[0].signature) == (Outcome.FOUND, Signature.VALID)
    assert (answers[1].outcome, answers[1].raw_code) == (Outcome.ACCESS_DENIED, "SBF-AD-1")


@contextmanager
def misfortune(folder, tmp_path, **sources):
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps({"seed": 3, "sources": sources}))
    with started(folder, "--faults", str(profile), "--log", str(tmp_path / "log")) as url:
        yield url


def test_in_maintenance_a_system_says_when_to_come_back(folder, tmp_path):
    with misfortune(
        folder, tmp_path, zags={"maintenance": [[0, 500]]}, egkn={"maintenance": [[500, 501]]}
    ) as url:
        closed, open_ = ask(url, question("zags"), question("egkn"))

    assert (closed.outcome, closed.raw_code) == (Outcome.TEMPORARY, "SOURCE_UNAVAILABLE")
    assert timedelta(seconds=400) < closed.retry_after <= timedelta(seconds=500)
    assert open_.outcome is Outcome.FOUND


def test_who_takes_the_consent_back_is_told_of_no_more(folder, tmp_path):
    gone, later = {"withdrawn": 1}, {"withdrawn": 1, "withdrawn_after_s": 1000}
    with misfortune(folder, tmp_path, zags=gone, egkn=later) as url:
        withdrawn, still = ask(url, question("zags"), question("egkn"))

    assert (withdrawn.outcome, withdrawn.facts) == (Outcome.NO_CONSENT, ())
    assert still.outcome is Outcome.FOUND


def test_a_system_behind_the_consent_service_tells_nobody_without_a_good_token(gateway):
    query, boris = question("gbd_fl"), question("gbd_fl", BORIS)
    with GatewayTransport(gateway) as transport:
        of_boris = token_of(transport, boris)
        bad = [None, of_boris, replace(of_boris, public_key="another"), replace(of_boris, code="1-0")]
        received = exchange(transport, [message(query, token=token) for token in bad])
        assert token_of(transport, question("gbd_fl", SILENT)) is None

    answers = [replies.answer_from(reply, query, adapter=ADAPTERS["gbd_fl"]) for reply in received]
    assert {(answer.outcome, answer.facts) for answer in answers} == {(Outcome.NO_CONSENT, ())}


def test_a_token_is_good_up_to_its_last_millisecond():
    office = tokens.TokenOffice(key=b"k")
    token = office.give(ANNA, "S", expires_in=1000, at=AT)
    names = {"public_key": tokens.PUBLIC_KEY, "iin": ANNA, "service": "S"}

    just_good, expired = AT + timedelta(milliseconds=999), AT + timedelta(milliseconds=1000)
    assert office.check(token, at=just_good, **names) is tokens.State.GOOD
    assert office.check(token, at=expired, **names) is tokens.State.EXPIRED
    assert office.check(token, at=AT, **{**names, "service": "T"}) is tokens.State.NONE


@pytest.mark.parametrize("source", ["gbd_fl", "gbd_ul"])
def test_an_expired_token_is_said_so_and_confirms_nothing(source):
    manner, adapter = MANNERS[source], ADAPTERS[source]

    assert adapter.definition.code_map[manner.expired_code] is Outcome.CONSENT_EXPIRED


@pytest.mark.parametrize("windows", [[[5, 5]], [[9, 1]], [[1]], [["a", "b"]]])
def test_a_window_that_is_none_is_a_clear_error(folder, tmp_path, windows):
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps({"sources": {"zags": {"maintenance": windows}}}))

    assert "sources.zags.maintenance" in refused(
        "--world", str(folder / "world.jsonl.gz"), "--faults", str(profile)
    )


def test_keys_are_made_once_and_never_written_over(tmp_path):
    call_command("make_gateway_keys", str(tmp_path), stdout=StringIO())

    with pytest.raises(CommandError, match="is there already"):
        call_command("make_gateway_keys", str(tmp_path), stdout=StringIO())
    assert (tmp_path / "kezek.key").stat().st_mode & 0o077 == 0


def test_answers_are_handed_out_while_the_slowest_is_still_under_way(faulty_gateway):
    slow = message(question("nobd"), timeout=timedelta(seconds=2))
    quick = [message(question("mod", iin)) for iin in (ANNA, BORIS, STRANGER)]

    with GatewayTransport(faulty_gateway) as transport:
        transport.send([slow, *quick])
        first = transport.receive(enough=3, patience=timedelta(seconds=5))
        transport.send([message(question("mod", SILENT))])
        second = transport.receive(enough=1, patience=timedelta(seconds=5))
        last = transport.receive(enough=1, patience=timedelta(seconds=5))

    assert {reply.message_id for reply in first} == {one.message_id for one in quick}
    assert [reply.status for reply in second] == [200]
    assert [(reply.message_id, reply.failure) for reply in last] == [(slow.message_id, Failure.TIMEOUT)]


def test_every_answer_is_handed_out_once_in_whatever_portions(gateway):
    messages = [message(question("mod", ANNA)) for _ in range(150)]

    with GatewayTransport(gateway, in_flight=16) as transport:
        transport.send(messages)
        came = []
        while portion := transport.receive(enough=20, patience=timedelta(seconds=5)):
            came += [reply.message_id for reply in portion]

    assert sorted(came) == sorted(one.message_id for one in messages)


def test_a_question_that_follows_at_once_on_an_answer_is_sent(gateway):
    with GatewayTransport(gateway, in_flight=1) as transport:
        for _ in range(200):
            transport.send([message(question("mod", ANNA))])
            [reply] = transport.receive(enough=1, patience=timedelta(seconds=5))
            assert reply.status == 200


@contextmanager
def answering(status, **headers):
    """The URL of a server that answers every question alike, and what it was asked."""
    asked = []

    class Alike(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Alike) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_answer_that_leads_elsewhere_is_not_followed(status):
    """SSRF: an IIN goes to no host but the one that the installation named."""
    with (
        answering(200) as (elsewhere, visits),
        answering(status, Location=elsewhere) as (url, asked),
        GatewayTransport(url) as transport,
    ):
        [reply] = exchange(transport, [message(question("mod", ANNA))])

    assert (reply.status, asked, visits) == (status, ["/"], [])


def test_questions_go_on_while_nobody_listens(gateway, folder):
    messages = [message(question("mod", ANNA)) for _ in range(50)]

    with GatewayTransport(gateway, in_flight=5) as transport:
        transport.send(messages)
        until = time.monotonic() + 60
        while not _are_in(messages, folder / "questions.log"):
            assert time.monotonic() < until, "nothing is asked"
            time.sleep(0.05)
        came = transport.receive(enough=50, patience=timedelta(seconds=5))

    assert len(came) == 50


def _are_in(messages, log):
    """Whether the gateway was asked all of them."""
    text = log.read_text(encoding="utf-8")
    return all(one.message_id in text for one in messages)


def test_what_is_under_way_is_given_up_when_the_transport_is_closed(faulty_gateway):
    slow = message(question("nobd"), timeout=timedelta(seconds=60))
    before = time.monotonic()

    with GatewayTransport(faulty_gateway) as transport:
        transport.send([slow])
        assert transport.receive(enough=1, patience=timedelta(seconds=0.2)) == []

    assert time.monotonic() - before < 30


def test_the_profile_is_read_again_on_sighup_and_a_wrong_one_changes_nothing(folder, tmp_path):
    profile = tmp_path / "profile.json"

    def status_under(document):
        profile.write_text(document)
        os.kill(process.pid, signal.SIGHUP)
        for _ in range(50):
            [reply] = exchange(transport, [message(question("zags"))])
            yield reply.status
            time.sleep(0.1)

    profile.write_text("{}")
    arguments = ("--world", str(folder / "world.jsonl.gz"), "--port", "0", "--faults", str(profile))
    process = subprocess.Popen(
        command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        with GatewayTransport(process.stdout.readline().split()[0]) as transport:
            assert 500 in status_under(json.dumps({"sources": {"zags": {"http_500": 1}}}))
            assert 200 in status_under("{}")
            assert next(status_under("no profile")) == 200
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=10)
    assert "can't be read as JSON" in errors


def test_the_consent_service_fails_as_often_as_the_profile_says_not_a_person_for_ever(folder, tmp_path):
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps({"seed": 7, "sources": {"kdp": {"http_500": 0.5}}}))

    with started(folder, "--faults", str(profile)) as url, GatewayTransport(url) as transport:
        statuses = {exchange(transport, [token_message(ANNA)])[0].status for _ in range(40)}

    assert statuses == {200, 500}


def test_a_mistake_of_ours_under_way_is_told_and_never_an_answer_that_is_awaited_for_ever(gateway):
    impossible = replace(message(question("zags")), timeout=None)

    with GatewayTransport(gateway) as transport, pytest.raises(AttributeError):
        exchange(transport, [impossible])
