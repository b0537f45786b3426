"""What is changed in an open round until its freeze is ordered, by the rules of its opening, on record."""

from datetime import date, timedelta

import pytest

from allocation.models import FreezeOrder
from allocation.rules.periods import Period
from allocation.rules.refusals import Refusal, Refused
from allocation.services import freeze_orders, round_changes, rounds
from queue_registry.models import AuditEvent
from tests import factories
from tests.factories import AT, ON

DAY = timedelta(days=1)
SECOND_HALF = Period(first=date(2026, 7, 1), last=date(2026, 12, 31))


@pytest.fixture
def opened(town):
    return factories.open_round(town, factories.ready(town))


def put(town, round_, period, *, at=AT):
    return round_changes.set_period(round_id=round_.pk, period=period, by=town.secretary, at=at)


def refused(act, *arguments, **options):
    with pytest.raises(Refused) as found:
        act(*arguments, **options)
    return found.value.code


def days_of(round_):
    round_.refresh_from_db()
    return (round_.period_from, round_.period_until)


def test_a_period_is_set_set_anew_and_taken_back_each_on_record(town, opened):
    put(town, opened, SECOND_HALF)
    assert days_of(opened) == (SECOND_HALF.first, SECOND_HALF.last)
    put(town, opened, Period(first=ON, last=ON))
    put(town, opened, None)

    assert days_of(opened) == (None, None)
    acts = AuditEvent.objects.filter(event="allocation_round.period_set").order_by("seq")
    assert [(one.data["was"], one.data["period"]) for one in acts] == [
        ([], ["2026-07-01", "2026-12-31"]),
        (["2026-07-01", "2026-12-31"], ["2026-09-01", "2026-09-01"]),
        (["2026-09-01", "2026-09-01"], []),
    ]


@pytest.mark.parametrize(
    ("period", "code"),
    [
        (Period(first=ON, last=ON - DAY), Refusal.PERIOD_BACKWARDS),
        (Period(first=ON - 9 * DAY, last=ON - DAY), Refusal.PERIOD_WITHOUT_FREEZE),
    ],
)
def test_in_what_no_round_can_be_frozen_is_no_period(town, opened, period, code):
    assert refused(put, town, opened, period) == code
    assert days_of(opened) == (None, None)


def test_a_period_that_shares_some_days_with_an_earlier_one_is_refused(town):
    factories.confirmed(town)
    following = factories.open_round(town)

    assert refused(put, town, following, SECOND_HALF) == Refusal.PERIOD_OVERLAPS
    assert days_of(following) == (None, None)


def test_while_the_freeze_is_ordered_and_after_it_homes_and_quotas_stand(town, opened):
    (late,) = factories.ready(town)
    acts = (
        (round_changes.add_dwellings, {"dwelling_ids": [late.pk]}),
        (round_changes.set_quotas, {"quotas": factories.QUOTAS}),
    )
    told = {"round_id": opened.pk, "by": town.secretary, "at": AT}
    order = freeze_orders.give(**told)
    assert [refused(act, **told, **given) for act, given in acts] == [Refusal.ROUND_NOT_OPEN] * 2
    freeze_orders.carry_out(order_id=order.pk, at=AT)

    assert [refused(act, **told, **given) for act, given in acts] == [Refusal.ROUND_NOT_OPEN] * 2
    assert late.round_dwellings.count() == 0


def test_while_the_freeze_is_ordered_and_after_it_the_period_stands(town, opened):
    order = freeze_orders.give(round_id=opened.pk, by=town.secretary, at=AT)
    assert refused(put, town, opened, SECOND_HALF) == Refusal.ROUND_NOT_OPEN
    freeze_orders.carry_out(order_id=order.pk, at=AT)

    assert refused(put, town, opened, SECOND_HALF) == Refusal.ROUND_NOT_OPEN
    assert days_of(opened) == (date(2026, 1, 1), date(2026, 12, 31))


def test_a_freeze_outside_of_the_period_is_not_ordered_until_another_is_set(town, opened):
    put(town, opened, Period(first=ON + DAY, last=ON + DAY))
    order = {"round_id": opened.pk, "by": town.secretary, "at": AT}
    assert refused(freeze_orders.give, **order) == Refusal.PERIOD_WITHOUT_FREEZE
    assert not FreezeOrder.objects.exists()

    put(town, opened, SECOND_HALF)

    freeze_orders.carry_out(order_id=freeze_orders.give(**order).pk, at=AT)
    assert days_of(opened) == (SECOND_HALF.first, SECOND_HALF.last)


def test_a_cancelled_round_has_no_period_to_set(town, opened):
    rounds.cancel(round_id=opened.pk, reason="Other homes came", by=town.secretary, at=AT)

    assert refused(put, town, opened, SECOND_HALF) == Refusal.ROUND_CANCELLED
