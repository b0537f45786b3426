"""Benchmarks: goals come from the page, a missed one is an error, and JSON is all that is printed."""

import json
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from housing_queue.benchmarks import endurance, synthetic_round
from housing_queue.benchmarks import engine as engine_benchmarks
from housing_queue.benchmarks import register as register_benchmarks
from housing_queue.benchmarks.measuring import Goal, Measured, read_goals, row_for
from housing_queue.management.commands import benchmark
from queue_registry.selectors import invariants

KEYS = ["work", "value", "floor", "ratio", "goal", "met", "note"]


@pytest.fixture
def measure(monkeypatch):
    """Let the command measure what it is told, instead of anything."""

    def measure(*figures: Measured) -> None:
        def given() -> Iterator[Measured]:
            yield from figures

        monkeypatch.setattr(benchmark, "_all_benchmarks", lambda: {"engine.150k": given})

    return measure


def printed(*arguments: str) -> str:
    output = StringIO()
    call_command("benchmark", *arguments, stdout=output)
    return output.getvalue()


def test_json_is_the_array_of_rows_alone(measure):
    measure(
        Measured(work="engine.150k", value=3.0, floor=1.0, note="just met"),
        Measured(work="engine.150k.memory", value=64.0),
    )

    rows = json.loads(printed("engine", "--json"))

    assert [list(row) for row in rows] == [KEYS, KEYS]
    assert rows[0] == {
        "work": "engine.150k",
        "value": 3.0,
        "floor": 1.0,
        "ratio": 3.0,
        "goal": "<= 3 x",
        "met": True,
        "note": "just met",
    }
    assert (rows[1]["floor"], rows[1]["ratio"], rows[1]["met"]) == (None, None, True)


@pytest.mark.parametrize(
    "missed",
    [
        Measured(work="engine.150k", value=3.001, floor=1.0),
        Measured(work="engine.150k.memory", value=64.001),
    ],
)
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_missed_goal_is_named_and_the_exit_code_is_1(measure, missed, more):
    measure(missed)

    with pytest.raises(CommandError, match=f"goals missed: {missed.work}") as caught:
        printed("engine.150k", *more)

    assert caught.value.returncode == 1


def test_an_unknown_name_is_refused(measure):
    measure()

    with pytest.raises(CommandError, match="no benchmark 'engin'") as caught:
        printed("engin")

    assert caught.value.returncode == 2


def test_every_benchmark_of_the_engine_has_its_goals_on_the_page():
    goals = read_goals()

    assert {work: goals[work].text for work in goals if work.startswith("engine.")} == {
        "engine.150k": "<= 3 x",
        "engine.150k.memory": "<= 64 MB",
        "engine.1m": "<= 3 x",
        "engine.1m.memory": "<= 400 MB",
        "engine.first_fit": ">= 1 families",
        "engine.process": "<= 20 x",
        "engine.process.memory": "<= 1200 MB",
    }
    assert engine_benchmarks.BENCHMARKS.keys() == {
        "engine.150k",
        "engine.1m",
        "engine.first_fit",
        "engine.process",
    }


@pytest.mark.parametrize(
    ("text", "figure", "is_met"),
    [("<= 3 x", 3.0, True), ("<= 3 x", 3.001, False), (">= 0.6 x", 0.6, True), (">= 0.6 x", 0.599, False)],
)
def test_a_goal_is_met_on_its_limit_and_missed_beside_it(text, figure, is_met):
    sign, limit, unit = text.split()
    goal = Goal(text=text, is_upper=sign == "<=", limit=float(limit), unit=unit)

    assert row_for(Measured(work="w", value=figure * 2, floor=2.0), {"w": goal}).met is is_met


def test_a_goal_that_cannot_be_read_is_no_goal_to_be_met(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("## Goals\n\n| `engine.150k` | what | floor | as fast as it can |\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"the goal of engine\.150k"):
        read_goals(page)


def test_a_small_distribution_is_measured_beside_its_floor():
    figures = list(engine_benchmarks.measure_distribution(work="engine.150k", entries=300, dwellings=10))

    assert [figure.work for figure in figures] == ["engine.150k", "engine.150k.memory"]
    assert figures[0].ratio is not None
    assert figures[0].ratio > 0
    assert 0 < figures[1].value < 64


def test_the_floor_makes_the_order_key_of_every_entry_from_its_text_and_sorts():
    records = list(synthetic_round.entries(500))
    texts = [(r["registered_at"], r["list"], r["file_no"], r["id"]) for r in records]

    keys = engine_benchmarks._sorted_keys(texts)

    assert keys == sorted(keys)
    assert [key[3] for key in keys] == [
        r["id"]
        for r in sorted(
            records,
            key=lambda r: (datetime.fromisoformat(r["registered_at"]), r["list"], r["file_no"], r["id"]),
        )
    ]


@pytest.mark.django_db(transaction=True)
def test_a_small_register_and_its_trail_are_measured_beside_their_floors():
    try:
        figures = {figure.work: figure for figure in register_benchmarks.measure(entries=2_400)}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS benchmark_plain_entry, benchmark_plain_event")
            cursor.execute("DROP SEQUENCE IF EXISTS benchmark_plain_seq")

    assert figures.keys() == {
        work for work in read_goals() if work.startswith(("base.", "register.", "trail."))
    }
    assert figures.pop("register.place.wrong").value == 0
    assert figures.pop("base.1m").value > 0
    assert all(figure.ratio > 0 for figure in figures.values())
    assert invariants_but_history() == []


def invariants_but_history():
    """What the changes of the benchmark, which no act made, must not have broken: counters and places."""
    return [item for item in invariants.impossible() if "counters" in item.rule or "place is" in item.rule]


def test_the_size_is_told_to_a_benchmark_that_has_none_of_its_own():
    chosen, nothing = {"entries": 100, "people": None}, {"entries": None, "people": None}
    assert benchmark._size(register_benchmarks.measure_register, chosen) == {"entries": 100}
    assert benchmark._size(register_benchmarks.measure_register, nothing) == {}
    assert benchmark._size(engine_benchmarks.BENCHMARKS["engine.150k"], chosen) == {}
    assert benchmark._size(endurance.measure, {"entries": 100, "people": 7}) == {"people": 7}
