"""Locks of rows that others point to: they keep changes of the row apart, not the acts that only name it."""

import ast
import threading
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from allocation.models import Dwelling
from allocation.services import dwellings
from queue_registry.models import AuditEvent
from queue_registry.services import applications, audit
from tests import factories

ROOT = Path(__file__).resolve().parents[4]
APPS = ("allocation", "queue_registry", "integrations", "housing_queue")
WAIT_SECONDS = 20


def new_dwelling():
    return dwellings.NewDwelling(
        number="D-0001",
        address_kk="Ойдан көшесі, 1",
        address_ru="улица Вымышленная, 1",
        rooms=2,
        area="52.80",
        floor=1,
        lift=False,
        accessible=False,
    )


@pytest.mark.django_db(transaction=True)
def test_two_acts_of_one_akimat_end_though_one_counts_file_numbers_and_the_other_writes_the_trail_first():
    """
    The first holds the akimat and is about to ask for the trail; the second holds the trail, and at its end
    the database looks whether the akimat of its rows is still there. Neither may wait for the other.
    """
    town = factories.town()
    problems = []

    def add_a_dwelling():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            dwellings.add_many(
                akimat=town.akimat,
                dwellings=[new_dwelling()],
                by=town.clerk,
                at=factories.AT,
                document="Acceptance act",
            )
        except OperationalError as problem:
            problems.append(problem)
        finally:
            connection.close()

    other = threading.Thread(target=add_a_dwelling)
    with transaction.atomic():
        applications.number_many(akimat=town.akimat, applications=[])
        other.start()
        other.join(WAIT_SECONDS)
        audit.record(
            akimat=town.akimat, by=town.clerk, at=factories.AT, event="test.counted", target="akimat:1"
        )
    other.join(WAIT_SECONDS)

    assert problems == []
    assert Dwelling.objects.count() == 1
    events = AuditEvent.objects.order_by("seq").values_list("event", flat=True)
    assert list(events)[-2:] == ["dwelling.added", "test.counted"]


def locks_taken():
    """Every call of select_for_update in our code: where it is, and the names of its arguments."""
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "select_for_update":
                yield f"{path.relative_to(ROOT)}:{node.lineno}", {word.arg for word in node.keywords}


def test_no_lock_bars_rows_that_point_to_the_locked_one():
    taken = dict(locks_taken())

    assert len(taken) > 10
    assert [place for place, words in taken.items() if "no_key" not in words] == []
