"""From questions to a verdict through a real worker and a real gateway; a silent gateway changes nobody."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from housing_queue import founding
from integrations.gateway.transport import GatewayTransport
from integrations.models import CheckAttempt, CheckRequest
from integrations.services import GatewayUnreachable
from queue_registry.models import Application, Assessment, Fact, Person, SourceAnswer, WaitingList
from queue_registry.rules.income import window
from queue_registry.services import applications, assessment_requests, registrations, source_questions
from queue_registry.tasks import ask_due_checks
from tests import asking, factories

# The worker is a process of its own and lives on the machine's clock; so does each test, from its beginning.
AT = datetime.now(UTC)
MOTHER, FATHER, DAUGHTER = "920330200109", "851231100002", "170304200105"

pytestmark = pytest.mark.django_db(transaction=True)


def line(iin, *, last, born, sex, family=(), **changes):
    return {
        "iin": iin,
        "name": {"last": last, "first": "Әлия", "middle": ""},
        "birth_date": born,
        "death_date": None,
        "sex": sex,
        "citizenship": "KAZ",
        "registered": {"kato": "271010000", "rka": "1200000000000001", "since": "2010-01-01"},
        "family": [
            {"iin": other, "relation": relation, "since": "2017-03-04", "until": None}
            for other, relation in family
        ],
        "property": [],
        "income": {},
        "benefits": [],
        "disability": None,
        "statuses": [],
        "phone": "+77000000001",
    } | changes


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "AT", datetime.now(UTC))


@pytest.fixture
def world(tmp_path):
    months = window(timezone.localtime(AT).date())
    people = [
        line(
            MOTHER,
            last="Ұлықбанова",
            born="1992-03-30",
            sex="f",
            family=[(FATHER, "spouse"), (DAUGHTER, "child")],
            statuses=[{"code": "budget_worker", "from": "2012-01-01", "until": None}],
            income=dict.fromkeys(months, "120000.50"),
        ),
        line(FATHER, last="Ұлықбанов", born="1985-12-31", sex="m", family=[(MOTHER, "spouse")]),
        line(DAUGHTER, last="Ұлықбанова", born="2017-03-04", sex="f", family=[(MOTHER, "parent")]),
    ]
    path = tmp_path / "world.jsonl"
    path.write_text("".join(json.dumps(person, ensure_ascii=False) + "\n" for person in people))
    return path


@pytest.fixture
def entry():
    founded = founding.found(kato="271010000", at=AT, on=timezone.localtime(AT).date())
    application = Application(
        applicant=Person.objects.create(iin=MOTHER),
        origin="DESK",
        entered_by=founded.staff["clerk"],
        entered_at=AT,
    )
    applications.number_many(akimat=founded.akimat, applications=[application])
    factories.consent(
        application.applicant, at=AT - timedelta(days=1), for_household=True, application=application
    )
    (made,) = registrations.register_many(
        akimat=founded.akimat,
        registrations=[
            registrations.Registration(
                application=application,
                waiting_list=WaitingList.objects.get(akimat=founded.akimat, number="5"),
                registered_at=AT - timedelta(days=3000),
            )
        ],
        by=founded.staff["clerk"],
        at=AT,
        ground="APPLICATION",
    )
    return made


def look_into(entry):
    """What the background task does with an entry that is new to it, up to the questions."""
    assessment_requests.request_assessments(entries=[entry], at=AT)
    assessment_requests.assess_due(limit=10, at=AT)


def test_a_worker_asks_the_gateway_until_the_family_is_known_and_judged(entry, world, run_gateway, worker):
    worker(GATEWAY_URL=run_gateway(world))
    assessment_requests.request_assessments(entries=[entry], at=AT)

    ask_due_checks.delay()

    assessment = _wait_for(lambda: Assessment.objects.filter(entry=entry, eligibility="ELIGIBLE").first())
    assert str(assessment.income_per_member) == "40000.166666"
    assert assessment.rung == "rent"
    citizens = Person.objects.filter(staff_users=None)
    assert set(citizens.values_list("iin", flat=True)) == {MOTHER, FATHER, DAUGHTER}
    assert Person.objects.get(iin=FATHER).full_name == "Ұлықбанов Әлия"
    assert Fact.objects.filter(kind="INCOME_MONTH", person__iin=MOTHER).count() == 12


def test_an_unreachable_gateway_leaves_the_questions_due_and_everybody_as_they_were(entry):
    look_into(entry)
    with GatewayTransport("http://127.0.0.1:9/") as transport, pytest.raises(GatewayUnreachable):
        asking.ask_and_store(limit=10, at=AT, transport=transport)

    assert CheckRequest.objects.filter(state="DUE").count() == 2
    assert not CheckAttempt.objects.exists()
    assert not SourceAnswer.objects.exists()
    entry.refresh_from_db()
    assert entry.status == "WAITING"


def test_an_entry_looked_into_twice_is_asked_about_once(entry):
    look_into(entry)
    asked = CheckRequest.objects.values_list("pk", flat=True)
    before = set(asked)
    look_into(entry)

    assert (len(before), set(asked.all())) == (2, before)


def test_a_source_that_is_down_makes_unknown_and_takes_nothing_away(entry, world, run_gateway, tmp_path):
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps({"seed": 1, "sources": {"egkn": {"down": True}}}))
    look_into(entry)
    with GatewayTransport(run_gateway(world, "--faults", str(faults))) as transport:
        while asking.ask_and_store(limit=100, at=AT, transport=transport) or assessment_requests.assess_due(
            limit=100, at=AT
        ):
            pass

    assessment = Assessment.objects.get(entry=entry)
    assert (assessment.eligibility, assessment.code) == ("UNKNOWN", "SOURCE_UNANSWERED")
    assert CheckRequest.objects.filter(source="egkn", state="DUE").exists()
    entry.refresh_from_db()
    assert entry.status == "WAITING"


def test_a_newer_answer_supersedes_and_nothing_is_overwritten(entry, world, run_gateway):
    later = AT + timedelta(days=40)
    with GatewayTransport(run_gateway(world)) as transport:
        for at in (AT, later):
            source_questions.ask_about(
                people=[Person.objects.get(iin=MOTHER)], sources=["gbd_fl"], at=at, by="test"
            )
            asking.ask_and_store(limit=100, at=at, transport=transport)

    answers = SourceAnswer.objects.filter(person__iin=MOTHER, source="gbd_fl").order_by("pk")
    assert [answer.superseded_at is None for answer in answers] == [False, True]


def _wait_for(ready, seconds=30):
    deadline = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < deadline, "nothing came in time"
        time.sleep(0.2)
        ask_due_checks.delay()
    return found


def test_a_consent_that_ends_in_mid_sweep_closes_what_is_open_and_takes_nothing_back(
    entry, world, run_gateway, tmp_path
):
    withdrawn = tmp_path / "withdrawn.json"
    withdrawn.write_text(json.dumps({"seed": 1, "sources": {"*": {"withdrawn": 1.0}}}))
    look_into(entry)
    with GatewayTransport(run_gateway(world)) as transport:
        assert asking.ask_and_store(limit=100, at=AT, transport=transport) == 2
    before = set(Fact.objects.values_list("pk", "kind"))
    with GatewayTransport(run_gateway(world, "--faults", str(withdrawn))) as transport:
        while asking.ask_and_store(limit=100, at=AT, transport=transport) or assessment_requests.assess_due(
            limit=100, at=AT
        ):
            pass

    assert not CheckRequest.objects.exclude(state="ANSWERED").exists()
    assert set(CheckRequest.objects.values_list("outcome", flat=True)) == {"FOUND", "NO_CONSENT"}
    standing = Fact.objects.filter(answer__superseded_at__isnull=True)
    assert {kind for _, kind in before} == {"PERSON", "REGISTRATION", "KINSHIP"}
    assert set(standing.values_list("pk", "kind")) == before
    assessment = Assessment.objects.get(entry=entry)
    assert (assessment.eligibility, assessment.code) == ("UNKNOWN", "NO_CONSENT")
    entry.refresh_from_db()
    assert entry.status == "WAITING"


def test_a_wrong_person_is_no_word_of_the_source_until_the_last_look(entry, world, run_gateway, tmp_path):
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps({"seed": 1, "sources": {"zags": {"wrong_person": 1.0}}}))
    look_into(entry)
    with GatewayTransport(run_gateway(world, "--faults", str(faults))) as transport:
        for minutes in (0, 1):
            asking.ask_and_store(limit=100, at=AT + timedelta(minutes=minutes), transport=transport)
            assert not SourceAnswer.objects.filter(source="zags").exists()
        asking.ask_and_store(limit=100, at=AT + timedelta(minutes=2), transport=transport)

    assert SourceAnswer.objects.get(source="zags").outcome == "IDENTITY_MISMATCH"
    assert CheckRequest.objects.get(source="zags", subject_iin=MOTHER).dead_reason == "BAD_ANSWER"
    assert not Fact.objects.filter(kind="KINSHIP").exists()
