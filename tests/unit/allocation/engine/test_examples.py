"""The worked examples of the contract come out to the last byte, but for the version of the engine."""

import json
from pathlib import Path

import pytest

from allocation import engine
from tests.unit.allocation.engine import reference

ROUNDS = Path(__file__).resolve().parents[3] / "data" / "rounds"
NAMES = sorted(path.name.removesuffix(".input.json") for path in ROUNDS.glob("*.input.json"))


def test_there_are_ten_examples() -> None:
    assert len(NAMES) == 10


@pytest.mark.parametrize("name", NAMES)
def test_an_example_comes_out_in_canonical_form(name: str) -> None:
    expected = json.loads((ROUNDS / f"{name}.result.json").read_bytes())

    result = engine.run((ROUNDS / f"{name}.input.json").read_bytes())

    assert result == reference.canonical(expected | {"engine": engine.ENGINE_VERSION})


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_of_our_tests_agrees_with_the_examples(name: str) -> None:
    expected = json.loads((ROUNDS / f"{name}.result.json").read_bytes())
    del expected["engine"]

    document = json.loads((ROUNDS / f"{name}.input.json").read_bytes())

    assert reference.distribute(document) == expected
