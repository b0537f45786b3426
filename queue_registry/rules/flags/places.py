"""
Places as they were: one walk over all steps in the order in which they were recorded, n log n.

Each list keeps a tree of counts over all moments that its entries ever had; a place is a prefix sum.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Final

from queue_registry.rules.flags.values import Histories, Line, Round, Step, What

Key = tuple[datetime, str]  # order inside a list: moment, then file number
_AFTER_STEPS: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """An entry whose moment or list changed: its place before and after, and how many the list has."""

    step: Step
    before: int
    after: int
    length: int

    @property
    def places(self) -> int:
        return self.before - self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """How many with an earlier moment stood on the list of a line when its round was frozen."""

    round: Round
    line: Line
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Somebody removed from the list `places` places ahead of an entry that got a home later."""

    step: Step
    line: Line
    round: Round
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What the walk found."""

    gains: tuple[Gain, ...]
    ahead: tuple[Ahead, ...]
    removed: tuple[Removed, ...]


class _Tree:
    """Counts of standing entries by the rank of their key (a Fenwick tree)."""

    def __init__(self, keys: set[Key]) -> None:
        self.keys = sorted(keys)
        self.counts = [0] * (len(self.keys) + 1)
        self.length = 0

    def add(self, key: Key, change: int) -> None:
        index = bisect_left(self.keys, key) + 1
        self.length += change
        while index < len(self.counts):
            self.counts[index] += change
            index += index & -index

    def before(self, key: Key | tuple[datetime]) -> int:
        """How many stand before the key."""
        index, count = bisect_left(self.keys, key), 0
        while index:
            count += self.counts[index]
            index -= index & -index
        return count


class _Walker:
    """The state of the walk: trees of lists, where each entry stands, what was found."""

    def __init__(self, histories: Histories, *, near: int) -> None:
        self.numbers = {entry.subject: entry.file_number for entry in histories.entries}
        self.standing: dict[str, tuple[str, Key]] = {}
        self.trees = self._trees(histories.steps)
        self.served = _served(histories.rounds, self.numbers)
        self.near = near
        self.gains: list[Gain] = []
        self.ahead: list[Ahead] = []
        self.removed: list[Removed] = []

    def _trees(self, steps: Sequence[Step]) -> dict[str, _Tree]:
        keys: dict[str, set[Key]] = defaultdict(set)
        for step in steps:
            keys[step.waiting_list].add(self._key(step))
        return {name: _Tree(found) for name, found in keys.items()}

    def _key(self, step: Step) -> Key:
        return step.moment, self.numbers[step.entry]

    def take(self, step: Step) -> None:
        was = self.standing.pop(step.entry, None)
        before = 0
        if was is not None:
            tree = self.trees[was[0]]
            before = tree.before(was[1]) + 1
            tree.add(was[1], -1)
            if step.what is What.LEFT:
                self._look_behind(step, *was)
        if not step.stands:
            return
        tree, key = self.trees[step.waiting_list], self._key(step)
        if was is not None and step.what in {What.REDATED, What.RELISTED}:
            gain = Gain(step=step, before=before, after=tree.before(key) + 1, length=tree.length + 1)
            self.gains.append(gain)
        tree.add(key, 1)
        self.standing[step.entry] = (step.waiting_list, key)

    def _look_behind(self, step: Step, name: str, key: Key) -> None:
        """Those who get a home later and stand close behind who is removed."""
        served, tree = self.served.get(name, []), self.trees[name]
        here = tree.before(key)
        for index in range(bisect_left(served, (key, -1)), len(served)):
            behind, _, round_, line = served[index]
            places = tree.before(behind) - here + 1
            if places > self.near:
                return
            if round_.decided_at is not None and round_.decided_at >= step.at:
                self.removed.append(Removed(step=step, line=line, round=round_, places=places))

    def freeze(self, round_: Round) -> None:
        for line in round_.lines:
            tree = self.trees.get(line.waiting_list)
            if line.turn is not None and tree is not None:
                self.ahead.append(Ahead(round=round_, line=line, count=tree.before((line.moment,))))


def _served(
    rounds: Sequence[Round], numbers: Mapping[str, str]
) -> dict[str, list[tuple[Key, int, Round, Line]]]:
    """Lines with a home by list, in the order of the list."""
    served: dict[str, list[tuple[Key, int, Round, Line]]] = defaultdict(list)
    order = count()
    for round_ in rounds:
        for line in round_.lines:
            if line.turn is not None and line.entry in numbers:
                key = (line.moment, numbers[line.entry])
                served[line.waiting_list].append((key, next(order), round_, line))
    for lines in served.values():
        lines.sort(key=lambda one: one[:2])
    return served


def walk(histories: Histories, *, near: int) -> Walk:
    """
    Follow every list through time.

    :param near: how many places ahead of a recipient a removal is noted.
    """
    walker = _Walker(histories, near=near)
    for _, _, happening in _in_time(histories):
        if isinstance(happening, Round):
            walker.freeze(happening)
        else:
            walker.take(happening)
    return Walk(gains=tuple(walker.gains), ahead=tuple(walker.ahead), removed=tuple(walker.removed))


def _in_time(histories: Histories) -> Iterator[tuple[datetime, int, Step | Round]]:
    """Steps and freezes by moment; what was recorded at the moment of a freeze was known to it."""
    happenings: list[tuple[datetime, int, Step | Round]] = [(step.at, 0, step) for step in histories.steps]
    happenings += [
        (round_.frozen_at, _AFTER_STEPS, round_)
        for round_ in histories.rounds
        if round_.frozen_at is not None
    ]
    happenings.sort(key=lambda one: one[:2])
    yield from happenings
