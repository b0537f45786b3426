"""
The running account of a period, kept by confirmed rounds: the last one's result is the next one's beginning.

An account belongs to one policy and one kind of support: shares owed under one set of lists are not owed
under another, and places of a loan programme are no homes. (Ours: the Law names no period and no carry-over.)

What counts is what was given and stands. A home that a round gave and that stands no more (left in the stock
by a departure, taken by nobody, its contract annulled) is taken back by the next round that is frozen, in a
dated line of that round's own; what was frozen before keeps the account that it began with.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from allocation import engine_io
from allocation.models import AllocationRound, Decision
from allocation.rules import ledger
from allocation.rules.ledger import LostHome
from allocation.rules.periods import Period
from allocation.selectors.lost_homes import LostGift, list_lost
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """
    The account with which a round begins, in the form of the engine's `year_to_date`, and the homes that it
    is the first to take back.
    """

    account: dict[str, Any]
    taken_back: list[dict[str, Any]] = field(default_factory=list)


def year_to_date(*, round_: AllocationRound, on: date) -> dict[str, Any]:
    """Return the account with which a round frozen on this day begins."""
    return opening_of(round_=round_, on=on).account


def opening_of(*, round_: AllocationRound, on: date) -> Opening:
    """Return the account with which a round frozen on this day begins, and what it takes back."""
    before = list(_confirmed(round_).order_by("-decided_at", "-pk"))
    if not before:
        return Opening(account=ledger.opening())
    last = before[0].sitting.run
    runs = {one.sitting.run_id: one.sitting.run.round for one in before}
    lost = _not_taken_back(list_lost(runs), runs.values())
    was = period_of(last.round, on=on)
    counted = {one.number for one in runs.values() if period_of(one, on=on) == was}
    account = ledger.without(
        engine_io.parsed(last.result)["year_to_date"],
        (
            LostHome(list_number=gift.list_number, by_share=gift.by_share, is_counted=gift.round in counted)
            for gift in lost
        ),
    )
    if was.last < period_of(round_, on=on).first:
        account = ledger.carried_over(account)
    return Opening(account=account, taken_back=[_line(gift) for gift in lost])


def period_of(round_: AllocationRound, *, on: date) -> Period:
    """Return the period that was set for a round, else the calendar year of its freeze, or of this day."""
    if round_.period_from is not None and round_.period_until is not None:
        return Period(first=round_.period_from, last=round_.period_until)
    return Period.year_of(civil_day(round_.frozen_at) if round_.frozen_at is not None else on)


def other_period(round_: AllocationRound, period: Period) -> Period | None:
    """
    Return the period of an earlier round of the same account that shares days with this one without being
    the same, so that a round would count in both; None if there is none.
    """
    for decision in _confirmed(round_).order_by("decided_at", "pk"):
        before = decision.sitting.run.round
        other = period_of(before, on=period.first)
        if other != period and other.shares_days_with(period):
            return other
    return None


def _confirmed(round_: AllocationRound) -> QuerySet[Decision]:
    """The confirmed decisions on the other rounds of the account."""
    found = Decision.objects.filter(
        outcome=Decision.Outcome.CONFIRMED,
        sitting__run__round__akimat=round_.akimat_id,
        sitting__run__round__policy__code=round_.policy.code,
        sitting__run__round__rung__in=_same_rung(round_),
    ).exclude(sitting__run__round=round_.pk)
    return found.select_related("sitting__run__round").defer(
        "sitting__run__result", "sitting__run__round__input"
    )


def _not_taken_back(lost: list[LostGift], rounds: Iterable[AllocationRound]) -> list[LostGift]:
    known = {(row["round"], row["dwelling"]) for one in rounds for row in one.taken_back}
    return [gift for gift in lost if (gift.round, gift.dwelling) not in known]


def _line(gift: LostGift) -> dict[str, Any]:
    return {
        "round": gift.round,
        "dwelling": gift.dwelling,
        "list": gift.list_number,
        "on": gift.on.isoformat(),
        "because": str(gift.cause),
    }


def _same_rung(round_: AllocationRound) -> set[str]:
    """Return what rounds of the same help have for a rung: the policy's own may be named or left empty."""
    own = Policy.from_document(round_.policy.document).support["rung"] or ""
    return {"", own} if round_.rung in {"", own} else {round_.rung}
