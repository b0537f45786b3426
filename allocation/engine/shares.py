"""Who is owed the next dwelling: exact shares, and seats given one by one to who is owed the most."""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, lcm

from .values import FloorTier, Period, YearLedger


def exact_shares(*, available: int, counts: Mapping[str, int]) -> dict[str, Fraction]:
    """The dwellings of each list in proportion to its count; all zeros if nobody is counted."""
    total = sum(counts.values())
    return {
        code: Fraction(available * count, total) if total else Fraction(0) for code, count in counts.items()
    }


def give_seats(
    *, seats: int, owed: Mapping[str, Fraction], most: Mapping[str, int], first_untried: Mapping[str, int]
) -> dict[str, int]:
    """
    Give seats one by one, each to the list that is owed the most; a seat given counts as one dwelling
    received.

    :param most: how many seats each list can use; those who can use none get none.
    :param first_untried: rank of the first untried entry by list; of lists owed the same, the earliest goes
        first.
    """
    given = dict.fromkeys(owed, 0)
    # Over one denominator the amounts are whole numbers, and taking a seat off is exact and quick.
    unit = lcm(*(amount.denominator for amount in owed.values()))
    left = {code: int(amount * unit) for code, amount in owed.items()}
    for _ in range(seats):
        able = [code for code in owed if given[code] < most[code]]
        if not able:
            break
        next_list = max(able, key=lambda code: (left[code], -first_untried[code]))
        given[next_list] += 1
        left[next_list] -= unit
    return given


def floor_target(tier: FloorTier, *, dwellings: int, year_to_date: YearLedger, served_before: int) -> int:
    """
    How many dwellings a floor still asks for in this round.

    :param served_before: what its lists were served in earlier tiers of this round.
    """
    if tier.period is Period.BATCH:
        target = ceil(tier.share * dwellings)
    else:
        received = sum(year_to_date.of(code).received for code in tier.lists)
        target = ceil(tier.share * (year_to_date.distributed + dwellings)) - received
    return max(0, target - served_before)
