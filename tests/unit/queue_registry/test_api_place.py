"""My place for programs: the page's limits and answers; and whether the API is well."""

import pytest
from django.db import OperationalError
from limits.errors import StorageError

from queue_registry.views import look_up_limits
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/place/"


@pytest.fixture
def town():
    return factories.town()


@pytest.fixture(autouse=True)
def _fresh(settings, monkeypatch):
    look_up_limits._limiter(settings.REDIS_URL).storage.reset()
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)


def ask(client, **sent):
    return client.post(ADDRESS, sent, content_type="application/json")


def test_the_places_of_a_household(client, town):
    factories.waiting(town, day=1)
    entry = factories.waiting(town, day=2)
    factories.waiting(town, number="4", application=entry.application)

    answer = ask(client, file_number=entry.file_number, iin=entry.applicant.iin)

    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.json()
    assert found["file_number"] == entry.file_number
    assert [(one["list"], one["place"], one["ahead"], one["length"]) for one in found["lists"]] == [
        ("4", 1, 0, 1),
        ("5", 2, 1, 2),
    ]
    assert entry.applicant.iin not in answer.content.decode()


def test_whatever_is_wrong_of_the_numbers_the_answer_has_the_same_bytes(client, town):
    entry, other = factories.waiting(town, day=1), factories.waiting(town, day=2)
    right = {"file_number": entry.file_number, "iin": entry.applicant.iin}
    wrong = [
        ask(client, **right | {"iin": other.applicant.iin}),
        ask(client, **right | {"file_number": other.file_number}),
        ask(client, **right | {"file_number": "271010-9999999-9"}),
        ask(client, **right | {"iin": "000000000000"}),
    ]

    assert {one.status_code for one in wrong} == {404}
    assert len({one.content for one in wrong}) == 1
    assert wrong[0].json()["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"iin": "000000000000"}, "file_number"),
        ({"file_number": "271010-0000001-1"}, "iin"),
        ({"file_number": "1", "iin": "000000000000"}, "file_number"),
        ({"file_number": "271010-0000001-1", "iin": "x" * 10_000}, "iin"),
        ({"file_number": "271010-0000001-1", "iin": "000000000000", "name": "x"}, "name"),
    ],
)
def test_a_wrong_shape_is_named_by_its_field(client, sent, field):
    answer = ask(client, **sent)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_the_limits_are_those_of_the_page(client, town, settings):
    settings.FAILURES_PER_FILE_NUMBER = "2/hour"
    entry = factories.waiting(town)
    right = {"file_number": entry.file_number, "iin": entry.applicant.iin}
    for _ in range(2):
        assert ask(client, **right | {"iin": "000000000000"}).status_code == 404

    locked = ask(client, **right)
    assert (locked.status_code, locked.json()["code"]) == (429, "THROTTLED")
    assert int(locked.headers["Retry-After"]) > 0
    page = client.post("/kk/", right)
    assert page.status_code == 429


def test_without_counters_nobody_is_answered(client, town, monkeypatch):
    entry = factories.waiting(town)

    def broken(*_args, **_kwargs):
        raise StorageError(OSError("no Redis"))

    monkeypatch.setattr(
        "queue_registry.views.look_up_limits._limiter", lambda _url: type("Gone", (), {"hit": broken})()
    )
    asked = ask(client, file_number=entry.file_number, iin=entry.applicant.iin)

    for answer in (asked, client.get("/api/v1/rounds/"), client.get("/api/v1/statistics/")):
        assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")


def test_strangers_are_throttled_by_their_address(client, settings):
    settings.API_REQUESTS_PER_ADDRESS = "2/minute"
    answers = [client.get("/api/v1/rounds/") for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].headers["Content-Type"] == "application/problem+json"
    assert client.get("/api/v1/rounds/", REMOTE_ADDR="10.0.0.9").status_code == 200


def test_the_same_answer_is_not_sent_twice(client):
    first = client.get("/api/v1/rounds/")
    again = client.get("/api/v1/rounds/", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert (again.status_code, again.content) == (304, b"")


def test_what_staff_see_is_kept_by_no_cache_of_others(client, town):
    client.force_login(town.secretary)

    assert client.get("/api/v1/rounds/").headers["Cache-Control"] == "private, no-cache"


def test_pages_of_rows_are_never_longer_than_five_hundred(client):
    answer = client.get("/api/v1/rounds/", {"limit": 10_000, "offset": 0})

    assert answer.status_code == 200
    assert answer.json() == {"count": 0, "next": None, "previous": None, "results": []}


def test_health_says_what_does_not_answer(client, monkeypatch):
    assert client.get("/api/v1/health/").json() == {"database": True, "counters": True}

    def gone(*_args):
        raise OperationalError

    monkeypatch.setattr("queue_registry.api.health.connection.cursor", gone)
    answer = client.get("/api/v1/health/")
    assert (answer.status_code, answer.json()) == (503, {"database": False, "counters": True})
