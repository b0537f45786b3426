"""
No IIN leaves by a side door: not in a log, an address, a question's first line, an export without the right,
an error page or a task's arguments, while a household is put in, asked about through faults, judged, removed,
looked at and exported.

What is scanned for is any number of twelve digits with the right check digit; each way out has a planted leak
that the scan has to see. The mock gateway's own log is its own affair.
"""

import io
import logging
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from inspect import Parameter, signature

import pytest
import structlog
from celery.signals import before_task_publish
from django.core.management import call_command
from django.test import Client
from lxml import html

from housing_queue.celery import app
from integrations.contract import CONFIRMED, Outcome
from integrations.fakes.faults import Profile, SourceFaults, quiet
from integrations.gateway.transport import GatewayTransport
from integrations.models import CheckAttempt
from queue_registry import tasks
from queue_registry.models import ImportRow, QueueEntry
from queue_registry.rules.iin import is_iin
from queue_registry.selectors import clock, legacy
from queue_registry.services import assessment_requests, exports, imports, settlements
from queue_registry.services.exports import Kind, Query
from tests import asking, factories
from tests.functional.test_checks import line
from tests.gateways import CODES, listening
from tests.unit.queue_registry.services import moving
from tests.unit.queue_registry.services.test_imports import ANNA, BOTA, spp

APPS = ("queue_registry.", "allocation.", "integrations.", "housing_queue.")
# Numbers within a word or a longer number are none; the last group of a UUID may be twelve digits by chance.
_TWELVE = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
FAULTS = {
    "addr_reg": {"truncated": 1.0},
    "egkn": {"wrong_person": 1.0},
    "emaket": {"rate_limited": 1.0},
    "enpf": {"http_500": 1.0},
    "esutd": {"html_200": 1.0},
    "ekyzmet": {"bad_signature": 1.0},
    "mod": {"down": True},
}
PAGES_OF_ONE = 60

pytestmark = pytest.mark.django_db(transaction=True)


def iins_in(text):
    return [number for number in _TWELVE.findall(_UUID.sub("", text)) if is_iin(number)]


@dataclass
class Scan:
    """Everything that went out, with the way that it took."""

    out: list[tuple[str, str]] = field(default_factory=list)

    def add(self, way, text):
        self.out.append((way, text))

    @property
    def leaks(self):
        return [(way, found, text[:300]) for way, text in self.out if (found := iins_in(text))]

    def count(self, way):
        return sum(one == way for one, _ in self.out)


class _Lines(logging.Handler):
    """Log lines as an installation writes them, and as they were before the net over twelve digits."""

    def __init__(self, scan, written):
        super().__init__(logging.DEBUG)
        self.scan, self.written = scan, written

    def emit(self, record):
        self.scan.add("log line", self.written.format(logging.makeLogRecord(record.__dict__)))
        if not isinstance(record.msg, dict):
            self.scan.add("log message", record.getMessage())


@contextmanager
def watched(scan):
    """Logs of everything at DEBUG, events of our own before they are masked, and tasks that are published."""
    root, processors = logging.getLogger(), structlog.get_config()["processors"]
    written = next(
        one for one in root.handlers if isinstance(one.formatter, structlog.stdlib.ProcessorFormatter)
    )
    level, handler = root.level, _Lines(scan, written)

    def before_masking(_logger, _method, event):
        scan.add("event", repr(event))
        return event

    def published(body=None, **_):
        scan.add("task", repr(body))

    processors.insert(0, before_masking)
    before_task_publish.connect(published)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(level)
    root.removeHandler(handler)
    before_task_publish.disconnect(published)
    processors.remove(before_masking)


@pytest.fixture
def scan():
    return Scan()


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = settings.KEZEK_VAR = tmp_path
    settings.NOTICE_PROVIDER = "queue_registry.notices.fake.FakeProvider"
    return factories.town()


# The flow


