"""The gate to automatic distribution: every criterion at its limit; red while one fails, whatever else."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from queue_registry.rules.digitization import gate
from queue_registry.rules.digitization.gate import Criterion, Light

RULES = gate.rules_in_force(date(2026, 9, 1))
READY = gate.GateFigures(
    standing=1_000,
    waiting_file=0,
    provisional=0,
    open_cases=0,
    open_matches=0,
    unexplained_differences=0,
    sample_checked=120,
    sample_error_high=Fraction(5, 100),
    checked_lately=1_000,
    open_backdating_flags=0,
    sealed=True,
)


def failing(**changes):
    return gate.failing(gate.judge(replace(READY, **changes), RULES))


def test_an_akimat_that_is_ready_fails_nothing_and_is_amber_until_somebody_opens():
    judged = gate.judge(READY, RULES)

    assert gate.failing(judged) == ()
    assert [one.criterion for one in judged] == list(Criterion)
    assert gate.light(judged, is_open=False) is Light.AMBER
    assert gate.light(judged, is_open=True) is Light.GREEN


@pytest.mark.parametrize(
    ("changes", "criterion"),
    [
        ({"provisional": 1}, Criterion.VERIFIED_SHARE),
        ({"waiting_file": 1}, Criterion.VERIFIED_SHARE),
        ({"open_cases": 1}, Criterion.OPEN_CASES),
        ({"open_matches": 1}, Criterion.OPEN_MATCHES),
        ({"unexplained_differences": 1}, Criterion.RECONCILED),
        ({"sample_checked": 119}, Criterion.SAMPLE_SIZE),
        ({"sample_error_high": Fraction(50_001, 1_000_000)}, Criterion.SAMPLE_ERROR),
        ({"sample_error_high": None}, Criterion.SAMPLE_ERROR),
        ({"checked_lately": 999}, Criterion.CHECKED_LATELY),
        ({"open_backdating_flags": 1}, Criterion.NO_BACKDATING_FLAGS),
        ({"sealed": False}, Criterion.SEALED),
    ],
)
def test_one_thing_over_its_limit_makes_the_gate_red(changes, criterion):
    judged = gate.judge(replace(READY, **changes), RULES)

    assert failing(**changes) == (criterion,)
    assert gate.light(judged, is_open=True) is Light.RED


def test_a_rounded_figure_never_hides_that_it_fails():
    judged = gate.judge(replace(READY, sample_error_high=Fraction(50_001, 1_000_000)), RULES)

    shown = next(one for one in judged if one.criterion is Criterion.SAMPLE_ERROR)
    assert Fraction(shown.actual) > Fraction(shown.required)


def test_a_small_akimat_samples_all_it_has_and_an_empty_one_is_never_ready():
    assert failing(standing=40, checked_lately=40, sample_checked=40) == ()
    assert set(failing(standing=0, checked_lately=0)) == {Criterion.VERIFIED_SHARE, Criterion.CHECKED_LATELY}


def test_criteria_are_dated_and_none_was_in_force_before_the_first():
    assert RULES.code == "gate-2022"
    with pytest.raises(gate.GateFileError, match="2021-12-31"):
        gate.rules_in_force(date(2021, 12, 31))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("code = 1", "criteria"),
        ("code = ", "can't be read"),
        (
            (
                'code="g"\nin_force_from=2022-01-01\nact="a"\n[criteria]\nverified_share="1"\nsample_error="0.1"\n'
                'checked_share="1"\nopen_cases=0'
            ),
            "open_matches",
        ),
    ],
)
def test_a_broken_file_names_what_is_wrong(text, named):
    with pytest.raises(gate.GateFileError, match=named):
        gate.parse_rules(text)
