"""Rechecks begun, paused and resumed: the tops of the lists first, each once, told in the trail."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from queue_registry.models import Akimat, AuditEvent, Sweep, SweepEntry, WaitingList
from queue_registry.rules.sweeps import SweepRefusal, SweepRefused, before_allocation, quarter
from queue_registry.selectors import sweep_work
from queue_registry.services import queue_entries, sweeps
from tests import factories

AT = factories.AT
pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return factories.town()


def another(town):
    """Another akimat with the same staff."""
    akimat = Akimat.objects.create(kato="231010000", name_kk="Бөтен", name_ru="Чужой")
    WaitingList.objects.create(akimat=akimat, number="5")
    return factories.Town(akimat=akimat, staff=town.staff, passwords={})


def start(town, **options):
    return sweeps.start_inventory(akimat=town.akimat, by=town.supervisor, at=AT, **options)


def order(sweep):
    return list(sweep.swept.order_by("position").values_list("entry_id", flat=True))


def refused(code):
    return pytest.raises(SweepRefused, match=f"^{code}")


@pytest.mark.parametrize(
    ("on", "period"),
    [
        (date(2026, 1, 1), "2026-Q1"),
        (date(2026, 3, 31), "2026-Q1"),
        (date(2026, 4, 1), "2026-Q2"),
        (date(2026, 9, 30), "2026-Q3"),
        (date(2026, 10, 1), "2026-Q4"),
        (date(2026, 12, 31), "2026-Q4"),
    ],
)
def test_the_quarter_of_a_day(on, period):
    assert quarter(on) == period


def test_the_period_of_a_recheck_before_an_allocation_is_its_day_and_depth():
    assert before_allocation(date(2026, 10, 3), first=200) == "2026-10-03/200"


def test_the_tops_of_all_lists_come_first(town):
    third = [factories.waiting(town, number="3", day=day) for day in (2, 5, 9)]
    fifth = [factories.waiting(town, number="5", day=day) for day in (1, 3)]
    second = factories.waiting(town, number="2", day=30)

    sweep = start(town)

    expected = [second, third[0], fifth[0], third[1], fifth[1], third[2]]
    assert order(sweep) == [entry.pk for entry in expected]
    assert list(sweep.swept.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert set(sweep.swept.values_list("state", flat=True)) == {"DUE"}
    assert (sweep.entries, sweep.period, sweep.purpose) == (6, "2026-Q3", "INVENTORY")


def test_inside_a_list_order_is_that_of_the_places(town):
    later, first, second = (factories.waiting(town, day=day) for day in (20, 3, 4))

    assert order(start(town)) == [first.pk, second.pk, later.pk]


def test_a_recheck_before_an_allocation_takes_the_first_of_each_list(town):
    of_three = [factories.waiting(town, number="3", day=day) for day in (1, 2, 3)]
    of_five = [factories.waiting(town, number="5", day=day) for day in (1, 2)]

    sweep = sweeps.start_before_allocation(akimat=town.akimat, first=2, by=town.supervisor, at=AT)

    assert order(sweep) == [one.pk for one in (of_three[0], of_five[0], of_three[1], of_five[1])]
    assert (sweep.entries, sweep.period) == (4, "2026-09-01/2")


def test_whoever_has_no_place_is_not_asked_about(town):
    gone, stays = factories.waiting(town, day=1), factories.waiting(town, day=2)
    queue_entries.mark_offered(entry_id=gone.pk, document="x", by=town.chair, at=AT)
    queue_entries.mark_housed(entry_id=gone.pk, document="x", by=town.clerk, at=AT)

    assert order(start(town)) == [stays.pk]


def test_another_akimats_entries_are_left_alone(town):
    mine = factories.waiting(town)
    factories.waiting(another(town))

    assert order(start(town)) == [mine.pk]


def test_the_start_is_told_in_the_trail(town):
    factories.waiting(town)

    sweep = sweeps.start_before_allocation(akimat=town.akimat, first=7, by=town.supervisor, at=AT)

    event = AuditEvent.objects.get(event="sweep.started")
    assert (event.target, event.actor) == (f"sweep:{sweep.pk}", "supervisor")
    assert event.data == {
        "purpose": "BEFORE_ALLOCATION",
        "period": "2026-09-01/7",
        "first": 7,
        "entries": 1,
    }


def test_one_inventory_a_quarter(town):
    factories.waiting(town)
    first = start(town)

    with refused(SweepRefusal.ALREADY_STARTED) as refusal:
        sweeps.start_inventory(akimat=town.akimat, by=None, at=datetime(2026, 9, 30, 18, 59, 59, tzinfo=UTC))
    assert refusal.value.detail == {"sweep": first.pk}

    # Midnight of Almaty begins the next one.
    again = sweeps.start_inventory(akimat=town.akimat, by=None, at=datetime(2026, 9, 30, 19, tzinfo=UTC))
    assert (again.period, again.started_by) == ("2026-Q4", None)
    assert AuditEvent.objects.filter(event="sweep.started").order_by("-pk").first().actor == "sweeps"


def test_a_recheck_as_deep_is_begun_once_a_day(town):
    factories.waiting(town)
    who = {"akimat": town.akimat, "by": town.supervisor}
    sweeps.start_before_allocation(first=5, at=AT, **who)

    with refused(SweepRefusal.ALREADY_STARTED):
        sweeps.start_before_allocation(first=5, at=AT + timedelta(hours=1), **who)
    sweeps.start_before_allocation(first=6, at=AT, **who)
    sweeps.start_before_allocation(first=5, at=AT + timedelta(days=1), **who)

    assert Sweep.objects.count() == 3


def test_with_nobody_on_the_lists_nothing_begins(town):
    with refused(SweepRefusal.NOBODY_TO_ASK_ABOUT):
        start(town)
    assert not Sweep.objects.exists()
    assert not AuditEvent.objects.filter(event="sweep.started").exists()


def test_akimats_without_their_inventory_are_known(town):
    empty = another(town)
    factories.waiting(town)

    assert list(sweep_work.list_without_inventory(AT)) == [town.akimat]
    start(town)
    assert list(sweep_work.list_without_inventory(AT)) == []
    assert list(sweep_work.list_without_inventory(AT + timedelta(days=30))) == [town.akimat]
    factories.waiting(empty)
    assert list(sweep_work.list_without_inventory(AT)) == [empty.akimat]


def test_a_paused_sweep_is_resumed_and_each_is_told_in_the_trail(town):
    factories.waiting(town)
    sweep = start(town)

    paused = sweeps.pause(sweep_id=sweep.pk, by=town.supervisor, at=AT)
    assert paused.paused_at == AT
    assert list(sweep_work.list_running()) == []
    with refused(SweepRefusal.ALREADY_PAUSED):
        sweeps.pause(sweep_id=sweep.pk, by=town.supervisor, at=AT)

    resumed = sweeps.resume(sweep_id=sweep.pk, by=town.supervisor, at=AT)
    assert resumed.paused_at is None
    assert list(sweep_work.list_running()) == [sweep]
    with refused(SweepRefusal.NOT_PAUSED):
        sweeps.resume(sweep_id=sweep.pk, by=town.supervisor, at=AT)

    told = AuditEvent.objects.filter(target=f"sweep:{sweep.pk}").order_by("seq")
    assert list(told.values_list("event", flat=True)) == ["sweep.started", "sweep.paused", "sweep.resumed"]


@pytest.mark.parametrize("act", [sweeps.pause, sweeps.resume])
def test_a_sweep_that_ended_stands_still(town, act):
    factories.waiting(town)
    sweep = start(town)
    Sweep.objects.filter(pk=sweep.pk).update(finished_at=AT)

    with refused(SweepRefusal.ALREADY_FINISHED):
        act(sweep_id=sweep.pk, by=town.supervisor, at=AT)


def test_sweeps_before_an_allocation_go_first(town):
    factories.waiting(town)
    inventory = start(town)
    urgent = sweeps.start_before_allocation(
        akimat=town.akimat, first=1, by=town.supervisor, at=AT + timedelta(days=1)
    )

    assert list(sweep_work.list_running()) == [urgent, inventory]


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (Sweep, {"purpose": "FUN"}, "sweep_purpose_is_known"),
        (Sweep, {"finished_at": AT - timedelta(days=1)}, "sweep_finished_after_started"),
        (SweepEntry, {"state": "LOST"}, "sweep_entry_state_is_known"),
        (SweepEntry, {"state": "DONE"}, "sweep_entry_done_at_exactly_when_done"),
        (SweepEntry, {"complete": True}, "sweep_entry_done_at_exactly_when_done"),
    ],
)
def test_the_database_refuses_a_sweep_in_an_impossible_state(town, model, change, constraint):
    factories.waiting(town)
    start(town)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**change)


def test_the_database_refuses_a_second_sweep_of_the_same_kind(town):
    factories.waiting(town)
    sweep = start(town)
    same = {"akimat": town.akimat, "purpose": sweep.purpose, "period": sweep.period, "started_at": AT}

    with pytest.raises(IntegrityError, match="one_sweep_per_period"), transaction.atomic():
        Sweep.objects.create(entries=1, **same)


def test_the_database_refuses_an_entry_twice_in_a_sweep(town):
    entry = factories.waiting(town)
    sweep = start(town)

    with (
        pytest.raises(IntegrityError, match="one_place_in_a_sweep_per_entry"),
        transaction.atomic(),
    ):
        SweepEntry.objects.create(sweep=sweep, entry=entry, position=2)