def put_in_and_ask(town, scan, *, at):
    """An old list with a couple of people, asked about through every kind of fault."""
    file = spp(("A-1", ANNA, "2019-05-06T10:00:00", 5, BOTA), ("A-2", BOTA, "2019-05-07T10:00:00", 5))
    imports.put_in(akimat=town.akimat, file=file, by=town.clerk, at=at, consent_document="Files of the list")
    world = [
        line(iin, last="Ойдан", born="1899-01-01", sex="f")
        | {"name": {"last": "Ойдан", "first": first, "middle": ""}}
        for iin, first in ((ANNA, "Анна"), (BOTA, "Бота"))
    ]
    faults = {code: SourceFaults(**rates) for code, rates in FAULTS.items()}
    profile = Profile(seed=1, sources={**quiet(CODES).sources, **faults})
    with listening(world, at=at, profile=profile) as gateway:
        for hours in (0, 7):
            go_on(town, gateway.url, at=at + timedelta(hours=hours))
        imports.confirm(akimat=town.akimat, by=town.supervisor, at=at)
        for hours in (14, 21, 28):
            go_on(town, gateway.url, at=at + timedelta(hours=hours))
    for heard in gateway.requests:
        scan.add("question", heard)


def go_on(town, url, *, at):
    with GatewayTransport(url) as transport:
        while assessment_requests.assess_due(limit=100, at=at) or asking.ask_and_store(
            limit=100, at=at, transport=transport
        ):
            pass
    for requested in legacy.list_due_settlements():
        settlements.settle_due(requested=requested, at=at)


def look_around(client, scan, start="/desk/"):
    """Follow the links of pages; every address on them is scanned, and the text where nobody signed in."""
    seen, due = set(), [start]
    while due and len(seen) < PAGES_OF_ONE:
        path = due.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        scan.add("address", f"{path} {answer.headers.get('Location', '')}")
        if answer.status_code >= 400:
            scan.add("error page", answer.content.decode())
        elif answer.headers["Content-Type"].startswith("text/html") and answer.content:
            addresses = html.fromstring(answer.content.decode()).xpath(
                "//@href | //@action | //@src | //@hx-get"
            )
            for address in addresses:
                scan.add("address", address)
            due += [one for one in addresses if one.startswith("/") and not one.startswith("/static/")]
    return seen


