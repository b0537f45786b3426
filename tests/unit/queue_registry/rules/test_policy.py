"""The shipped policies: every figure has its act, periods leave no gap, figures are those of the acts."""

from copy import deepcopy
from datetime import date
from fractions import Fraction

import pytest

from queue_registry.rules.policy import Policy, PolicyBroken
from queue_registry.services import policies
from tests.unit.queue_registry.rules.invented import policy


@pytest.mark.parametrize("path", policies.files(), ids=lambda path: path.stem)
def test_a_shipped_policy_reads_and_names_itself(path):
    document, digest = policies.read(path)
    code = Policy.from_document(document).code
    # A newer version of a code adds the year in which it comes into force: akimat_2022_2027.
    newer = f"{code}-{document['in_force_from'][:4]}"
    assert path.stem.replace("_", "-") in {code, newer}
    assert len(digest) == 64


def test_no_two_versions_of_a_policy_come_into_force_on_one_day():
    shipped = [policies.read(path)[0] for path in policies.files()]
    begins = [(document["code"], document["in_force_from"]) for document in shipped]

    assert len(begins) == len(set(begins))


def test_the_three_regimes_are_shipped():
    assert {path.stem for path in policies.files()} == {"akimat_2022", "ladder_2022", "operator_2025"}


@pytest.mark.parametrize(
    ("on", "tenge"),
    [
        (date(2020, 3, 31), 31183),
        (date(2020, 4, 1), 32668),
        (date(2022, 3, 31), 36018),
        (date(2022, 4, 1), 37389),
        (date(2026, 9, 1), 50851),
    ],
)
def test_the_subsistence_minimum_is_keyed_by_day(on, tenge):
    assert policy().subsistence_minimum(on) == tenge


def test_before_the_first_figure_there_is_none():
    with pytest.raises(PolicyBroken, match="subsistence_minimum"):
        policy().subsistence_minimum(date(2017, 12, 31))


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda document: document["fit"]["min_area"].pop("basis"), "fit.min_area"),
        (lambda document: document["fit"]["min_area"].update(basis="habit"), "fit.min_area"),
        (lambda document: document["tiers"][1].pop("act"), r"tiers\[1\]"),
        (lambda document: document["offer"].pop("working_days"), "working_days"),
    ],
)
def test_a_figure_without_its_act_or_missing_is_refused_by_its_path(spoil, path):
    document = deepcopy(policies.read(policies.FOLDER / "akimat_2022.toml")[0])
    spoil(document)
    with pytest.raises(PolicyBroken, match=path):
        Policy.from_document(document)


def test_the_law_s_order_of_lists():
    tiers = [(tier["kind"], tuple(tier["lists"])) for tier in policy().tiers]
    assert tiers == [
        ("first_right", ("1",)),
        ("floor", ("2",)),
        ("quota", ("3",)),
        ("proportional", ("4", "5", "6")),
    ]
    assert (policy().tiers[1]["share"], policy().tiers[1]["period"]) == ("1/5", "year")


def test_the_ladder_takes_the_place_of_the_income_test():
    assert policy("ladder-2022").income_below == {}
    assert policy("ladder-2022").support == {"kind": "rent", "rung": "rent"}
    assert policy().support == {"kind": "rent", "rung": None}


def test_the_limits_are_every_figure_an_income_is_held_against():
    assert policy().limits(date(2026, 9, 1)) == {50851, Fraction("157638.1"), Fraction("188148.7")}
