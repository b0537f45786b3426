"""What the engine spares families: how many of those it serves a simpler rule would have passed over."""

from collections.abc import Iterable

from allocation.engine import RoundInput
from allocation.engine.suitability import Stock, members_of, needs_of
from allocation.engine.values import Allotment, Level


def passed_over_by_first_fit(round_input: RoundInput, allotments: Iterable[Allotment]) -> int:
    """
    Return how many of the served, taken in their order and each given the first free home that fits, would
    get none: a home that only they could use had gone to somebody before who could have had another.
    """
    norms = round_input.policy.fit
    stock = Stock(round_input.dwellings, norms)
    free = [len(names) for names in stock.ids]
    entries = {entry.id: entry for entry in round_input.entries}
    passed_over = 0
    for allotment in sorted(allotments, key=lambda one: one.turn):
        fitting = stock.fitting(needs_of(entries[allotment.entry], norms))
        kinds = fitting.by_norm if allotment.level is Level.NORM else fitting.by_either
        kind = next((one for one in members_of(kinds) if free[one]), None)
        if kind is None:
            passed_over += 1
        else:
            free[kind] -= 1
    return passed_over
