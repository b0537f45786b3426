"""
Steps 3 and 5: distinct dwellings for all served households at the same time.

Households with the same set of fitting kinds are one *group*; dwellings are counted by kind (see
`suitability`). Nobody has a certain dwelling yet: a group *holds* so many of a kind, and what a group holds
may be passed along a chain (an alternating path) as long as every household keeps one that fits it.

A search that finds no chain proves that the kinds it reached are all held by the groups it reached, and
that those groups fit nothing else. Such a set of kinds is closed for good: served households are never
unserved, so no later search through it can end otherwise.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .suitability import lowest


class Reached(NamedTuple):
    """
    How far a search came.

    `chain` says of each group reached from which group it was reached, and the kind it would pass to it;
    `end` is the last group of the chain found and the kind it may take, or None.
    """

    kinds: int
    chain: dict[int, tuple[int, int] | None]
    end: tuple[int, int] | None


class Matching:
    """Who holds what. A household is known by its group only, a number that `group_for` gives."""

    def __init__(self, sizes: Sequence[int]) -> None:
        """`sizes`: how many dwellings there are of each kind."""
        self._spare = list(sizes)
        self._spare_kinds = (1 << len(sizes)) - 1
        self._group_of: dict[int, int] = {}
        self._fitting: list[int] = []
        self._held: list[dict[int, int]] = []
        self._held_kinds: list[int] = []
        self._holders: list[int] = []
        self._open_holders: list[int] = []
        self._closed = 0

    def group_for(self, fitting: int) -> int:
        """The group of the households that fit exactly these kinds."""
        if fitting not in self._group_of:
            self._group_of[fitting] = len(self._fitting)
            self._fitting.append(fitting)
            self._held.append({})
            self._held_kinds.append(0)
        return self._group_of[fitting]

    def fitting(self, group: int) -> int:
        """The kinds that a household of the group may still have; `settle` makes it smaller."""
        return self._fitting[group]

    def serve(self, group: int) -> bool:
        """Serve one more household of the group, if it and all served before can be housed at once."""
        if not self._fitting[group] & ~self._closed:
            return False
        reached = self._search([group], self._open_holders, goal=self._spare_kinds, closed=self._closed)
        if reached.end is None:
            self._close(reached)
            return False
        if not self._held[group]:
            self._holders.append(group)
            self._open_holders.append(group)
        last, kind = reached.end
        self._take_spare(kind)
        self._pass_along(reached.chain, last, kind)
        return True

    def obstacle(self, group: int) -> tuple[int, list[int]]:
        """The kinds, and the groups served, that alternating paths reach from a group that got no more."""
        reached = self._search([group], self._holders, goal=0, closed=0)
        return reached.kinds, [other for other in reached.chain if self._held[other]]

    def settle(self, group: int, kind: int) -> bool:
        """
        Give one served household of the group a dwelling of the kind for good, if all others can still be
        housed.

        A refusal holds for every later household of the groups outside the closed set that was found.
        """
        if kind in self._held[group]:
            self._drop(group, kind)
            return True
        if self._spare[kind]:
            self._take_spare(kind)
            self._release(group, next(iter(self._held[group])))
            return True
        return self._settle_by_chain(group, kind)

    def _settle_by_chain(self, group: int, kind: int) -> bool:
        sources = [other for other in self._holders if self._held_kinds[other] >> kind & 1]
        goal = self._spare_kinds | self._held_kinds[group]
        reached = self._search(sources, self._holders, goal=goal, closed=1 << kind)
        if reached.end is None:
            self._bar_outsiders(reached)
            return False
        last, end = reached.end
        if self._held_kinds[group] >> end & 1:
            self._drop(group, end)
        else:
            self._take_spare(end)
            self._release(group, next(iter(self._held[group])))
        source = self._pass_along(reached.chain, last, end)
        self._drop(source, kind)
        return True

    def _search(self, sources: Iterable[int], holders: Iterable[int], *, goal: int, closed: int) -> Reached:
        """Walk from the sources to kinds they fit, to the holders of those, and on, until the goal."""
        kinds = closed
        chain: dict[int, tuple[int, int] | None] = dict.fromkeys(sources)
        queue = list(chain)
        unseen = [group for group in holders if group not in chain]
        for group in queue:
            fresh = self._fitting[group] & ~kinds
            ends = fresh & goal
            if ends:
                return Reached(kinds, chain, (group, lowest(ends)))
            if not fresh:
                continue
            kinds |= fresh
            found = [other for other in unseen if self._held_kinds[other] & fresh]
            for other in found:
                chain[other] = (group, lowest(self._held_kinds[other] & fresh))
                ends = self._fitting[other] & ~kinds & goal
                if ends:
                    return Reached(kinds, chain, (other, lowest(ends)))
            queue.extend(found)
            unseen = [other for other in unseen if other not in chain]
        return Reached(kinds, chain, None)

    def _pass_along(self, chain: dict[int, tuple[int, int] | None], group: int, kind: int) -> int:
        """Give the kind to the group, what it gives up to the one before it, and so on; return the source."""
        while True:
            self._add(group, kind)
            link = chain[group]
            if link is None:
                return group
            previous, given_up = link
            self._drop(group, given_up)
            group, kind = previous, given_up

    def _close(self, reached: Reached) -> None:
        self._closed = reached.kinds
        self._open_holders = [group for group in self._open_holders if group not in reached.chain]

    def _bar_outsiders(self, reached: Reached) -> None:
        """What the reached groups hold is all they fit, so it stays theirs: nobody else can ever have it."""
        for group in range(len(self._fitting)):
            if group not in reached.chain:
                self._fitting[group] &= ~reached.kinds

    def _take_spare(self, kind: int) -> None:
        self._spare[kind] -= 1
        if not self._spare[kind]:
            self._spare_kinds &= ~(1 << kind)

    def _release(self, group: int, kind: int) -> None:
        self._drop(group, kind)
        self._spare[kind] += 1
        self._spare_kinds |= 1 << kind

    def _add(self, group: int, kind: int) -> None:
        held = self._held[group]
        held[kind] = held.get(kind, 0) + 1
        self._held_kinds[group] |= 1 << kind

    def _drop(self, group: int, kind: int) -> None:
        held = self._held[group]
        if held[kind] > 1:
            held[kind] -= 1
        else:
            del held[kind]
            self._held_kinds[group] &= ~(1 << kind)
