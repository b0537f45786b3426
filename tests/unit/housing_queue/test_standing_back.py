"""The worker's processes stand back, and their connections take one process of the database each."""

import pytest
from celery.signals import worker_process_init
from django.db import connection
from django.db.backends.signals import connection_created

from housing_queue import standing_back


@pytest.fixture
def nice(monkeypatch):
    asked = []
    monkeypatch.setattr(standing_back.os, "nice", asked.append)
    yield asked
    connection_created.disconnect(dispatch_uid="standing_back")


def parallel():
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_parallel_workers_per_gather")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_process_of_the_worker_stands_back(nice):
    connection.close()
    assert parallel() != "0"

    worker_process_init.send(sender=None)
    connection.close()

    assert nice == [10]
    assert parallel() == "0"
    connection_created.disconnect(dispatch_uid="standing_back")
    connection.close()
    assert parallel() != "0"
