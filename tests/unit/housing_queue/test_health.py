"""What a load balancer asks."""

import pytest
from django.db import connection
from django.db.utils import OperationalError


def test_alive_asks_nobody(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_database_and_redis_answer(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"database": True, "redis": True})


@pytest.mark.django_db
def test_without_redis_it_is_not_ready_and_says_so(client, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}}

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": True, "redis": False})


@pytest.mark.django_db
def test_without_the_database_it_is_not_ready_and_says_so(client, monkeypatch):
    def refuse(*_, **__):
        raise OperationalError("no connection")

    monkeypatch.setattr(connection, "cursor", refuse)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": False, "redis": True})
