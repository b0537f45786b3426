"""How often the expected waiting holds: people of invented lists who got their homes within the range."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from housing_queue.benchmarks import synthetic_waiting
from housing_queue.benchmarks.measuring import Measured
from housing_queue.benchmarks.synthetic_homes import Kind
from housing_queue.benchmarks.synthetic_waiting import History
from queue_registry.rules import waiting_outlook
from queue_registry.rules.waiting import Outlook
from queue_registry.rules.waiting_past import Past

HISTORIES: Final = 200
# The limits of the rule were chosen with seeds below it.
FIRST_SEED: Final = 1_000


def measure_waiting(entries: int = HISTORIES, seed: int = FIRST_SEED) -> Iterator[Measured]:
    """Of each kind: the share of people within their range, and as the lists' own past had it."""
    for kind in Kind:
        yield from _one_kind(kind, entries, seed)


BENCHMARKS: Final[Mapping[str, Callable[..., Iterator[Measured]]]] = MappingProxyType(
    {"waiting": measure_waiting}
)


def _one_kind(kind: Kind, histories: int, first: int) -> Iterator[Measured]:
    within: list[bool] = []
    asked, hits, people = 0, 0, 0
    for seed in range(first, first + histories):
        history = synthetic_waiting.build(kind, seed=seed)
        asked += len(history.asked)
        outlook = waiting_outlook.outlook(Past(synthetic_waiting.parts_of(history)))
        if outlook is not None:
            hits += outlook.tested.hits
            people += outlook.tested.people
            within += _held(outlook, history)
    covered = sum(within) / len(within)
    note = (
        f"{len(within):,} of {asked:,} people of {histories} histories from seed {first} on; "
        f"to the others no range is told; by the lists' own past {hits / people:.3f}"
    )
    yield Measured(work=f"waiting.{kind}.least", value=covered, note=note)
    yield Measured(work=f"waiting.{kind}.most", value=covered, note="the same share")


def _held(outlook: Outlook, history: History) -> Iterator[bool]:
    for person in history.asked:
        foreseen = outlook.range_for(person.ahead)
        if foreseen is not None:
            yield foreseen.low <= person.waited <= foreseen.high
