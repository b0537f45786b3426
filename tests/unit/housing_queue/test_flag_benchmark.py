"""The benchmark of red flags in small: what it plants, what it counts, and that it knows no limit."""

import ast
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from housing_queue.benchmarks import flags as benchmark
from housing_queue.benchmarks import planted_flags, planted_recipients, synthetic_histories
from housing_queue.benchmarks.measuring import read_goals, row_for
from housing_queue.benchmarks.planted_flags import Planted
from housing_queue.benchmarks.synthetic_world import AT
from queue_registry.rules import flags
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.flags import limits
from queue_registry.rules.flags.kinds import Flag, FlagKind

SMALL = 5_000


@pytest.fixture(scope="module")
def planted():
    return benchmark.planted_world(SMALL, seed=21)


def test_every_kind_is_planted_with_different_strengths(planted):
    _, cases = planted
    counts = Counter(one.kind for one in cases)

    assert counts.keys() == set(FlagKind)
    assert min(counts.values()) >= 3
    for kind in FlagKind:
        assert len({one.strength for one in cases if one.kind == kind}) > 1, kind


def test_what_is_flagged_most_is_what_was_planted(planted):
    world, cases = planted
    found = flags.find(benchmark.histories_of(world), limits.in_force(civil_day(AT)), at=AT)
    scores = benchmark.score(cases, found, world.touched)

    strongest = [score.found(slice(0, 1)) for score in scores.values()]
    # In a small world some office has too little work for a rate; of all others the strongest case is found.
    assert sum(found for found, _ in strongest) >= len(strongest) - 1
    assert sum(score.false for score in scores.values()) <= 6


def test_a_missed_case_and_a_false_alarm_are_counted():
    cases = [
        Planted(kind="JUMP", subjects=frozenset({f"queue_entry:{key}"}), strength=key) for key in range(4)
    ]
    found = [
        Flag(kind=FlagKind.JUMP, subject=f"queue_entry:{key}", cause="", strength=Fraction(1))
        for key in (3, 1, 8, 9)
    ]

    score = benchmark.score(cases, found, touched={"queue_entry:9"})["JUMP"]

    assert score.cases == [(3, True), (2, False), (1, True), (0, False)]
    assert (score.false, score.elsewhere) == (1, 1)
    recall, precision = benchmark._figures(FlagKind.JUMP, [score], "here")
    assert (recall.work, recall.value) == ("flags.jump.recall", 0.5)
    assert precision.value == pytest.approx(2 / 3)


def test_every_figure_has_its_goal():
    figures = {figure.work: figure for figure in benchmark.measure_flags(entries=2_000, seed=21)}

    assert figures.keys() == {work for work in read_goals() if work.startswith("flags.")}
    assert row_for(figures["flags.seconds"], read_goals()).met
    assert "seeds 21; 2,000 histories" in figures["flags.seconds"].note


def test_worlds_of_other_seeds_differ_and_of_the_same_do_not():
    one, again, other = (synthetic_histories.build(600, seed=seed) for seed in (1, 1, 2))

    assert [one.histories[5].typed_at, one.clerks] == [again.histories[5].typed_at, again.clerks]
    assert one.histories[5].typed_at != other.histories[5].typed_at


def test_whoever_plants_knows_neither_limits_nor_detector():
    for module in (planted_flags, planted_recipients, synthetic_histories):
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        imported = {
            node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        assert not [name for name in imported if "flags" in name and "planted" not in name], module
        assert ".toml" not in Path(module.__file__).read_text(encoding="utf-8")


def test_seeds_of_the_benchmark_are_not_those_of_the_limits():
    assert not benchmark.SETTING_SEEDS & set(benchmark.SEEDS)
