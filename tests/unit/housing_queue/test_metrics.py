"""What those who watch the installation are told, and what they are not."""

import os
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from allocation.models import RegisterCheck
from housing_queue import heartbeat
from housing_queue.lanes import LANES
from housing_queue.tasks import beat_heart
from integrations.contract import Lane
from integrations.models import CheckRequest
from queue_registry.rules.iin import is_iin
from queue_registry.selectors import clock
from tests import factories

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
TOKEN = "only-for-tests"
RULES = yaml.safe_load((ROOT / "tools/monitoring/alerts.yml").read_text())["groups"][0]["rules"]


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def read(client):
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return answer.content.decode()


def figures(client):
    """Every sample by its name and labels."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(read(client))
        for sample in family.samples
    }


@pytest.mark.parametrize("given", [None, "", "Bearer ", "Bearer wrong", TOKEN, "Bearer токен"])
def test_without_its_token_there_is_no_such_page(client, given):
    headers = {} if given is None else {"Authorization": given}

    assert client.get("/metrics", headers=headers).status_code == 404


def test_without_the_setting_no_token_opens_it(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_requests_are_counted_by_page_and_not_by_address(client):
    client.get("/kk/trail/")

    text = read(client)

    assert 'view="queue_registry_public:trail"' in text
    assert "/kk/trail/" not in text


def test_waiting_questions_are_counted_with_the_age_of_the_oldest(client, due_question):
    due_question(since=timedelta(minutes=20))
    due_question(since=timedelta(minutes=5))

    found = figures(client)

    labels = (("lane", "BULK"), ("source", "gbd_fl"))
    assert found["kezek_questions_waiting", *labels] == 2
    assert found["kezek_questions_due_seconds", *labels] == pytest.approx(1200, abs=30)


def test_no_figure_names_a_person(client, due_question):
    due_question(since=timedelta(minutes=20))

    assert CheckRequest.objects.exists()
    assert [number for number in re.findall(r"(?<![\d.])\d{12}(?!\d)", read(client)) if is_iin(number)] == []


def test_the_heart_beats_when_a_worker_does_what_beat_sends(client):
    heartbeat.cache.delete("heartbeat")
    assert ("kezek_heartbeat_seconds",) not in figures(client)

    beat_heart()

    assert figures(client)["kezek_heartbeat_seconds",] < 30


def test_beat_sends_the_heartbeat():
    from housing_queue.celery import app

    orders = {order["task"]: order["schedule"] for order in app.conf.beat_schedule.values()}
    assert orders["housing_queue.tasks.beat_heart"] == 60.0
    assert "housing_queue.tasks.beat_heart" in app.tasks


def test_what_the_nightly_look_found_is_told_and_what_it_could_not_see(client):
    RegisterCheck.objects.create(
        at=clock.now(), milliseconds=1, broken={"COUNTERS": 0, "TRAIL": 2, "REPLAY": None}, heads={}
    )

    found = figures(client)

    told = {
        code: found["kezek_invariants_broken", ("invariant", code)]
        for code in ("COUNTERS", "TRAIL", "REPLAY")
    }
    assert told == {"COUNTERS": 0, "TRAIL": 2, "REPLAY": -1}


def test_how_long_ago_the_register_was_looked_at_is_told_once_it_was(client):
    assert ("kezek_register_checked_seconds",) not in figures(client)
    for hours in (40, 30):
        RegisterCheck.objects.create(
            at=clock.now() - timedelta(hours=hours), milliseconds=1, broken={"TRAIL": 0}, heads={}
        )

    assert figures(client)["kezek_register_checked_seconds",] == pytest.approx(30 * 3600, abs=30)


def test_the_age_of_the_newest_backup_is_told_and_a_half_made_one_is_none(client, settings, tmp_path):
    settings.KEZEK_VAR = tmp_path
    (tmp_path / "backups").mkdir()
    assert ("kezek_backup_seconds",) not in figures(client)
    for name, hours in (("old.backup", 50), ("new.backup", 40), ("half.part", 1)):
        path = tmp_path / "backups" / name
        path.touch()
        os.utime(path, (time.time() - hours * 3600,) * 2)

    assert figures(client)["kezek_backup_seconds",] == pytest.approx(40 * 3600, abs=30)


def test_every_lane_of_the_broker_is_counted(client, settings):
    queues = {dict(labels)["queue"] for name, *labels in figures(client) if name == "kezek_broker_messages"}

    assert queues == set(settings.CELERY_TASK_QUEUES)
    assert len(queues) == len(LANES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_asks_for_a_figure_that_there_is_and_says_what_to_do(client, rule, due_question):
    due_question(since=timedelta(minutes=20))
    beat_heart()
    text = read(client)
    told = set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))
    told |= {f"{name}_bucket" for name in told} | {f"{name}_total" for name in told} | {"up"}
    asked = set(re.findall(r"\b(?:kezek|django)_\w+|\bup\b", rule["expr"]))

    page, _, place = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)

    assert asked
    assert asked - told == set()
    assert rule["alert"].lower() == place
    assert rule["alert"] in headings
    assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.fixture
def due_question():
    """A question of nobody in particular that could have been asked for some time."""

    def put(*, since):
        at = clock.now()
        return CheckRequest.objects.create(
            key=f"test-{CheckRequest.objects.count()}",
            source="gbd_fl",
            operation="person",
            contract_version="1",
            subject_iin=factories.invented_iin(1),
            purpose="test",
            bucket="test",
            lane=Lane.BULK,
            requested_at=at - since,
            next_attempt_at=at - since,
            deadline_at=at + timedelta(days=1),
        )

    return put
