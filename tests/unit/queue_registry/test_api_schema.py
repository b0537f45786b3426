"""The schema is whole, and nothing that it allows, or forbids, is answered otherwise than it says."""

from datetime import timedelta

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from housing_queue.wsgi import application
from queue_registry.models import ApiPermission
from queue_registry.services import api_clients
from tests import factories
from tests.factories import AT

SCHEMA = "/api/v1/schema/?format=json"

_EXAMPLES = 10


@pytest.fixture
def described(db, settings):
    """The API as it describes itself, answered in the test's own transaction."""
    settings.API_REQUESTS_PER_ADDRESS = settings.API_REQUESTS_PER_CLIENT = "100000/minute"
    signals = (request_started, request_finished)
    for signal in signals:
        # The end of a request would close the connection on which the test's transaction is open.
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi(SCHEMA, application)
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def token(db, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)
    town = factories.town()
    factories.waiting(town)
    issued = api_clients.issue(
        name="egov",
        akimats=[town.akimat],
        permissions=[ApiPermission.APPLICATION_FILE],
        expires_at=AT + timedelta(days=1),
        at=AT,
    )
    return issued.token


def test_every_answer_is_as_described(described, token):
    """Of every operation: requests that the schema allows, and requests that it forbids."""
    headers = {"Authorization": f"Bearer {token}"}
    asked = 0
    for found in described.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:
            asked += _ask(operation, mode, headers)
    assert asked > _EXAMPLES


def _ask(operation, mode, headers):
    """Ask some examples of an operation, and compare each answer with what the schema says."""
    asked = []

    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        asked.append(case)
        # Whether a household may be taken in is the register's to say, and not the schema's.
        excluded = [positive_data_acceptance]
        if case.method == "GET":
            # What is not understood in a query is as good as not said.
            excluded.append(negative_data_rejection)
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    try:
        ask()
    except Unsatisfiable:
        # An operation without parameters has no request that it forbids.
        return 0
    return len(asked)


def test_the_schema_is_made_without_a_warning(tmp_path):
    file = tmp_path / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))

    assert "/api/v1/applications/" in file.read_text()
