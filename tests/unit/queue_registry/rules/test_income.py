"""Income per member: twelve months, exact, unknown where an adult's source is silent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.facts import Benefit, Said, Source
from queue_registry.rules.household import household
from queue_registry.rules.income import for_engine, income, rung, window
from tests.unit.queue_registry.rules.invented import (
    APPLICANT,
    CHILD,
    ON,
    SPOUSE,
    earning,
    family,
    policy,
    receipts,
)

LADDER = policy().rungs
MINIMUM = policy().subsistence_minimum(ON)


def of(people):
    return income(household=household(applicant=people[APPLICANT], named=(), people=people, on=ON), on=ON)


def test_the_window_is_the_twelve_full_months_before_the_day():
    assert window(date(2026, 9, 1)) == window(date(2026, 9, 30))
    assert (window(ON)[0], window(ON)[-1], len(window(ON))) == ("2025-09", "2026-08", 12)
    assert window(date(2026, 1, 15))[0] == "2025-01"


def test_the_aggregate_is_divided_by_twelve_and_by_the_members():
    people = family(income=earning("100000.50"))
    people[SPOUSE] = replace(people[SPOUSE], income=earning("50000"))
    assert of(people).per_member == Fraction("150000.50") / 3


def test_months_outside_the_window_do_not_count():
    people = family(income={"2025-08": Decimal(999), "2026-09": Decimal(999), "2025-09": Decimal(36)})
    assert of(people).per_member == Fraction(1)


def test_a_missing_month_counts_zero_and_is_told():
    found = of(family(income=earning("1200", without=("2026-03",))))
    assert found.per_member == Fraction(1200 * 11, 36)
    assert found.gaps == ((APPLICANT, "2026-03"),)


def test_nothing_found_counts_zero_without_gaps():
    found = of(family())
    assert (found.per_member, found.gaps) == (0, ())


@pytest.mark.parametrize("source", [Source.ENPF, Source.EMAKET])
def test_a_silent_source_of_an_adult_makes_the_income_unknown_and_a_child_s_does_not(source):
    people = family(receipts=receipts(gbd_fl=Said.FOUND, without=(source,)))
    assert of(people).per_member is None
    assert of(people).unanswered == ((APPLICANT, source),)
    children_only = family()
    children_only[CHILD] = replace(
        children_only[CHILD], receipts=receipts(gbd_fl=Said.FOUND, without=(source,))
    )
    assert of(children_only).per_member == 0


def test_benefits_count_in_the_months_in_which_they_ran():
    benefit = Benefit(amount=Decimal(3600), since=date(2026, 7, 15), until=date(2026, 9, 1))
    assert of(family(benefits=(benefit,))).total == 7200


@pytest.mark.parametrize(
    ("income_in_tenge", "expected"),
    [
        ("0", "rent"),
        ("50851", "rent"),
        ("50851.000001", "loan_2"),
        ("157638.1", "loan_2"),
        ("157638.100001", "loan_5"),
        ("188148.7", "loan_5"),
        ("188148.700001", "none"),
    ],
)
def test_the_limits_of_the_ladder_are_inclusive(income_in_tenge, expected):
    assert (
        rung(per_member=Fraction(income_in_tenge), ladder=[(name, limit * MINIMUM) for name, limit in LADDER])
        == expected
    )


def test_an_unknown_income_has_no_rung():
    assert rung(per_member=None, ladder=[(name, limit * MINIMUM) for name, limit in LADDER]) == ""


limits = [limit * MINIMUM for _, limit in LADDER]
beside = st.sampled_from(limits).flatmap(
    lambda limit: st.integers(-30, 30).map(lambda step: limit + Fraction(step, 12 * 7 * 10**6))
)


@given(st.one_of(beside, st.fractions(0, 10**7)))
def test_the_engine_s_figure_is_on_the_same_side_of_every_limit(per_member):
    figure = Fraction(for_engine(per_member=max(per_member, Fraction(0)), limits=limits))
    assert abs(figure - max(per_member, Fraction(0))) <= Fraction(1, 10**6)
    for limit in limits:
        assert (figure < limit) == (per_member < limit)
        assert (figure <= limit) == (per_member <= limit)


def test_an_exact_figure_stays_itself():
    assert str(for_engine(per_member=Fraction("37389.01"), limits=limits)) == "37389.010000"
