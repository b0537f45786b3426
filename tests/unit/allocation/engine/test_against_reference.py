"""The engine and the slow reference give the same document, whatever the round."""

import json
import random
from typing import Any

import pytest

from allocation import engine
from tests.unit.allocation.engine import reference
from tests.unit.allocation.engine.rounds import RandomRounds, as_bytes

ROUNDS_A_SEED = 100


def result_of(document: dict[str, Any]) -> dict[str, Any]:
    return json.loads(engine.run(as_bytes(document)))


@pytest.mark.parametrize("seed", range(40))
def test_random_rounds_come_out_as_in_the_reference(seed: int) -> None:
    rounds = RandomRounds(random.Random(seed))

    for _ in range(ROUNDS_A_SEED):
        document = rounds.document()
        result = result_of(document)
        assert result.pop("engine") == engine.ENGINE_VERSION
        assert result == reference.distribute(document), json.dumps(document)
