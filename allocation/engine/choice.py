"""Steps 5 and 7: which dwelling each served household takes, and who is called if it refuses."""

from collections.abc import Iterable, Iterator

from .serving import Served, Serving
from .suitability import Needs, Stock, lowest, members_of

RESERVES = 3


class Shelf:
    """The dwellings of a stock that nobody has taken yet, in the order in which a household would choose."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._ids = [list(reversed(ids)) for ids in stock.ids]
        self.left = stock.all

    def in_order_of_choice(self, kinds: int, needs: Needs) -> Iterator[int]:
        """
        The kinds of the set, best first.

        An accessible dwelling comes last for who does not need it, then the area nearest to the norm's
        counts, then fewest rooms, then the smallest id.
        """
        parts = (
            (kinds,)
            if needs.accessible
            else (kinds & ~self._stock.accessible, kinds & self._stock.accessible)
        )
        for part in parts:
            remaining = part
            while remaining:
                nearest = self._nearest(remaining, needs.least_area)
                yield from sorted(members_of(nearest), key=self._rooms_and_first_id)
                remaining &= ~nearest

    def take(self, kind: int) -> str:
        """Take the dwelling with the smallest id of the kind."""
        taken = self._ids[kind].pop()
        if not self._ids[kind]:
            self.left &= ~(1 << kind)
        return taken

    def ids_left(self) -> tuple[str, ...]:
        return tuple(sorted(name for ids in self._ids for name in ids))

    def _rooms_and_first_id(self, kind: int) -> tuple[int, str]:
        return self._stock.kinds[kind].rooms, self._ids[kind][-1]

    def _nearest(self, kinds: int, area: int) -> int:
        """The kinds whose area is nearest. Kinds are numbered by area: they lie next to its place."""
        above = kinds & self._stock.area_from(area)
        below = kinds & ~above
        areas = []
        if above:
            areas.append(self._stock.areas[lowest(above)])
        if below:
            areas.append(self._stock.areas[below.bit_length() - 1])
        distance = min(abs(found - area) for found in areas)
        nearest = 0
        for found in areas:
            if abs(found - area) == distance:
                nearest |= self._stock.of_area(found)
        return kinds & nearest


def choose_dwellings(
    serving: Serving, winners: Iterable[Served]
) -> tuple[dict[int, tuple[int, str]], tuple[str, ...]]:
    """
    Let the winners choose in their order; nobody takes what would leave a later one without a fitting
    dwelling.

    :return: kind and id of the dwelling by the rank of its winner, and the ids that nobody took.
    """
    shelf = Shelf(serving.stock)
    chosen = {}
    for winner in winners:
        kind = _choose(serving, shelf, winner)
        chosen[winner.rank] = kind, shelf.take(kind)
    return chosen, shelf.ids_left()


def _choose(serving: Serving, shelf: Shelf, winner: Served) -> int:
    matching, group = serving.matching, winner.group
    for kind in shelf.in_order_of_choice(matching.fitting(group) & shelf.left, serving.needs(winner.rank)):
        if matching.fitting(group) >> kind & 1 and matching.settle(group, kind):
            return kind
    raise AssertionError("a served household always has a fitting dwelling left")


def reserves(serving: Serving, kinds_by_list: dict[str, set[int]]) -> dict[tuple[str, int], tuple[str, ...]]:
    """The ids of the first candidates of each list whom a dwelling of the kind fits, by list and kind."""
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for list_code, kinds in kinds_by_list.items():
        for kind, names in _reserves_of_list(serving, list_code, kinds).items():
            found[list_code, kind] = tuple(names)
    return found


def _reserves_of_list(serving: Serving, list_code: str, kinds: Iterable[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {kind: [] for kind in kinds}
    wanted = sum(1 << kind for kind in names)
    for rank in serving.queue.ranks(list_code):
        if not wanted:
            break
        if not serving.is_candidate(rank):
            continue
        for kind in members_of(serving.fitting(rank).by_either & wanted):
            names[kind].append(serving.queue.entries[rank].id)
            if len(names[kind]) == RESERVES:
                wanted &= ~(1 << kind)
    return names
