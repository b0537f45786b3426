"""Steps 3 and 6: looking at entries one by one, serving whom it can, and why not."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from .ladder import EntryFilter
from .matching import Matching
from .order import Queue
from .suitability import Fitting, Needs, Stock, needs_of
from .values import Code, Entry, Level, RoundInput

# The rank before the first: the furthest that a tier looked which looked at nobody.
NOBODY = -1


class Served(NamedTuple):
    """An entry that has a dwelling for sure, though not yet which."""

    rank: int
    tier: int
    level: Level
    group: int


class Refusal(NamedTuple):
    """Why an entry that a tier looked at was not served; `witness` counts from 0 as they were made."""

    rank: int
    tier: int
    code: str
    witness: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """A witness before it is named: served entries of these groups hold all dwellings of these kinds."""

    kinds: int
    groups: frozenset[int]


class Serving:
    """The state of a round while its tiers are walked. Ranks are those of `queue`."""

    def __init__(self, round_input: RoundInput) -> None:
        self.queue = Queue(round_input.entries)
        self.stock = Stock(round_input.dwellings, round_input.policy.fit)
        self.matching = Matching([len(ids) for ids in self.stock.ids])
        self.dwellings = len(round_input.dwellings)
        self.served: dict[int, Served] = {}
        self.refusals: dict[int, Refusal] = {}
        self.obstacles: list[Obstacle] = []
        self.lists_failed: set[str] = set()
        self._filter = EntryFilter(round_input.policy)
        self._norms = round_input.policy.fit
        self._households: set[str] = set()
        self._tried: set[int] = set()
        self._fitting: dict[Needs, Fitting] = {}
        self._obstacle_for: dict[int, int] = {}

    @property
    def is_over(self) -> bool:
        """Every dwelling has been promised."""
        return len(self.served) == self.dwellings

    def passes(self, rank: int) -> bool:
        """Does the entry pass the filter of step 1."""
        return self._filter.code_for(self.queue.entries[rank]) is None

    def is_candidate(self, rank: int) -> bool:
        """Did the entry pass the filter, with its household not served (tried before or not)."""
        return self.queue.entries[rank].file_no not in self._households and self.passes(rank)

    def is_untried(self, rank: int) -> bool:
        """Would the entry be tried if a tier with a seat for its list looked at it."""
        return rank not in self._tried and self.is_candidate(rank)

    def fitting(self, rank: int) -> Fitting:
        """The kinds of dwelling that fit the entry."""
        needs = self.needs(rank)
        known = self._fitting.get(needs)
        if known is None:
            known = self._fitting[needs] = self.stock.fitting(needs)
        return known

    def needs(self, rank: int) -> Needs:
        return needs_of(self.queue.entries[rank], self._norms)

    def try_to_serve(self, rank: int, tier: int) -> bool:
        """Serve an untried entry by the norm, else by its consent, else say why not."""
        self._tried.add(rank)
        entry, fitting = self.queue.entries[rank], self.fitting(rank)
        for level, kinds in ((Level.NORM, fitting.by_norm), (Level.CONSENT, fitting.by_either)):
            group = self.matching.group_for(kinds)
            if self.matching.serve(group):
                self.served[rank] = Served(rank, tier, level, group)
                self._households.add(entry.file_no)
                return True
        self.lists_failed.add(entry.list_code)
        self._refuse_tried(rank, tier, fitting.by_either)
        return False

    def close_tier(self, tier: int, lists: Iterable[str], furthest: int) -> None:
        """
        Give every entry that the tier looked at but never tried its code; an earlier tier's code stays.

        :param furthest: the last rank that the tier looked at: it looked at all entries of its lists up to
            that one.
        """
        for rank in takewhile(lambda rank: rank <= furthest, self.queue.merged(lists)):
            if rank not in self.served and rank not in self.refusals:
                self.refusals[rank] = Refusal(rank, tier, self._code_if_skipped(self.queue.entries[rank]))

    def _code_if_skipped(self, entry: Entry) -> str:
        code = self._filter.code_for(entry)
        if code is not None:
            return code
        return Code.SERVED_ON_OTHER_LIST if entry.file_no in self._households else Code.SEATS_USED

    def _refuse_tried(self, rank: int, tier: int, kinds: int) -> None:
        if not kinds:
            self.refusals[rank] = Refusal(rank, tier, Code.NO_DWELLING_FITS)
            return
        self.refusals[rank] = Refusal(rank, tier, Code.FITTING_DWELLINGS_TAKEN, self._witness_for(kinds))

    def _witness_for(self, kinds: int) -> int:
        """The first earlier witness that holds all these kinds, else a new one."""
        if kinds not in self._obstacle_for:
            self._obstacle_for[kinds] = self._find_or_make(kinds)
        return self._obstacle_for[kinds]

    def _find_or_make(self, kinds: int) -> int:
        for number, obstacle in enumerate(self.obstacles):
            if not kinds & ~obstacle.kinds:
                return number
        reached, groups = self.matching.obstacle(self.matching.group_for(kinds))
        self.obstacles.append(Obstacle(kinds=reached, groups=frozenset(groups)))
        return len(self.obstacles) - 1
