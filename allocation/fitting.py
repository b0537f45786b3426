"""
Whom a dwelling of a round fits, told from the round's frozen input by the engine's own rules.

A decided round never changes what it was frozen with, so that the answer is the same years later.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allocation.engine.document import read_dwelling, read_entry
from allocation.engine.ladder import EntryFilter
from allocation.engine.order import order_key
from allocation.engine.policy_document import read_policy
from allocation.engine.suitability import Needs, Stock, needs_of
from allocation.engine.values import MILLIONTHS, Entry


def takers(
    *, frozen: Mapping[str, Any], list_number: str, dwelling: str, served: Collection[str]
) -> list[str]:
    """
    Return the public keys of the candidates of a list who could take a dwelling instead of the one served, in
    the order of the list: they pass the policy's filter, and it fits them by the norm or by consent.

    :param frozen: the round's input, round/1.
    :param served: file numbers of all households that the run served, on any list.
    """
    policy = read_policy(frozen["policy"])
    home = next(read_dwelling(row) for row in frozen["dwellings"] if row["id"] == dwelling)
    only, passes = Stock([home], policy.fit), EntryFilter(policy)

    def may_take(entry: Entry) -> bool:
        return passes.code_for(entry) is None and bool(only.fitting(needs_of(entry, policy.fit)).by_either)

    entries = (
        read_entry(row, {list_number})
        for row in frozen["entries"]
        if row["list"] == list_number and row["file_no"] not in served
    )
    return [entry.id for entry in sorted(filter(may_take, entries), key=order_key)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """
    What a household needs of a dwelling, and which dwellings of the round fit it; `needs` None: places of a
    loan program, of which each fits. Numbers of dwellings in the order of the input; `income` as it was
    frozen, of a member of the family a month.
    """

    income: Decimal | None
    needs: "Wanted | None"
    by_norm: tuple[str, ...]
    by_consent: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The needs as figures of the page: square meters and rooms; `most_area` for more rooms than needed."""

    least_area: Decimal
    rooms: int
    most_area: Decimal | None
    mobility: bool
    low_floor: bool
    accessible: bool


def fit_of(*, frozen: Mapping[str, Any], entry: str) -> Fit:
    """
    Return what fits one entry of the round.

    :param entry: its public key.
    :raises StopIteration: if it was no candidate.
    """
    policy = read_policy(frozen["policy"])
    row = next(one for one in frozen["entries"] if one["id"] == entry)
    needs = needs_of(read_entry(row, {row["list"]}), policy.fit)
    by_norm, by_consent = [], []
    for home in map(read_dwelling, frozen["dwellings"]):
        found = Stock([home], policy.fit).fitting(needs)
        if found.by_norm:
            by_norm.append(home.id)
        elif found.by_either:
            by_consent.append(home.id)
    return Fit(
        income=None if row["income"] is None else Decimal(row["income"]),
        needs=None if policy.fit is None else _wanted(needs),
        by_norm=tuple(by_norm),
        by_consent=tuple(by_consent),
    )


def _wanted(needs: Needs) -> Wanted:
    most = needs.most_area_with_more_rooms
    return Wanted(
        least_area=Decimal(needs.least_area) / MILLIONTHS,
        rooms=needs.rooms,
        most_area=None if most is None else Decimal(most) / MILLIONTHS,
        mobility=needs.mobility,
        low_floor=needs.low_floor,
        accessible=needs.accessible,
    )
