"""Lists, statistics and the catalog of files for programs; the published client works as it is printed."""

import subprocess

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from queue_registry.rules.waiting_lists import ListNumber
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.publishing import house, other, recorded
from tools.environment import ROOT

CLIENT = ROOT / "docs" / "examples" / "check_round.sh"


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)


@pytest.fixture
def town(db):
    return factories.town()


def test_lists_with_who_waits_by_year(client, town):
    factories.waiting(town, day=1)
    factories.waiting(town, day=400)
    factories.waiting(town, number="4", day=3)

    answer = client.get("/api/v1/lists/", {"akimat": town.akimat.kato}).json()
    assert answer["count"] == len(ListNumber)
    found = {one["list"]: one for one in answer["results"]}
    assert found["5"] == {
        "akimat": town.akimat.kato,
        "list": "5",
        "waiting": 2,
        "years": {"2015": 1, "2016": 1},
    }
    assert (found["4"]["waiting"], found["1"]["waiting"], found["1"]["years"]) == (1, 0, {})
    one = client.get("/api/v1/lists/", {"list": "4"}).json()
    assert [row["list"] for row in one["results"]] == ["4"]


def test_an_unknown_list_is_refused_by_its_field(client, town):
    answer = client.get("/api/v1/lists/", {"list": "7"})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["list"])


def test_statistics_are_those_of_the_page(client, town):
    entry = recorded(town, at=AT)
    house(town, entry)
    factories.waiting(town, day=2)

    (akimat,) = client.get("/api/v1/statistics/").json()["akimats"]
    assert (akimat["akimat"], akimat["waiting"]) == (town.akimat.kato, 1)
    assert akimat["housed_by_month"]["2026-09"] == sum(akimat["housed_by_month"].values()) == 1
    (served,) = [one for one in akimat["lists"] if one["housed_12_months"]]
    assert (served["list"], served["oldest_served_on"]) == ("5", "2015-03-02")
    assert akimat["gate_open_since"] is None


def test_the_catalog_names_the_addresses_of_every_file(client, town):
    found = {one["code"]: one for one in client.get("/api/v1/open-data/").json()}

    assert set(found) == {"lists", "housed", "counts"}
    for one in found.values():
        for address in one["addresses"]:
            path = address.replace("{akimat}", town.akimat.kato).replace("{year}", "2026")
            answer = client.get(path.removeprefix("http://localhost:8000"))
            assert answer.status_code == 200
            assert answer.getvalue()
    assert [column["name"] for column in found["housed"]["columns"]][-1] == "housed_on"


@pytest.mark.parametrize("address", ["lists", "statistics", "open-data"])
def test_figures_are_kept_by_caches_and_not_sent_twice(client, town, address):
    first = client.get(f"/api/v1/{address}/")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(f"/api/v1/{address}/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    house(town, factories.waiting(town, day=1, known=False))
    factories.waiting(town, day=2, known=False)
    if address != "open-data":
        changed = client.get(f"/api/v1/{address}/", headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200


@pytest.mark.parametrize("address", ["lists", "statistics"])
def test_figures_take_as_many_queries_for_many_akimats(client, town, address):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            client.get(f"/api/v1/{address}/")
        return len(caught)

    few = queries()
    for number in range(5):
        other(f"3{number}1010000", waiting=3)
    assert queries() == few


def test_an_address_that_is_none_is_answered_in_the_form_of_errors(client, db):
    for address in ("/api/v1/nothing/", "/api/v2/place/", "/api/"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.django_db(transaction=True)
def test_the_published_client_checks_a_round(live_server):
    town = factories.town()
    register = factories.register(town)
    factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM)

    done = subprocess.run(
        ["sh", str(CLIENT), live_server.url, town.akimat.kato], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
