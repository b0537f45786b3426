"""The examples of docs/allocation-algorithm.md: its script is run, and its tables are what comes out."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from allocation import engine
from tests.unit.allocation.engine.rounds import as_bytes, dwelling, entry, policy

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "allocation-algorithm.md").read_text(encoding="utf-8")


def result_of(document: dict[str, Any]) -> dict[str, Any]:
    return json.loads(engine.run(as_bytes(document)))


def homes_in(row: str) -> list[int]:
    """The whole numbers of a table's row of the second example, without the bold sum at its end."""
    cells = next(line for line in PAGE.splitlines() if line.startswith(f"| {row} |")).split("|")[2:-2]
    return [int(cell) for cell in cells]


@pytest.fixture
def uralsk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The input that the page's script writes."""
    monkeypatch.chdir(tmp_path)
    (script,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(script, "docs/allocation-algorithm.md", "exec"), {})  # noqa: S102 - our own page
    return json.loads((tmp_path / "uralsk.json").read_text())


def test_the_first_round_of_uralsk_is_divided_as_the_table_says(uralsk: dict[str, Any]) -> None:
    first_right, floor, quota, proportional = result_of(uralsk)["tiers"]

    assert first_right["served"] == 0
    assert (floor["target"], floor["served"]) == (20, 20)
    assert (quota["target"], quota["served"]) == (25, 25)
    assert [(row["share"], row["served"]) for row in proportional["lists"]] == [
        ("466675/18523", 25),
        ("541805/18523", 29),
        ("10285/18523", 1),
    ]
    assert all(row["share"] in PAGE for row in proportional["lists"])


def test_the_second_round_of_uralsk_gives_back_what_the_first_rounded(uralsk: dict[str, Any]) -> None:
    uralsk["year_to_date"] = result_of(uralsk)["year_to_date"]

    lists = result_of(uralsk)["tiers"][3]["lists"]

    assert [row["seats"] for row in lists] == [25, 30, 0]
    assert "**25, 30 and 0**" in PAGE


def test_a_small_list_is_served_in_the_batches_that_the_table_says() -> None:
    sizes = {"4": 18_884, "5": 12_151, "6": 588}
    proportional = {"kind": "proportional", "lists": list(sizes), "count": "active", "period": "year"}
    document = {
        "format": "round/1",
        "round": {"id": "R-1", "akimat": "271010000", "frozen_at": "2026-09-01T09:00:00+05:00"},
        "policy": policy(proportional),
        "year_to_date": {"distributed": 0, "lists": {}},
        "dwellings": [dwelling(f"D{number}") for number in range(10)],
        "entries": [
            entry(f"{code}-{index}", list=code) for code, size in sizes.items() for index in range(size)
        ],
    }
    round_input = engine.read_input(as_bytes(document)).values
    served: dict[str, list[int]] = {code: [] for code in sizes}

    for _ in range(10):
        result = engine.distribute(round_input)
        for share in result.tiers[0].lists:
            served[share.list_code].append(share.served)
        round_input = replace(round_input, year_to_date=result.year_to_date)

    assert served == {
        "4": homes_in("18,884 people"),
        "5": homes_in("12,151 people"),
        "6": homes_in("588 people"),
    }
    assert {code: sum(homes) for code, homes in served.items()} == {"4": 60, "5": 38, "6": 2}
