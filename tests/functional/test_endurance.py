"""The run of endurance, a quarter of it: an installation asks about a town while everything goes wrong."""

import ast
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from housing_queue.benchmarks.endurance import oracle, world
from housing_queue.benchmarks.endurance.oracle import Truth, truth
from integrations.fakes import world as world_files
from tools.environment import ROOT

ON = date(2026, 9, 1)
PEOPLE = 5_000


def town(people=300):
    return list(world.households(people, on=ON))


def truths(made):
    lines = {line["iin"]: line for one in made for line in one.people}
    return [truth(one.people[0], one.waiting_list, lines, ON) for one in made]


def test_everybody_is_answered_and_judged_by_the_world_whatever_goes_wrong():
    command = [sys.executable, "manage.py", "benchmark", "checks", "--endurance", "--json"]
    done = subprocess.run(
        [*command, "--people", str(PEOPLE)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-4000:] + done.stdout
    rows = {row["work"]: row for row in json.loads(done.stdout)}
    assert all(row["met"] for row in rows.values())
    assert rows["endurance.questions"]["value"] >= PEOPLE * 16
    assert (rows["endurance.kills"]["value"], rows["endurance.unanswered"]["value"]) == (5, 0)
    assert all(row["floor"] > 0 for work, row in rows.items() if work.startswith("endurance.found."))


def test_a_town_has_the_people_asked_for_and_is_a_world(tmp_path):
    made = town(100)
    world.write(tmp_path / "world.jsonl", made)

    assert (
        len(world_files.load(tmp_path / "world.jsonl").lines) == sum(len(one.people) for one in made) == 100
    )
    assert [one.people for one in town(100)] == [one.people for one in made]


def test_the_world_says_of_every_planted_case_what_was_planted():
    told = truths(town())[: 2 * len(world.PLANTED)]

    assert told[: len(world.PLANTED)] == [
        Truth("DECEASED", sold=False),
        Truth("NOT_CITIZEN", sold=False),
        Truth("NO_REGISTRATION", sold=False),
        Truth("NOT_RESIDENT", sold=False),
        Truth("OWNS_DWELLING", sold=False),
        Truth("OWNS_DWELLING", sold=False),
        Truth("OWNS_DWELLING", sold=False),
        Truth("", sold=True),
        Truth("", sold=False),
        Truth("CATEGORY_NOT_CONFIRMED", sold=False),
    ]
    assert set(told[len(world.PLANTED) :]) == {Truth("", sold=False)}


@pytest.mark.parametrize(
    ("disposed", "sold"), [("2021-09-01", True), ("2021-08-31", False), ("2026-09-01", True)]
)
def test_the_world_flags_what_was_sold_within_five_years(disposed, sold):
    [one] = town(1)
    [person] = one.people
    right = {"kind": "dwelling", "share": "1", "acquired": "2015-01-01", "disposed": disposed}
    person |= {"death_date": None, "property": [right]}

    assert truth(person, one.waiting_list, {person["iin"]: person}, ON).sold == sold


def test_the_oracle_shares_no_code_with_the_rules():
    tree = ast.parse(Path(oracle.__file__).read_text())
    modules = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert modules == {"collections.abc", "dataclasses", "datetime", "typing"}
