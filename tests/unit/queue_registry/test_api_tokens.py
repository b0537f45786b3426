"""Tokens of other systems are issued and revoked by commands."""

import io

import pytest
from django.core.management import CommandError, call_command

from queue_registry.models import ApiClient
from queue_registry.services import api_clients
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db

ISSUE = {"name": "egov", "akimat": [factories.KATO], "permission": ["APPLICATION_FILE"], "days": 30}


@pytest.fixture(autouse=True)
def _lives_at(monkeypatch):
    monkeypatch.setattr("queue_registry.selectors.clock.now", lambda: AT)
    factories.town()


def issue(**changes):
    out = io.StringIO()
    call_command("issue_api_token", **ISSUE | changes, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_a_token_is_shown_once_and_finds_its_client():
    token = issue()

    found = api_clients.find(token, at=AT)
    assert (found.user.username, found.permissions) == ("egov", ["APPLICATION_FILE"])
    assert [akimat.kato for akimat in found.akimats.all()] == [factories.KATO]


def test_a_revoked_token_finds_nobody():
    token = issue()
    call_command("revoke_api_token", name="egov", stdout=io.StringIO())
    call_command("revoke_api_token", name="egov", stdout=io.StringIO())

    assert api_clients.find(token, at=AT) is None
    assert ApiClient.objects.get().revoked_at == AT


@pytest.mark.parametrize(
    "changes", [{"name": "clerk"}, {"permission": []}, {"days": 0}, {"akimat": ["990000000"]}]
)
def test_a_token_without_its_bounds_is_refused(changes):
    with pytest.raises(CommandError):
        issue(**changes)
    assert not ApiClient.objects.exists()


def test_a_client_that_is_not_there_cannot_be_revoked():
    with pytest.raises(CommandError, match="no client nobody"):
        call_command("revoke_api_token", name="nobody")
