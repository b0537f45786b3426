"""The period of a round: set or the calendar year, with the day of the freeze, never two that overlap."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from allocation import seals
from allocation.models import AllocationRound
from allocation.rules.periods import Period
from allocation.rules.refusals import Refusal, Refused
from allocation.services import decisions, ledger, rounds, sittings
from queue_registry.models import AuditEvent
from tests import factories
from tests.factories import AT, ON, QUOTAS

DAY = timedelta(days=1)
SECOND_HALF = Period(first=date(2026, 7, 1), last=date(2026, 12, 31))


def opened(town, period=None, *, dwellings=(), at=AT):
    return rounds.open_round(
        akimat=town.akimat,
        dwelling_ids=[one.pk for one in dwellings],
        quotas=QUOTAS,
        by=town.secretary,
        at=at,
        period=period,
    )


def frozen(town, period=None, *, dwellings=(), at=AT):
    found = opened(town, period, dwellings=dwellings, at=at)
    return rounds.freeze(round_id=found.pk, by=town.secretary, at=at)


def confirmed(town, period=None, *, at=AT):
    """A round of one home that was given to somebody who waited."""
    factories.waiting(town, day=AllocationRound.objects.count() + 1)
    home = factories.ready(town, rooms=1, area="36.40")
    run = factories.run_of(town, frozen(town, period, dwellings=home, at=at), at=at)
    sitting = sittings.convene(run_id=run.pk, by=town.secretary, at=at)
    factories.vote_all(town, sitting, at=at)
    return decisions.confirm(sitting_id=sitting.pk, result_sha256=run.result_sha256, by=town.chair, at=at)


def refusal_of(act, *arguments, **options):
    """Code and figures; no round is left behind."""
    before = AllocationRound.objects.filter(frozen_at__isnull=False).count()
    with pytest.raises(Refused) as refused:
        act(*arguments, **options)
    assert AllocationRound.objects.filter(frozen_at__isnull=False).count() == before
    return refused.value.code, dict(refused.value.detail)


def days_of(round_):
    return (round_.period_from, round_.period_until)


def test_a_round_has_the_calendar_year_of_its_freeze_where_nobody_set_another(town):
    found = opened(town)
    assert days_of(found) == (None, None)

    at_new_year = AT + timedelta(days=122)
    sealed = rounds.freeze(round_id=found.pk, by=town.secretary, at=at_new_year)

    assert days_of(sealed) == (date(2027, 1, 1), date(2027, 12, 31))


def test_a_period_that_was_set_is_kept_sealed_and_on_record(town):
    sealed = frozen(town, SECOND_HALF)

    assert days_of(sealed) == (SECOND_HALF.first, SECOND_HALF.last)
    acts = AuditEvent.objects.filter(event__in=["allocation_round.opened", "allocation_round.frozen"])
    assert [one.data["period"] for one in acts] == [["2026-07-01", "2026-12-31"]] * 2
    assert seals.account_line(sealed) == '{"period":["2026-07-01","2026-12-31"],"taken_back":[]}'
    assert sealed.seal["account"] == seals.of_account(sealed)
    sealed.period_until += DAY
    assert sealed.seal["account"] != seals.of_account(sealed)


@pytest.mark.parametrize("period", [Period(first=ON, last=ON), Period(first=ON - DAY, last=ON + DAY)])
def test_the_day_of_the_freeze_may_be_the_first_or_the_last(town, period):
    assert days_of(frozen(town, period)) == (period.first, period.last)


def test_a_period_that_is_over_is_refused_when_the_round_is_opened(town):
    over = Period(first=ON - 9 * DAY, last=ON - DAY)

    assert refusal_of(opened, town, over) == (
        Refusal.PERIOD_WITHOUT_FREEZE,
        {"first": over.first, "last": over.last, "day": ON},
    )
    assert AllocationRound.objects.count() == 0


@pytest.mark.parametrize(
    "period", [Period(first=ON + DAY, last=ON + 9 * DAY), Period(first=ON - DAY, last=ON)]
)
def test_a_freeze_outside_of_the_period_is_refused(town, period):
    found = opened(town, period)
    at = AT if period.first > ON else AT + DAY

    code, detail = refusal_of(rounds.freeze, round_id=found.pk, by=town.secretary, at=at)

    assert (code, detail["first"], detail["last"]) == (
        Refusal.PERIOD_WITHOUT_FREEZE,
        period.first,
        period.last,
    )


def test_a_period_does_not_end_before_it_begins(town):
    assert refusal_of(opened, town, Period(first=ON, last=ON - DAY))[0] == Refusal.PERIOD_BACKWARDS


@pytest.mark.parametrize(
    "days", [{"period_from": ON, "period_until": ON - DAY}, {"period_from": ON}, {"period_until": ON}]
)
def test_the_database_keeps_no_period_without_two_ends_in_order(town, days):
    found = opened(town)

    with (
        pytest.raises(IntegrityError, match="allocation_round_period_ends_after_it_begins"),
        transaction.atomic(),
    ):
        AllocationRound.objects.filter(pk=found.pk).update(**days)


def test_the_period_of_a_sealed_round_never_changes(town):
    found = frozen(town, SECOND_HALF)

    for change in ({"period_until": ON}, {"period_from": ON}, {"taken_back": [{"dwelling": "D-1"}]}):
        with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
            AllocationRound.objects.filter(pk=found.pk).update(**change)


@pytest.mark.parametrize(
    "period",
    [
        None,
        Period(first=SECOND_HALF.last, last=SECOND_HALF.last + 9 * DAY),
        Period(first=SECOND_HALF.first, last=SECOND_HALF.last + DAY),
        Period(first=SECOND_HALF.first + DAY, last=SECOND_HALF.last),
    ],
)
def test_a_period_that_shares_some_days_with_an_earlier_one_is_refused(town, period):
    confirmed(town, SECOND_HALF)

    code, detail = refusal_of(frozen, town, period)

    assert code == Refusal.PERIOD_OVERLAPS
    assert detail == {"first": SECOND_HALF.first, "last": SECOND_HALF.last}


def test_the_same_period_goes_on_with_the_account(town):
    confirmed(town, SECOND_HALF)

    following = opened(town, SECOND_HALF, at=AT + DAY)

    assert ledger.year_to_date(round_=following, on=ON + DAY)["distributed"] == 1


def test_the_next_period_begins_to_count_anew_and_keeps_what_is_owed(town):
    confirmed(town, Period(first=SECOND_HALF.first, last=ON))

    following = opened(town, Period(first=ON + DAY, last=SECOND_HALF.last), at=AT + DAY)

    assert ledger.year_to_date(round_=following, on=ON + DAY) == {
        "distributed": 0,
        "lists": {
            number: {"by_share": 0, "owed": "0", "received": 0} for number in ("1", "2", "3", "4", "5", "6")
        },
    }


def test_a_refused_round_and_one_of_other_help_bar_no_period(town):
    frozen(town, SECOND_HALF)

    assert days_of(frozen(town)) == (date(2026, 1, 1), date(2026, 12, 31))
