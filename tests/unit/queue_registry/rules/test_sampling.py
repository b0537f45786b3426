"""Sampled verification: anybody draws the same sample; the interval is Wilson's."""

import hashlib
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_registry.rules.digitization import sampling

NUMBERS = [f"710-{number:06d}" for number in range(500)]


def test_the_same_seed_draws_the_same_whatever_the_order_of_the_population():
    drawn = sampling.draw(seed="2026-09-01 drum 17", file_numbers=NUMBERS, size=40)

    assert drawn == sampling.draw(seed="2026-09-01 drum 17", file_numbers=reversed(NUMBERS), size=40)
    assert len(set(drawn)) == 40
    assert drawn != sampling.draw(seed="2026-09-01 drum 18", file_numbers=NUMBERS, size=40)


def test_a_small_population_is_drawn_whole():
    assert sorted(sampling.draw(seed="s", file_numbers=NUMBERS[:3], size=40)) == NUMBERS[:3]


def test_a_seed_is_of_its_head_akimat_and_day_and_of_nothing_else():
    told = {"head_sha256": "ab" * 32, "akimat_kato": "271010000", "on": date(2026, 9, 1)}
    others = [{"head_sha256": "ac" * 32}, {"akimat_kato": "751010000"}, {"on": date(2026, 9, 2)}]

    seeds = [sampling.seed_of(**told | other) for other in ({}, {}, *others)]

    assert seeds[0] == seeds[1] == hashlib.sha256(b"ab" * 32 + b"\n271010000\n2026-09-01").hexdigest()
    assert len({*seeds}) == 4


@pytest.mark.parametrize(("seed", "size"), [("", 10), ("s", 0)])
def test_a_sample_has_a_seed_and_a_size(seed, size):
    with pytest.raises(ValueError, match="seed and a size"):
        sampling.draw(seed=seed, file_numbers=NUMBERS, size=size)


def test_every_entry_is_drawn_about_as_often_as_any_other():
    counts = dict.fromkeys(NUMBERS[:50], 0)
    for seed in range(400):
        for number in sampling.draw(seed=str(seed), file_numbers=NUMBERS[:50], size=10):
            counts[number] += 1

    # 400 draws with a chance of 1/5: 80 expected, five standard deviations are 40.
    assert 40 < min(counts.values()) <= max(counts.values()) < 120


@pytest.mark.parametrize(
    ("errors", "checked", "low", "high"),
    # Figures of Wilson's interval as published for 95 %: 0/120, 1/120, 10/100, 50/100.
    [
        (0, 120, "0", "0.03102"),
        (1, 120, "0.00147", "0.04569"),
        (10, 100, "0.05523", "0.17437"),
        (50, 100, "0.40383", "0.59617"),
    ],
)
def test_the_interval_is_wilsons(errors, checked, low, high):
    found = sampling.error_rate(errors=errors, checked=checked)

    assert abs(found.low - Fraction(low)) < Fraction(1, 50_000)
    assert abs(found.high - Fraction(high)) < Fraction(1, 50_000)


@given(st.integers(1, 2_000), st.data())
def test_the_rate_lies_in_its_interval_which_lies_between_zero_and_one(checked, data):
    errors = data.draw(st.integers(0, checked))
    found = sampling.error_rate(errors=errors, checked=checked)

    assert 0 <= found.low <= found.rate <= found.high <= 1


@pytest.mark.parametrize(("errors", "checked"), [(0, 0), (3, 2), (-1, 5)])
def test_impossible_figures_make_no_rate(errors, checked):
    with pytest.raises(ValueError, match="make no rate"):
        sampling.error_rate(errors=errors, checked=checked)
