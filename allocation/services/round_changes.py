"""
What the secretary changes in an open round until its freeze is ordered: homes, quotas, the account's period.

Order of locks: the round, then its dwellings, as `allocation.services.offers` says.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from allocation.models import AllocationRound, FreezeOrder
from allocation.rules.periods import Period
from allocation.rules.refusals import Refusal, Refused
from allocation.services import round_checks, rounds
from queue_registry.models import User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy
from queue_registry.services import audit


@transaction.atomic
def add_dwellings(*, round_id: int, dwelling_ids: Sequence[int], by: User, at: datetime) -> AllocationRound:
    """
    Put more ready dwellings into an open round.

    :raises Refused: ROUND_NOT_OPEN, also while its freeze is ordered; ROUND_CANCELLED, DWELLING_NOT_READY,
        DWELLING_TWICE, DWELLING_OF_OTHER_KIND, DWELLING_OF_OTHER_PROGRAMME.
    """
    round_ = _lock(round_id)
    numbers = rounds.put_in(round_, dwelling_ids)
    _record(round_, "allocation_round.dwellings_added", by=by, at=at, dwellings=numbers)
    return round_


@transaction.atomic
def set_quotas(*, round_id: int, quotas: Mapping[str, Any], by: User, at: datetime) -> AllocationRound:
    """
    Set the quotas of an open round.

    :raises Refused: ROUND_NOT_OPEN, also while its freeze is ordered; ROUND_CANCELLED, QUOTA_MISSING,
        QUOTA_UNKNOWN, QUOTA_INVALID.
    """
    round_ = _lock(round_id)
    round_checks.quotas(Policy.from_document(round_.policy.document), quotas)
    was, round_.quotas = round_.quotas, dict(quotas)
    round_.save(update_fields=["quotas"])
    _record(round_, "allocation_round.quotas_set", by=by, at=at, was=was, quotas=dict(quotas))
    return round_


@transaction.atomic
def set_period(*, round_id: int, period: Period | None, by: User, at: datetime) -> AllocationRound:
    """
    Set the period of an open round's running account; None: the calendar year of the freeze.

    :raises Refused: ROUND_NOT_OPEN, also while its freeze is ordered; ROUND_CANCELLED, PERIOD_BACKWARDS,
        PERIOD_WITHOUT_FREEZE, PERIOD_OVERLAPS.
    """
    round_ = _lock(round_id)
    if period is not None:
        round_checks.period_to_come(period, civil_day(at))
        round_checks.period_alone(round_, period)
    was = _period_of(round_)
    round_.period_from = period.first if period else None
    round_.period_until = period.last if period else None
    round_.save(update_fields=["period_from", "period_until"])
    _record(round_, "allocation_round.period_set", by=by, at=at, was=was, period=_period_of(round_))
    return round_


def _lock(round_id: int) -> AllocationRound:
    round_ = rounds.lock_open(round_id)
    if FreezeOrder.objects.filter(round=round_, state=FreezeOrder.State.WANTED).exists():
        raise Refused(Refusal.ROUND_NOT_OPEN)
    return round_


def _period_of(round_: AllocationRound) -> list[str]:
    """First and last day as records of the trail have them; empty: the calendar year of the freeze."""
    return [day.isoformat() for day in (round_.period_from, round_.period_until) if day is not None]


def _record(round_: AllocationRound, event: str, *, by: User, at: datetime, **data: Any) -> None:
    audit.record(
        akimat=round_.akimat,
        by=by,
        at=at,
        event=event,
        target=f"allocation_round:{round_.pk}",
        number=round_.number,
        **data,
    )
