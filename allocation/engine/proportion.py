"""Step 4, the proportional tier: seats by exact shares, used in one order, given again if left over."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from itertools import islice

from .serving import NOBODY, Serving
from .shares import exact_shares, give_seats
from .values import Count, ListLedger, ListShare, Period, ProportionalTier, RoundInput, TierResult


class ProportionalWalk:
    """One walk of one proportional tier."""

    def __init__(
        self, serving: Serving, round_input: RoundInput, number: int, tier: ProportionalTier
    ) -> None:
        self._serving = serving
        self._number = number
        self._tier = tier
        self._available = serving.dwellings - len(serving.served)
        self._counts = {code: self._count(code) for code in tier.lists}
        self._shares = exact_shares(available=self._available, counts=self._counts)
        self._before = {code: _account(round_input, tier.period, code) for code in tier.lists}
        self._served: Counter[str] = Counter()
        self._furthest = NOBODY

    def result(self) -> TierResult:
        """Walk the tier: every pass but the last leaves a list with no untried entry, so they end."""
        first_seats = seats = self._seats()
        while any(seats.values()):
            self._use(seats)
            seats = self._seats()
        self._serving.close_tier(self._number, self._tier.lists, self._furthest)
        return TierResult(
            kind=self._tier.kind,
            available=self._available,
            served=self._served.total(),
            lists=tuple(
                ListShare(
                    list_code=code,
                    count=self._counts[code],
                    share=self._shares[code],
                    owed_before=self._before[code].owed,
                    by_share_before=self._before[code].by_share,
                    seats=first_seats[code],
                    served=self._served[code],
                )
                for code in self._tier.lists
            ),
        )

    def _count(self, code: str) -> int:
        ranks = self._serving.queue.ranks(code)
        if self._tier.count is Count.ACTIVE:
            return len(ranks)
        return sum(map(self._serving.passes, ranks))

    def _seats(self) -> dict[str, int]:
        """Give the seats not used so far; a list can use no more than it has untried entries."""
        left = self._available - self._served.total()
        untried = {code: self._first_untried(code, left) for code in self._tier.lists}
        return give_seats(
            seats=left,
            owed={code: self._owed(code) for code in self._tier.lists},
            most={code: len(ranks) for code, ranks in untried.items()},
            first_untried={code: ranks[0] for code, ranks in untried.items() if ranks},
        )

    def _owed(self, code: str) -> Fraction:
        before = self._before[code]
        return before.owed + self._shares[code] - before.by_share - self._served[code]

    def _first_untried(self, code: str, most: int) -> list[int]:
        ranks: Iterable[int] = self._serving.queue.ranks(code)
        return list(islice(filter(self._serving.is_untried, ranks), most))

    def _use(self, seats: dict[str, int]) -> None:
        """Look at the entries in one order; an entry whose list has used its seats stays untried."""
        serving, left = self._serving, dict(seats)
        for rank in serving.queue.merged(self._tier.lists):
            if serving.is_over or not any(left.values()):
                break
            self._furthest = max(self._furthest, rank)
            code = serving.queue.entries[rank].list_code
            if left[code] and serving.is_untried(rank) and serving.try_to_serve(rank, self._number):
                left[code] -= 1
                self._served[code] += 1


def _account(round_input: RoundInput, period: Period, code: str) -> ListLedger:
    """The account that a share is added to: the year's, or an empty one when every round stands alone."""
    return round_input.year_to_date.of(code) if period is Period.YEAR else ListLedger()
