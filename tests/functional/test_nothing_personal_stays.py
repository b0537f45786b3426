"""
Whatever a household does on the public pages, nothing of it stays behind: not in a cache, an address, a
title, a log or a cookie; and every answer, errors too, tells the browser to run, frame and ask nothing of
others.
"""

import re

import pytest
from django.test import Client
from lxml import html

from queue_registry.models import Application, Person
from queue_registry.selectors import clock
from tests import factories, public_states, situations
from tests.public_states import PLENTY, UNKNOWN
from tests.unit.test_no_personal_data import Scan, iins_in, watched

pytestmark = pytest.mark.django_db
_FILE_NUMBER = re.compile(r"\d{6}-?\d{7}-?\d")
_ASKED_OF_OTHERS = "//@src | //link/@href | //@action | //@formaction | //@poster | //@data | //@srcset"


@pytest.fixture
def states(settings, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: situations.READ_AT)
    settings.LOOK_UPS_PER_ADDRESS = PLENTY
    settings.NOTICE_PROVIDER = "queue_registry.notices.fake.FakeProvider"
    return public_states.world()


def document(answer):
    return html.fromstring(answer.content.decode())


def everybody():
    """All IINs, names and numbers of people that an answer might give away."""
    numbers = set(Application.objects.values_list("file_number", flat=True))
    return set(Person.objects.exclude(iin="").values_list("iin", flat=True)), numbers


def test_no_state_leaves_anything_personal_behind(states):
    iins, numbers = everybody()
    assert iins
    assert numbers
    titles, scan = {}, Scan()
    with watched(scan):
        for state in states:
            answer = state.answer("kk")
            page = document(answer)
            said = answer.content.decode()
            told = {**answer.headers, **{f"cookie {name}": one.value for name, one in answer.cookies.items()}}
            assert [iin for iin in (*iins, *iins_in(said)) if iin in said] == [], state.name
            assert iins_in(repr(told)) == [], state.name
            for address in (*map(str, page.xpath("//@href | //@src | //@action")), state.path("kk")):
                assert not _FILE_NUMBER.search(address), state.name
                assert iins_in(address) == [], state.name
            titles[state.name] = page.xpath("string(//title)")
            if state.sent is not None and not state.address.startswith("/"):
                assert answer.headers["Cache-Control"] == "no-store", state.name
                assert "ETag" not in answer.headers, state.name
                assert answer.cookies == {}, state.name
            elif "public" in answer.headers.get("Cache-Control", ""):
                assert answer.cookies == {}, state.name
                assert page.xpath("//input[@name='token' or @name='pass' or @name='iin']") == [], state.name

    assert {
        name for name, title in titles.items() if re.search(r"\d{4,}", title) and "round" not in name
    } == set()
    assert scan.leaks == []
    # No installation writes what templates say to those who debug them.
    lines = [text for way, text in scan.out if way == "log line" and '"level": "debug"' not in text]
    assert len(lines) > len(states)
    logged = "\n".join(lines)
    assert [number for number in numbers if number in logged] == []


def test_no_form_sends_a_number_of_a_person_in_an_address(states):
    for state in states:
        for form in document(state.answer("ru")).xpath("//form"):
            names = set(map(str, form.xpath(".//@name")))
            if names & {"iin", "file_number", "token", "pass", "number", "income_1"}:
                assert form.get("method") == "post", state.name
                assert form.get("autocomplete") == "off" or not names & {"iin", "file_number"}, state.name


def test_titles_of_two_households_are_the_same(settings):
    settings.LOOK_UPS_PER_ADDRESS = PLENTY
    town = factories.town()
    pages = [
        document(Client().post("/ru/", public_states.pair(factories.waiting(town, day=day).application)))
        for day in (1, 2)
    ]

    assert len({page.xpath("string(//title)") for page in pages}) == 1


def test_every_answer_runs_frames_and_asks_nothing_of_others(states, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    for state in states:
        answer = state.answer("ru", secure=True)
        assert_safe(answer, state.name)
        for address in map(str, document(answer).xpath(_ASKED_OF_OTHERS)):
            assert address.startswith(("/", "#")) or address == "", f"{state.name}: {address}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/", 302),
        ("put", "/kk/", 405),
        ("get", "/kk/seals/receipt/", 405),
        ("get", "/kk/nowhere/", 404),
        ("get", "/nowhere", 404),
        ("get", "/kk/trail/heads.json", 200),
        ("get", "/kk/trail/heads.json?from=x", 400),
        ("get", "/open-data/counts/all.csv", 200),
        ("get", "/open-data/lists/999999999.csv", 404),
        ("get", "/api/v1/health/", 200),
        ("get", "/api/v1/nowhere/", 404),
        ("post", "/api/v1/place/", 415),
        ("get", "/healthz", 200),
        ("get", "/static/kezek/mark.svg", 200),
        ("get", "/desk/", 302),
        ("get", "/admin/", 302),
    ],
)
def test_answers_that_are_no_pages_are_as_safe(settings, method, path, status):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    answer = getattr(Client(), method)(path, secure=True)
    answer.close()

    assert answer.status_code == status
    assert_safe(answer, path)


def test_an_error_of_ours_is_as_safe_and_tells_nothing(settings, monkeypatch):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    settings.LOOK_UPS_PER_ADDRESS = PLENTY
    iin = factories.invented_iin(1)

    def broken(**_numbers):
        raise ValueError(f"no such person: {iin}")

    monkeypatch.setattr("queue_registry.views.look_up.get_application_of", broken)
    answer = Client(raise_request_exception=False).post(
        "/kk/", {"file_number": UNKNOWN, "iin": iin}, secure=True
    )

    assert answer.status_code == 500
    assert_safe(answer, "500")
    assert iin not in answer.content.decode()
    assert UNKNOWN not in answer.content.decode()


def assert_safe(answer, name):
    parts = answer.headers["Content-Security-Policy"].split(";")
    policy = {part.split()[0]: part.split()[1:] for part in parts}
    assert policy["default-src"] == ["'self'"], name
    assert policy["object-src"] == policy["frame-ancestors"] == ["'none'"], name
    assert policy["form-action"] == policy["base-uri"] == ["'self'"], name
    allowed = {source for sources in policy.values() for source in sources}
    assert {one for one in allowed if not one.startswith("'nonce-")} <= {"'self'", "'none'", "data:"}, name
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", name
    assert answer.headers["Referrer-Policy"] == "same-origin", name
    assert answer.headers["X-Content-Type-Options"] == "nosniff", name
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", name
    assert "geolocation=()" in answer.headers["Permissions-Policy"], name
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        assert answer.headers["X-Frame-Options"] == "DENY", name
