"""The period of an open round's running account, as the secretary sets it until the freeze is ordered."""

from datetime import datetime

from django.db import transaction

from allocation.models import AllocationRound, FreezeOrder
from allocation.rules.periods import Period
from allocation.rules.refusals import Refusal, Refused
from allocation.services import round_checks, rounds
from queue_registry.models import User
from queue_registry.rules.calendar import civil_day
from queue_registry.services import audit


@transaction.atomic
def set_period(*, round_id: int, period: Period | None, by: User, at: datetime) -> AllocationRound:
    """
    Set the period of an open round; None: the calendar year of the freeze.

    :raises Refused: ROUND_NOT_OPEN, also while its freeze is ordered; ROUND_CANCELLED, PERIOD_BACKWARDS,
        PERIOD_WITHOUT_FREEZE, PERIOD_OVERLAPS.
    """
    round_ = rounds.lock(round_id)
    ordered = FreezeOrder.objects.filter(round=round_, state=FreezeOrder.State.WANTED)
    if round_.frozen_at is not None or ordered.exists():
        raise Refused(Refusal.ROUND_NOT_OPEN)
    if period is not None:
        round_checks.period_to_come(period, civil_day(at))
        round_checks.period_alone(round_, period)
    was = _record_of(round_)
    round_.period_from = period.first if period else None
    round_.period_until = period.last if period else None
    round_.save(update_fields=["period_from", "period_until"])
    audit.record(
        akimat=round_.akimat,
        by=by,
        at=at,
        event="allocation_round.period_set",
        target=f"allocation_round:{round_.pk}",
        number=round_.number,
        was=was,
        period=_record_of(round_),
    )
    return round_


def _record_of(round_: AllocationRound) -> list[str]:
    """First and last day as records of the trail have them; empty: the calendar year of the freeze."""
    return [day.isoformat() for day in (round_.period_from, round_.period_until) if day is not None]
