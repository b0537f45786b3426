"""Rounds for other systems: result and digests, decided ones for all, no family told of by its number."""

import hashlib
import json

import pytest

from allocation.engine.strict_json import canonical_bytes
from allocation.models import Bundle
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(town):
    return factories.register(town)


@pytest.fixture
def decided(town, register):
    return factories.confirmed(town, register.homes, quotas=factories.ONE_BY_PROGRAM).sitting.run


def digest_of(document):
    return hashlib.sha256(canonical_bytes(document)).hexdigest()


def test_staff_get_the_full_result_whose_digest_is_the_published_one(visit, decided):
    document = visit("auditor").get(f"/api/v1/rounds/{decided.round_id}/").json()

    assert document["result_form"] == "FULL"
    assert digest_of(document["result"]) == document["result_sha256"] == decided.result_sha256
    assert document["input_sha256"] == decided.round.input_sha256 == document["result"]["input_sha256"]
    assert document["bundle_sha256"] == dict(Bundle.objects.values_list("form", "sha256"))
    assert document["decision"]["outcome"] == "CONFIRMED"
    assert document["policy"]["code"] == "akimat-2022"


def test_everybody_gets_the_public_form_in_which_no_file_number_stands(client, decided, register):
    document = client.get(f"/api/v1/rounds/{decided.round_id}/").json()

    assert document["result_form"] == "PUBLIC"
    assert document["result_sha256"] == decided.result_sha256
    assert len(document["result"]["allotments"]) == len(register.homes) - len(
        document["result"]["unallotted"]
    )
    text = json.dumps(document["result"])
    assert not [entry for entry in register.entries.values() if entry.file_number in text]


def test_an_undecided_round_is_for_the_akimats_staff_alone(client, visit, town, register):
    run = factories.executed_run(town, register.homes, quotas=factories.ONE_BY_PROGRAM)
    address = f"/api/v1/rounds/{run.round_id}/"

    assert client.get(address).status_code == 404
    assert client.get("/api/v1/rounds/").json()["results"] == []
    assert visit("clerk").get(address).json()["state"] == "RUN"


def test_rounds_are_listed_by_akimat_and_year_without_their_results(client, decided):
    found = client.get("/api/v1/rounds/", {"akimat": "271010000", "year": 2026}).json()

    assert [row["id"] for row in found["results"]] == [decided.round_id]
    assert "result" not in found["results"][0]
    assert client.get("/api/v1/rounds/", {"akimat": "711000000"}).json()["results"] == []


def test_the_api_describes_itself_and_takes_no_writing(client, decided):
    assert b"/api/v1/rounds/{id}/" in client.get("/api/v1/schema/").content
    assert client.post(f"/api/v1/rounds/{decided.round_id}/", {}).status_code in {403, 405}
