"""The same request by many connections at once acts once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from queue_registry.models import ApiRequest, Application, Intake
from queue_registry.services import api_applications
from queue_registry.services.api_applications import Agreed, Paper, Told
from tests import factories
from tests.factories import AT
from tests.unit.queue_registry.outside import client_of
from tests.unit.queue_registry.services.intaking import PDF, known_worker

pytestmark = pytest.mark.django_db(transaction=True)

_AT_ONCE = 4


@pytest.fixture
def town(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.town()


def told_of(town, person):
    return Told(
        akimat_kato=town.akimat.kato,
        iin=person.iin,
        claims=[{"list": "5", "category": "budget_worker"}],
        members=[],
        consents=[Agreed(iin=person.iin, channel="EDS", evidence="Consent 17")],
        papers=[Paper(kind="APPLICATION", title="Application", scan=PDF)],
    )


def test_many_connections_with_one_key_file_one_application(town):
    client, told = client_of(town).client, told_of(town, known_worker(town))
    ready = Barrier(_AT_ONCE)

    def send(_number):
        try:
            ready.wait()
            return api_applications.take_in(client=client, key="k", body_digest="d" * 64, told=told, at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        answers = [found.answer for found in threads.map(send, range(_AT_ONCE))]

    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["state"] == "FILED"
    assert (Application.objects.count(), Intake.objects.count(), ApiRequest.objects.count()) == (1, 1, 1)


def test_a_request_that_breaks_in_the_middle_leaves_nothing(town, monkeypatch):
    client, told = client_of(town).client, told_of(town, known_worker(town))

    def broken(**_told):
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr("queue_registry.services.applications.file", broken)
    with pytest.raises(RuntimeError):
        api_applications.take_in(client=client, key="k", body_digest="d" * 64, told=told, at=AT)
    assert (Application.objects.count(), Intake.objects.count(), ApiRequest.objects.count()) == (0, 0, 0)
    monkeypatch.undo()
    sent = api_applications.take_in(client=client, key="k", body_digest="d" * 64, told=told, at=AT)
    assert sent.answer["state"] == "FILED"
