"""
The running account of a year, kept by confirmed rounds: the last one's result is the next one's beginning.

An account belongs to one policy and one kind of support: shares owed under one set of lists are not owed
under another, and places of a loan programme are no homes. (Ours: the Law names no period and no carry-over.)
"""

from datetime import date
from typing import Any

from allocation import engine_io
from allocation.models import AllocationRound, Decision
from allocation.rules import ledger
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy


def year_to_date(*, round_: AllocationRound, on: date) -> dict[str, Any]:
    """Return the account with which a round frozen on this day begins, as the engine's `year_to_date`."""
    last = (
        Decision.objects.filter(
            outcome=Decision.Outcome.CONFIRMED,
            sitting__run__round__akimat=round_.akimat_id,
            sitting__run__round__policy__code=round_.policy.code,
            sitting__run__round__rung__in=_same_rung(round_),
        )
        .exclude(sitting__run__round=round_.pk)
        .select_related("sitting__run__round")
        .order_by("-decided_at", "-pk")
        .first()
    )
    if last is None:
        return ledger.opening()
    run = last.sitting.run
    account: dict[str, Any] = engine_io.parsed(run.result)["year_to_date"]
    frozen_at = run.round.frozen_at
    if frozen_at is not None and civil_day(frozen_at).year < on.year:
        return ledger.carried_over(account)
    return account


def _same_rung(round_: AllocationRound) -> set[str]:
    """Return what rounds of the same help have for a rung: the policy's own may be named or left empty."""
    own = Policy.from_document(round_.policy.document).support["rung"] or ""
    return {"", own} if round_.rung in {"", own} else {round_.rung}
