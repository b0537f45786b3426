"""The account of a year as `services.ledger` keeps it, at the full size of a city (E9)."""

from dataclasses import replace

import pytest

from allocation import engine, engine_io
from allocation.engine.document import values_from
from allocation.models import AllocationRun, Decision, Sitting
from allocation.rules import ledger as account
from allocation.services import ledger, rounds
from tests import factories
from tests.factories import AT, ON, QUOTAS

SIZES = {"4": 18_884, "5": 12_151, "6": 588}


def entry(number, count):
    """A woman alone, registered count minutes after the first of 2010."""
    moment = f"2010-{1 + count // 1440 // 28:02d}-{1 + count // 1440 % 28:02d}"
    name = f"{number}-{count:05d}"
    return {
        "id": name,
        "file_no": name,
        "list": number,
        "registered_at": f"{moment}T{count // 60 % 24:02d}:{count % 60:02d}:00+05:00",
        "members": [{"sex": "f", "role": "applicant", "age": 40, "couple": None}],
        "extra_person": 0,
        "extra_room": False,
        "mobility": False,
        "low_floor": False,
        "needs_accessible": False,
        "accepts_smaller": None,
        "income": "0",
        "flags": [],
        "eligibility": "eligible",
        "reason": None,
    }


@pytest.fixture(scope="module")
def city():
    """The document of a round with ten homes for 31,623 people, of which only the account is asked."""
    fit = {"min_area": "15", "max_area": "18", "surplus": "9"}
    return {
        "format": "round/1",
        "round": {"id": "R-2026-1", "akimat": "271010000", "frozen_at": "2026-09-01T09:00:00+05:00"},
        "policy": {
            "code": "akimat-2022",
            "tiers": [{"kind": "proportional", "lists": list(SIZES), "count": "active", "period": "year"}],
            "fit": {**fit, "separate_sexes_from_age": 0, "max_floor_mobility": 2},
            "income": {"subsistence_minimum": "50851", "below": {}, "exempt_flags": []},
            "support": {"kind": "rent", "rung": None},
            "ladder": [],
        },
        "year_to_date": account.opening(),
        "dwellings": [
            {"id": f"D{index}", "rooms": 1, "area": "25", "floor": 1, "lift": False, "accessible": False}
            for index in range(10)
        ],
        "entries": [entry(number, count) for number, size in SIZES.items() for count in range(size)],
    }


def with_result(town, round_, result, *, outcome=Decision.Outcome.CONFIRMED):
    """The round as one that was frozen, run and decided on with this result."""
    round_.frozen_at, round_.frozen_by = AT, town.secretary
    round_.input, round_.input_sha256 = engine_io.pack(b"{}"), "0" * 64
    round_.save()
    run = AllocationRun.objects.create(
        round=round_,
        requested_at=AT,
        requested_by=town.secretary,
        executed_at=AT,
        engine="1.0.0",
        result=engine_io.pack(engine.canonical_bytes(result)),
        result_sha256="0" * 64,
    )
    sitting = Sitting.objects.create(
        akimat=town.akimat,
        run=run,
        number=run.pk,
        convened_at=AT,
        convened_by=town.secretary,
        quorum_numerator=2,
        quorum_denominator=3,
    )
    Decision.objects.create(
        sitting=sitting,
        outcome=outcome,
        input_sha256="0" * 64,
        result_sha256="0" * 64,
        arithmetic={},
        decided_at=AT,
        decided_by=town.chair,
    )


def test_ten_batches_of_a_city_are_served_by_the_account_that_confirmed_rounds_keep(town, city):
    served = []
    values = values_from(city)

    for _ in range(10):
        opened = rounds.open_round(
            akimat=town.akimat, dwelling_ids=[], quotas=QUOTAS, by=town.secretary, at=AT
        )
        kept = ledger.year_to_date(round_=opened, on=ON)
        year = values_from({**city, "dwellings": [], "entries": [], "year_to_date": kept}).year_to_date
        result = engine.distribute(replace(values, year_to_date=year))
        served.append(tuple(share.served for share in result.tiers[0].lists))
        document = engine.result_document(result, "0" * 64)
        with_result(town, opened, {"year_to_date": document["year_to_date"]})

    assert tuple(map(sum, zip(*served, strict=True))) == (60, 38, 2)
    assert [batch for batch, (_, _, third) in enumerate(served, start=1) if third] == [3, 9]
    assert ledger.year_to_date(round_=factories.open_round(town), on=ON)["distributed"] == 100


def test_an_account_goes_over_new_year_by_what_was_owed(town):
    given = {"distributed": 3, "lists": {"4": {"owed": "8/3", "by_share": 2, "received": 2}}}
    opened = factories.open_round(town)
    with_result(town, opened, {"year_to_date": given})
    following = factories.open_round(town)

    assert ledger.year_to_date(round_=following, on=ON.replace(month=12, day=31)) == given
    assert ledger.year_to_date(round_=following, on=ON.replace(year=2027, month=1, day=1)) == {
        "distributed": 0,
        "lists": {"4": {"owed": "2/3", "by_share": 0, "received": 0}},
    }


def test_a_refused_round_leaves_no_account(town):
    given = {"year_to_date": {"distributed": 3, "lists": {}}}
    with_result(town, factories.open_round(town), given, outcome=Decision.Outcome.REFUSED)

    assert ledger.year_to_date(round_=factories.open_round(town), on=ON) == account.opening()
