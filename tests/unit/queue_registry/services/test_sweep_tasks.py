"""What the clock does about rechecks: goes on with them, begins inventories; one failure stops no other."""

from datetime import timedelta

import pytest

from housing_queue.celery import app
from integrations.models import CheckAttempt, OutboxAct
from queue_registry import tasks
from queue_registry.models import Akimat, Sweep, WaitingList
from queue_registry.selectors import clock
from queue_registry.services import sweep_portions, sweeps
from tests import factories
from tests.unit.queue_registry.services.sweeping import AT, Systems

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    return factories.town()


@pytest.fixture
def neighbor(town):
    """Another akimat with the same staff, by whose code it comes first."""
    akimat = Akimat.objects.create(kato="231010000", name_kk="Бөтен", name_ru="Чужой")
    WaitingList.objects.create(akimat=akimat, number="5")
    return factories.Town(akimat=akimat, staff=town.staff, passwords={})


def test_a_sweep_goes_on_by_itself_until_it_ends(town):
    systems = Systems()
    for day in (1, 2):
        factories.waiting(town, day=day)
    sweep = sweeps.start_inventory(akimat=town.akimat, by=town.supervisor, at=AT)

    for _ in range(5):
        tasks.go_on_with_sweeps()
        systems.answer()

    sweep.refresh_from_db()
    assert sweep.finished_at == AT
    assert not sweep.swept.exclude(state="DONE").exists()


def test_a_sweep_that_fails_stops_no_other(town, monkeypatch):
    factories.waiting(town)
    broken = sweeps.start_inventory(akimat=town.akimat, by=town.supervisor, at=AT - timedelta(days=93))
    sound = sweeps.start_inventory(akimat=town.akimat, by=town.supervisor, at=AT)
    go_on = sweep_portions.go_on

    def fail(*, sweep_id, **arguments):
        if sweep_id == broken.pk:
            raise RuntimeError
        return go_on(sweep_id=sweep_id, **arguments)

    monkeypatch.setattr(sweep_portions, "go_on", fail)
    tasks.go_on_with_sweeps()

    assert [sweep.swept.get().state for sweep in (broken, sound)] == ["DUE", "ASKED"]


def test_every_akimat_gets_its_inventory_once_a_quarter(town, neighbor):
    factories.waiting(town)
    factories.waiting(neighbor)

    tasks.begin_inventories()
    tasks.begin_inventories()

    begun = Sweep.objects.order_by("akimat__kato").values_list("akimat__kato", "period", "started_by")
    assert list(begun) == [("231010000", "2026-Q3", None), (factories.KATO, "2026-Q3", None)]


def test_an_inventory_that_fails_stops_no_other(town, neighbor, monkeypatch):
    factories.waiting(town)
    factories.waiting(neighbor)
    start = sweeps.start_inventory

    def fail(*, akimat, **arguments):
        if akimat == neighbor.akimat:
            raise RuntimeError
        return start(akimat=akimat, **arguments)

    monkeypatch.setattr(sweeps, "start_inventory", fail)
    tasks.begin_inventories()

    assert Sweep.objects.get().akimat == town.akimat


def test_envelopes_whose_time_is_over_are_purged_by_the_clock(town, settings):
    factories.waiting(town)
    sweep = sweeps.start_inventory(akimat=town.akimat, by=town.supervisor, at=AT)
    tasks.go_on_with_sweeps()
    Systems().answer()
    old = AT - timedelta(days=settings.ENVELOPE_RETENTION_DAYS + 1)
    first, *others = CheckAttempt.objects.order_by("pk")
    CheckAttempt.objects.update(envelope=b"x")
    CheckAttempt.objects.filter(pk=first.pk).update(asked_at=old, answered_at=old)

    tasks.purge_envelopes()

    kept = CheckAttempt.objects.filter(envelope__isnull=False)
    assert set(kept.values_list("pk", flat=True)) == {attempt.pk for attempt in others}
    assert OutboxAct.objects.get(kind="PURGE").by == "timer"
    assert sweep.swept.get().state == "ASKED"


def test_the_clock_knows_every_task_of_rechecks():
    planned = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert {
        "queue_registry.tasks.go_on_with_sweeps",
        "queue_registry.tasks.begin_inventories",
        "queue_registry.tasks.purge_envelopes",
    } <= planned
