"""E-government by name: its token, and applications as it sends them."""

import base64
from datetime import timedelta

from queue_registry.models import ApiPermission
from queue_registry.services import api_clients
from tests.factories import AT
from tests.unit.queue_registry.services.intaking import PDF, known_worker

ADDRESS = "/api/v1/applications/"


def client_of(town, *, name="egov", permissions=(ApiPermission.APPLICATION_FILE,), days=30):
    """A token that is good in the town."""
    return api_clients.issue(
        name=name,
        akimats=[town.akimat],
        permissions=permissions,
        expires_at=AT + timedelta(days=days),
        at=AT,
    )


def body(town, person=None, **changes):
    """An application that lacks nothing, of a person of whom every register has spoken."""
    person = person or known_worker(town)
    return {
        "akimat": town.akimat.kato,
        "iin": person.iin,
        "claims": [{"list": "5", "category": "budget_worker"}],
        "consents": [{"iin": person.iin, "channel": "EDS", "evidence": "Consent 17"}],
        "documents": [
            {"kind": "APPLICATION", "title": "Application", "content": base64.b64encode(PDF).decode()}
        ],
    } | changes


def send(client, token, data, *, key="request-1", **more):
    """Hand an application in."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Accept-Language": "en"}
    return client.post(ADDRESS, data, content_type="application/json", headers=headers, **more)