def signed_in(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def ask_for_what_is_not_there(town, scan, monkeypatch):
    """A wrong look at a place, a search by IIN, pages that are not there or not allowed, one that breaks."""
    stranger, clerk = Client(raise_request_exception=False), signed_in(town.clerk)
    pages = [
        stranger.post("/kk/", {"file_number": "27-2026-000001", "iin": ANNA}),
        clerk.post("/desk/search/", {"text": BOTA}),
        clerk.get("/desk/entries/999999/"),
        clerk.get("/desk/audit/"),
        stranger.get("/kk/nowhere/"),
    ]

    def broken(*_args, **_options):
        raise ValueError(f"no such person: {ANNA}")

    with monkeypatch.context() as patched:
        patched.setattr("queue_registry.selectors.work.list_work", broken)
        pages.append(clerk.get("/desk/work/"))
    assert [page.status_code for page in pages[2:]] == [404, 403, 404, 500]
    for page in pages:
        scan.add("address", f"{page.request['PATH_INFO']} {page.request.get('QUERY_STRING')}")
        scan.add("address", page.headers.get("Location", ""))
        if page.status_code >= 400:
            scan.add("error page", page.content.decode())


def take_out(town, scan, *, at):
    """Every export of somebody who may not take IINs out, and the whole public bundle of a round."""
    window = {"since": at.date() - timedelta(days=9), "until": at.date() + timedelta(days=9)}
    for kind in Kind:
        query = Query(kind=kind, filters=window if kind in {Kind.REMOVALS, Kind.TOTALS} else {})
        add_archive(scan, exports.make(akimat=town.akimat, query=query, by=town.supervisor, at=at))
    call_command("import_report", akimat=town.akimat.kato, stdout=(report := io.StringIO()))
    scan.add("export", report.getvalue())


def add_archive(scan, content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            scan.add("export", f"{name} {archive.read(name).decode('utf-8-sig', errors='replace')}")


def test_a_household_goes_through_everything_and_its_iin_stays_inside(town, scan, monkeypatch, settings):
    now = clock.now()
    with watched(scan):
        put_in_and_ask(town, scan, at=now)
        entry = factories.waiting(town, family=[factories.HUSBAND], day=9)
        moving.proposed(town, entry)
        for task in (tasks.deliver_notices, tasks.seal_trail, tasks.ask_due_checks):
            task.apply(throw=True)
        tasks.ask_due_checks.delay()
        look_around(Client(), scan, "/kk/")
        seen = [look_around(signed_in(user), scan) for user in (town.clerk, town.auditor, town.admin)]
        ask_for_what_is_not_there(town, scan, monkeypatch)
        take_out(town, scan, at=now)

    assert scan.leaks == []
    # The flow was one: people were asked, well and badly, and everything that may leak was seen.
    assert {row.iin for row in ImportRow.objects.all()} == {ANNA, BOTA}
    assert QueueEntry.objects.count() > 1
    outcomes = {Outcome(one) for one in CheckAttempt.objects.values_list("outcome", flat=True)}
    assert CONFIRMED & outcomes
    assert {
        Outcome.TEMPORARY,
        Outcome.RATE_LIMITED,
        Outcome.CONTRACT_VIOLATION,
        Outcome.IDENTITY_MISMATCH,
    } <= outcomes
    assert sum(map(len, seen)) > 60
    ways = {way: scan.count(way) for way, _ in scan.out}
    assert ways.keys() == {
        "log line",
        "log message",
        "event",
        "task",
        "question",
        "address",
        "error page",
        "export",
    }
    assert ways["question"] > 10


def test_no_task_takes_anything_that_could_name_a_person():
    ours = {name: task for name, task in app.tasks.items() if name.startswith(APPS)}
    assert len(ours) > 5
    for name, task in ours.items():
        taken = [
            one.name for one in signature(task.run).parameters.values() if one.kind != Parameter.VAR_KEYWORD
        ]
        assert set(taken) <= {"at"}, name
    for name, beat in app.conf.beat_schedule.items():
        assert not [part for part in ("args", "kwargs") if beat.get(part)], name


# The scan sees


def _log_it(_town, _scan):
    logging.getLogger("somebody.else").debug("asked about %s", ANNA)


def _tell_it(_town, _scan):
    structlog.get_logger("queue_registry").info("asked", about=ANNA)


def _publish_it(_town, _scan):
    tasks.ask_due_checks.apply_async(kwargs={"about": ANNA})


def _link_it(_town, scan):
    look_around(Client(), scan, f"/kk/nowhere/?iin={ANNA}")


def _export_it(_town, scan):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("trail.csv", f"a;b\n1;{ANNA}\n")
    add_archive(scan, content.getvalue())


@pytest.mark.parametrize(
    ("plant", "way"),
    [
        (_log_it, "log message"),
        (_tell_it, "event"),
        (_publish_it, "task"),
        (_link_it, "address"),
        (_export_it, "export"),
    ],
)
def test_a_planted_leak_is_seen(town, scan, plant, way):
    with watched(scan):
        plant(town, scan)

    assert {(found_in, tuple(found)) for found_in, found, _ in scan.leaks} == {(way, (ANNA,))}


def test_a_number_that_nobody_can_have_is_no_leak():
    assert iins_in(f"{ANNA[:-1]}{(int(ANNA[-1]) + 1) % 10} 000000000000 1{ANNA} {ANNA}a") == []
    assert iins_in(f"/desk/?q={ANNA}&x=1") == [ANNA]
