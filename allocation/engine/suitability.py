"""
Step 2: which dwellings fit a household.

Dwellings that no rule can tell apart are one *kind*. Kinds are numbered by area, and a set of kinds is an
integer whose bit k says that kind k is in it. A rule is then a set ("at least this area"), and a household
fits the dwellings that are in all of its sets. To judge one pair, make a stock of that one dwelling.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from .values import Dwelling, Entry, FitNorms, SmallerDwelling

LEAST_ROOMS = 1


class Needs(NamedTuple):
    """What a dwelling must answer; households with equal needs are judged alike. Areas are in millionths."""

    least_area: int
    rooms: int
    most_area_with_more_rooms: int | None
    mobility: bool
    low_floor: bool
    accessible: bool
    accepts_smaller: SmallerDwelling | None


ANYTHING = Needs(
    least_area=0,
    rooms=LEAST_ROOMS,
    most_area_with_more_rooms=None,
    mobility=False,
    low_floor=False,
    accessible=False,
    accepts_smaller=None,
)


class Kind(NamedTuple):
    """What the rules see of a dwelling. `low`: not above the highest floor for low mobility."""

    area: int
    rooms: int
    accessible: bool
    low: bool
    lift: bool


class Fitting(NamedTuple):
    """The kinds that fit a household by the norm, and by the norm or its consent."""

    by_norm: int
    by_either: int


def rooms_needed(entry: Entry, separate_sexes_from_age: int | None) -> int:
    """A room a couple, one for all other males and one for all other females of age, and the extra room."""
    rooms = LEAST_ROOMS
    if separate_sexes_from_age is not None:
        couples = {member.couple for member in entry.members if member.couple is not None}
        others = {
            member.sex
            for member in entry.members
            if member.couple is None and member.age >= separate_sexes_from_age
        }
        rooms = max(LEAST_ROOMS, len(couples) + len(others))
    return rooms + entry.extra_room


def needs_of(entry: Entry, norms: FitNorms | None) -> Needs:
    """The needs of a household under the norms; without norms (places of a loan programme) anything fits."""
    if norms is None:
        return ANYTHING
    people = len(entry.members) + entry.extra_person
    return Needs(
        norms.min_area * people,
        rooms_needed(entry, norms.separate_sexes_from_age),
        norms.max_area * (people + entry.extra_room) + norms.surplus,
        entry.mobility,
        entry.low_floor,
        entry.needs_accessible,
        entry.accepts_smaller,
    )


def lowest(kinds: int) -> int:
    """The first kind of a set that is not empty."""
    return (kinds & -kinds).bit_length() - 1


def members_of(kinds: int) -> Iterator[int]:
    """The kinds of a set, in rising order."""
    while kinds:
        yield lowest(kinds)
        kinds &= kinds - 1


class Stock:
    """The dwellings of a round by kind."""

    def __init__(self, dwellings: Iterable[Dwelling], norms: FitNorms | None) -> None:
        """Without norms every dwelling is of one kind."""
        of_kind: dict[Kind, list[str]] = {}
        for dwelling in dwellings:
            of_kind.setdefault(_kind_of(dwelling, norms), []).append(dwelling.id)
        self.kinds = sorted(of_kind)
        self.ids = [sorted(of_kind[kind]) for kind in self.kinds]
        self.areas = [kind.area for kind in self.kinds]
        self.all = (1 << len(self.kinds)) - 1
        self.accessible = self._where(lambda kind: kind.accessible)
        self._low = self._where(lambda kind: kind.low)
        self._low_or_lift = self._low | self._where(lambda kind: kind.lift)
        self._room_counts = sorted({kind.rooms for kind in self.kinds})
        self._with_rooms = [self._with_at_least(rooms) for rooms in self._room_counts] + [0]

    def fitting(self, needs: Needs) -> Fitting:
        """The kinds that fit. Consent lowers only the two lower bounds; all else stays as it is."""
        otherwise = self._not_too_large(needs) & self._reachable(needs)
        by_norm = otherwise & self.area_from(needs.least_area) & self._rooms_from(needs.rooms)
        consent = needs.accepts_smaller
        if consent is None:
            return Fitting(by_norm, by_norm)
        least_area = min(needs.least_area, consent.area)
        least_rooms = min(needs.rooms, consent.rooms)
        return Fitting(by_norm, otherwise & self.area_from(least_area) & self._rooms_from(least_rooms))

    def area_from(self, area: int) -> int:
        """Kinds of this area and above; both limits of area are inclusive."""
        return self.all & ~_first(bisect_left(self.areas, area))

    def of_area(self, area: int) -> int:
        """Kinds of exactly this area."""
        return _first(bisect_right(self.areas, area)) & self.area_from(area)

    def _rooms_from(self, rooms: int) -> int:
        return self._with_rooms[bisect_left(self._room_counts, rooms)]

    def _not_too_large(self, needs: Needs) -> int:
        """A dwelling with no more rooms than needed is never too large."""
        if needs.most_area_with_more_rooms is None:
            return self.all
        small_enough = _first(bisect_right(self.areas, needs.most_area_with_more_rooms))
        return small_enough | (self.all & ~self._rooms_from(needs.rooms + 1))

    def _reachable(self, needs: Needs) -> int:
        kinds = self.all
        if needs.mobility:
            kinds &= self._low
        if needs.low_floor:
            kinds &= self._low_or_lift
        if needs.accessible:
            kinds &= self.accessible
        return kinds

    def _with_at_least(self, rooms: int) -> int:
        return self._where(lambda kind: kind.rooms >= rooms)

    def _where(self, rule: Callable[[Kind], bool]) -> int:
        digits = "".join("1" if rule(kind) else "0" for kind in reversed(self.kinds))
        return int(digits or "0", 2)


def _first(count: int) -> int:
    """The set of the first so many kinds."""
    return (1 << count) - 1


def _kind_of(dwelling: Dwelling, norms: FitNorms | None) -> Kind:
    if norms is None:
        return Kind(0, LEAST_ROOMS, accessible=False, low=False, lift=False)
    return Kind(
        dwelling.area,
        dwelling.rooms,
        dwelling.accessible,
        dwelling.floor <= norms.max_floor_mobility,
        dwelling.lift,
    )
