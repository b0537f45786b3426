"""A freeze is ordered and carried out by the worker: once, whole or not at all, and a refusal is told."""

import threading

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction

from allocation import run_progress, tasks
from allocation.models import AllocationRound, Dwelling, FreezeOrder
from allocation.rules.refusals import Refusal, Refused
from allocation.selectors import freeze_orders as selectors
from allocation.services import freeze_orders, rounds
from queue_registry.models import AuditEvent
from tests import factories
from tests.factories import AT


@pytest.fixture
def opened(town):
    factories.waiting(town, day=1)
    factories.waiting(town, day=2)
    return factories.open_round(town, factories.ready(town, rooms=1, area="36.40"))


def give(town, opened):
    return freeze_orders.give(round_id=opened.pk, by=town.secretary, at=AT)


def events(name):
    return AuditEvent.objects.filter(event=name).count()


def test_an_order_leaves_the_round_open_and_its_homes_ready(town, opened):
    order = give(town, opened)

    assert (order.state, selectors.list_wanted()) == (FreezeOrder.State.WANTED, [order.pk])
    assert AllocationRound.objects.get().frozen_at is None
    assert Dwelling.objects.get().state == Dwelling.State.READY


def test_the_worker_freezes_in_the_name_of_who_ordered(town, opened):
    order = give(town, opened)

    tasks.carry_out_freeze_orders()

    order.refresh_from_db()
    opened.refresh_from_db()
    assert (order.state, order.refusal, selectors.list_wanted()) == (FreezeOrder.State.DONE, {}, [])
    assert opened.frozen_by == town.secretary
    assert opened.frozen_at == order.closed_at
    assert (events("freeze_order.given"), events("allocation_round.frozen")) == (1, 1)


def test_who_orders_again_gets_the_same_order(town, opened):
    assert give(town, opened) == give(town, opened)
    assert events("freeze_order.given") == 1


def test_a_frozen_round_is_not_ordered_again(town, opened):
    order = give(town, opened)
    freeze_orders.carry_out(order_id=order.pk, at=AT)

    with pytest.raises(Refused) as refused:
        give(town, opened)

    assert refused.value.code == Refusal.ROUND_NOT_OPEN
    assert freeze_orders.carry_out(order_id=order.pk, at=AT) is None
    assert events("allocation_round.frozen") == 1


def test_what_can_be_told_at_once_is_refused_at_once(town):
    opened = factories.open_round(
        town, factories.ready(town), quotas={"3": {"dwellings": 2, "document": "Passport No 1"}}
    )

    with pytest.raises(Refused) as refused:
        give(town, opened)

    assert refused.value.code == Refusal.QUOTA_OVER_DWELLINGS
    assert not FreezeOrder.objects.exists()


def test_a_refusal_of_the_worker_is_kept_with_its_figures_and_the_round_stays_open(town, opened, monkeypatch):
    order = give(town, opened)
    silent = Refused(Refusal.SOURCES_SILENT, families=3, days=2)
    monkeypatch.setattr(rounds.silence, "check", lambda *_: (_ for _ in ()).throw(silent))

    freeze_orders.carry_out(order_id=order.pk, at=AT)

    order.refresh_from_db()
    opened.refresh_from_db()
    told = freeze_orders.refusal_of(order)
    assert (order.state, told.code, dict(told.detail)) == (
        FreezeOrder.State.REFUSED,
        Refusal.SOURCES_SILENT,
        {"families": 3, "days": 2},
    )
    assert opened.frozen_at is None
    assert Dwelling.objects.get().state == Dwelling.State.READY
    assert events("freeze_order.refused") == 1


def test_a_day_of_a_refusal_is_a_day_again(town, opened):
    order = give(town, opened)
    period = {"first": AT.date(), "last": AT.date(), "day": AT.date()}
    freeze_orders._refuse(order.pk, Refusal.PERIOD_WITHOUT_FREEZE, period, at=AT)

    order.refresh_from_db()
    assert dict(freeze_orders.refusal_of(order).detail) == period


def test_what_breaks_off_closes_the_order_and_can_be_ordered_anew(town, opened, monkeypatch):
    broken = give(town, opened)
    with monkeypatch.context() as patched:
        patched.setattr(rounds.inputs, "read", lambda **_: 1 // 0)
        freeze_orders.carry_out(order_id=broken.pk, at=AT)
    broken.refresh_from_db()

    again = give(town, opened)
    freeze_orders.carry_out(order_id=again.pk, at=AT)

    assert broken.refusal == {"code": "FREEZE_BROKEN_OFF"}
    assert AllocationRound.objects.get().frozen_at == AT


def test_a_cancelled_round_is_not_frozen(town, opened):
    order = give(town, opened)
    rounds.cancel(round_id=opened.pk, reason="Withdrawn", by=town.secretary, at=AT)

    freeze_orders.carry_out(order_id=order.pk, at=AT)

    order.refresh_from_db()
    assert order.refusal == {"code": "ROUND_CANCELLED"}


def test_how_far_a_freeze_is_stands_beside_the_database(town, opened):
    assert run_progress.get_freeze(opened.pk) == 0

    freeze_orders.carry_out(order_id=give(town, opened).pk, at=AT)

    assert run_progress.get_freeze(opened.pk) == 99
    cache.clear()
    run_progress.tell_freeze(opened.pk, 1, 2)
    assert run_progress.get_freeze(opened.pk) == 49


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "DONE"}, "freeze_order_closed_or_wanted"),
        ({"state": "REFUSED", "closed_at": AT}, "freeze_order_closed_or_wanted"),
        ({"closed_at": AT}, "freeze_order_closed_or_wanted"),
        ({"refusal": {"code": "X"}}, "freeze_order_closed_or_wanted"),
        ({}, "one_wanted_freeze_order_per_round"),
    ],
)
def test_the_database_keeps_orders_whole(town, opened, values, constraint):
    if not values:
        give(town, opened)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        FreezeOrder.objects.create(round=opened, ordered_by=town.secretary, ordered_at=AT, **values)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_freeze_once():
    town = factories.town()
    factories.waiting(town, day=1)
    order = give(town, factories.open_round(town, factories.ready(town)))
    ready, made = threading.Barrier(2), []

    def work():
        try:
            ready.wait(20)
            made.append(freeze_orders.carry_out(order_id=order.pk, at=AT))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len([one for one in made if one is not None]) == 1
    assert AllocationRound.objects.get().frozen_at == AT
    assert events("allocation_round.frozen") == 1
