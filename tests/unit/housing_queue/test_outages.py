"""What passes by itself is answered at once: 503, when to come again, and nothing half done."""

import errno
import threading
from contextlib import contextmanager
from time import monotonic

import psycopg
import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection, connections
from django.db.utils import IntegrityError, OperationalError
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from housing_queue import health, lanes, outages
from housing_queue.celery import app
from queue_registry.models import Application, ApplicationDocument, AuditEvent, Intake
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.outside import body, client_of, send

PLACE = "/kk/"


@pytest.fixture(autouse=True)
def _open_again():
    outages._shut.until = 0
    yield
    outages._shut.until = 0


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)


@pytest.fixture
def visitor():
    """A client that gets the page of an error, as a browser does."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (OperationalError("FATAL: sorry, too many clients already"), True),
        (RedisConnectionError("refused"), True),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Quota exceeded"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (IntegrityError("one_live_queue_entry_per_person_and_list"), False),
        (ValueError("a fault of ours"), False),
        (None, False),
    ],
)
def test_what_passes_and_what_is_a_fault_of_ours(error, passing):
    assert outages.passes(error) is passing


def test_health_is_asked_all_the_same_and_the_database_again_when_the_time_is_over(
    visitor, settings, monkeypatch
):
    outages._shut.until = monotonic() + 60
    assert visitor.get("/kk/trail/").status_code == 503
    assert visitor.get("/healthz").status_code == 200
    monkeypatch.setattr(health, "_database_answers", lambda: True)
    assert visitor.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_the_door_opens_again_when_the_time_is_over(visitor, monkeypatch):
    until = outages._shut.until = monotonic() + 60
    assert visitor.get("/kk/trail/").status_code == 503
    monkeypatch.setattr(outages, "monotonic", lambda: until - 0.001)
    assert visitor.get("/kk/trail/").status_code == 503
    monkeypatch.setattr(outages, "monotonic", lambda: until)
    assert visitor.get("/kk/trail/").status_code == 200


@pytest.mark.django_db
def test_a_fault_of_ours_stays_a_fault_of_ours(visitor, monkeypatch):
    def broken(*_args, **_options):
        raise ValueError("a fault of ours")

    monkeypatch.setattr("queue_registry.selectors.trail.list_newest_seals", broken)

    answer = visitor.get("/kk/trail/")

    assert (answer.status_code, "Retry-After" in answer.headers) == (500, False)


def with_timeout(seconds):
    """The connection of this test as a web process has it, which waits for a statement only so long."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{seconds}s'")


@pytest.mark.django_db(transaction=True)
def test_a_slow_database_is_given_up_and_nothing_of_the_request_stays(visitor, tmp_path, settings):
    """Somebody holds the row that the act needs; the request ends by itself, and leaves nothing."""
    settings.MEDIA_ROOT = tmp_path
    town = factories.town()
    token, data = client_of(town).token, body(town)
    held = psycopg.connect(**driver_parameters(), autocommit=False)
    held.execute("SELECT 1 FROM queue_registry_akimat FOR UPDATE")
    with_timeout(1)
    start = monotonic()
    try:
        answer = send(visitor, token, data)
    finally:
        held.rollback()
        held.close()

    assert monotonic() - start < 5
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert not Intake.objects.exists()
    assert not Application.objects.exists()
    # The same request sent again acts.
    outages._shut.until = 0
    assert send(visitor, token, data).status_code == 201
    assert AuditEvent.objects.filter(event="application.filed").count() == 1


def driver_parameters():
    chosen = connection.get_connection_params()
    return {name: value for name, value in chosen.items() if name in {"dbname", "user", "host", "port"}}


@contextmanager
def full():
    """The database takes nobody: each connection is refused, as when all of them are taken."""
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
    connections.close_all()
    try:
        yield
    finally:
        lift_limit(name)
        outages._shut.until = 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "kind"), [("/kk/trail/", "text/html"), ("/api/v1/lists/", "application/problem+json")]
)
def test_a_database_that_takes_nobody_more_is_told_in_the_form_of_the_page(visitor, address, kind):
    with full():
        answers = [visitor.get(address), visitor.get(address)]

    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"].startswith(kind)
    assert visitor.get(address).status_code != 503


@pytest.mark.django_db(transaction=True)
def test_when_every_connection_is_taken_nobody_piles_up(visitor):
    answers = []

    def visit():
        start = monotonic()
        status = Client(raise_request_exception=False).get("/kk/trail/").status_code
        answers.append((status, monotonic() - start))
        connections.close_all()

    threads = [threading.Thread(target=visit) for _ in range(20)]
    start = monotonic()
    with full():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = monotonic() - start

    assert [status for status, _ in answers] == [503] * len(threads)
    assert took < 10
    assert visitor.get("/kk/trail/").status_code == 200


def lift_limit(name):
    parameters = driver_parameters() | {"dbname": "postgres"}
    with psycopg.connect(**parameters, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_leaves_no_application_without_its_papers(visitor, tmp_path, settings, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    town = factories.town()
    token, data = client_of(town).token, body(town)
    save = FileSystemStorage._save

    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    answer = send(visitor, token, data)

    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert not ApplicationDocument.objects.exists()
    assert not Intake.objects.exists()
    assert not AuditEvent.objects.filter(event__startswith="application").exists()
    monkeypatch.setattr(FileSystemStorage, "_save", save)
    assert send(visitor, token, data).json()["state"] == "FILED"


def test_every_task_of_beat_has_a_lane_and_short_ones_wait_for_no_long_one():
    tasks = {order["task"] for order in app.conf.beat_schedule.values()}

    assert set(lanes._LANE_OF) <= tasks
    assert {lanes.lane_of(task) for task in tasks} == set(lanes.LANES)
    assert [
        lanes.lane_of(f"queue_registry.tasks.{name}") for name in ("deliver_notices", "ask_due_checks")
    ] == [
        "default",
        "asking",
    ]
    assert lanes.lane_of("allocation.tasks.expire_offers") == "default"


def test_an_order_goes_to_the_queue_of_its_lane_in_this_copy(settings):
    prefix = app.conf.task_default_queue.removesuffix(".default")

    assert lanes.route("allocation.tasks.check_register") == {"queue": f"{prefix}.heavy"}
    assert set(app.conf.task_queues) == {f"{prefix}.{lane}" for lane in lanes.LANES}


def test_an_order_that_nobody_read_is_worthless_when_the_next_has_come():
    for order in app.conf.beat_schedule.values():
        if isinstance(order["schedule"], float):
            assert order["options"]["expires"] == max(60, order["schedule"])
        else:
            assert "options" not in order
