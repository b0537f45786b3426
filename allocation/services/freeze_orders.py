"""
A round frozen in the background: ordered on a page, carried out by a worker, since everything known of a big
queue takes long to read.

The order is its own work order: a worker that dies leaves it wanted and the round open, and the next one
takes it. The freeze and the end of its order are one transaction. Order of locks: the round, then its order,
then as `allocation.services.offers` says.
"""

from datetime import date, datetime
from typing import Any, Final

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError, transaction

from allocation import run_progress
from allocation.models import AllocationRound, FreezeOrder
from allocation.rules.refusals import Refusal, Refused
from allocation.services import dwellings as stock
from allocation.services import round_checks, rounds
from queue_registry.models import User
from queue_registry.rules.calendar import civil_day
from queue_registry.services import audit

logger = structlog.get_logger(__name__)
WORKER: Final = "allocation.tasks.carry_out_freeze_orders"
_WANTED: Final = FreezeOrder.State.WANTED


@transaction.atomic
def give(*, round_id: int, by: User, at: datetime) -> FreezeOrder:
    """
    Order the freeze of an open round; who orders it while it is ordered gets the same order.

    What can be told at once is refused at once; the rest is told by the order.

    :raises Refused: ROUND_NOT_OPEN, ROUND_CANCELLED, GATE_NOT_GREEN, POLICY_NOT_IN_FORCE, DWELLING_NOT_READY,
        DWELLING_OF_OTHER_KIND, DWELLING_OF_OTHER_PROGRAMME, QUOTA_OVER_DWELLINGS, PERIOD_WITHOUT_FREEZE,
        PERIOD_OVERLAPS.
    """
    round_ = rounds.lock(round_id)
    if round_.frozen_at is not None:
        raise Refused(Refusal.ROUND_NOT_OPEN)
    wanted = FreezeOrder.objects.filter(round=round_, state=_WANTED).first()
    if wanted is not None:
        return wanted
    round_checks.gate(akimat=round_.akimat, mode=round_.mode, at=at)
    round_checks.policy(round_, at)
    homes = stock.lock(rounds.held(round_))
    round_checks.ready(homes)
    round_checks.purpose(round_, homes)
    round_checks.quota_sum(round_, len(homes))
    round_checks.period(round_, civil_day(at))
    order = FreezeOrder.objects.create(round=round_, ordered_by=by, ordered_at=at)
    _record(order, "freeze_order.given", by=by, at=at)
    return order


def carry_out(*, order_id: int, at: datetime) -> FreezeOrder | None:
    """
    Freeze the round, or refuse it and keep why; None if another worker holds it, or it is closed already.

    What breaks the database's connection leaves the order wanted; any other failure closes it.
    """
    try:
        return _carry_out(order_id, at)
    except Refused as refused:
        return _refuse(order_id, refused.code, refused.detail, at=at)
    except (DatabaseError, InterfaceError):
        raise  # it stays wanted, and is done again
    except SoftTimeLimitExceeded:
        return _refuse(order_id, Refusal.FREEZE_TOO_LONG, {}, at=at)
    except Exception:
        logger.exception("freeze_order.broken_off", order=order_id)
        return _refuse(order_id, Refusal.FREEZE_BROKEN_OFF, {}, at=at)


def refusal_of(order: FreezeOrder) -> Refused | None:
    """Return why an order was not carried out, as an act would have refused it, or None."""
    if order.state != FreezeOrder.State.REFUSED:
        return None
    detail = {name: _told(name, value) for name, value in order.refusal.items() if name != "code"}
    return Refused(Refusal(order.refusal["code"]), **detail)


@transaction.atomic
def _carry_out(order_id: int, at: datetime) -> FreezeOrder | None:
    order = _locked(order_id)
    if order is None:
        return None
    rounds.freeze_within(
        round_id=order.round_id,
        by=order.ordered_by,
        at=at,
        tell=lambda done, total: run_progress.tell_freeze(order.round_id, done, total),
    )
    order.state, order.closed_at = FreezeOrder.State.DONE, at
    order.save(update_fields=["state", "closed_at"])
    return order


@transaction.atomic
def _refuse(order_id: int, code: Refusal, detail: Any, *, at: datetime) -> FreezeOrder | None:
    order = _locked(order_id)
    if order is None:
        return None
    order.state, order.closed_at = FreezeOrder.State.REFUSED, at
    order.refusal = {"code": str(code), **{name: _kept(value) for name, value in detail.items()}}
    order.save(update_fields=["state", "closed_at", "refusal"])
    _record(order, "freeze_order.refused", by=WORKER, at=at, code=str(code))
    return order


def _locked(order_id: int) -> FreezeOrder | None:
    """The round first, then its order, if nobody else holds them and it is still wanted."""
    round_id = FreezeOrder.objects.values_list("round_id", flat=True).get(pk=order_id)
    free = AllocationRound.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    if free.only("pk").filter(pk=round_id).first() is None:
        return None
    return (
        FreezeOrder.objects.select_for_update(of=("self",), no_key=True)
        .select_related("round__akimat", "ordered_by")
        .defer("round__input")
        .filter(pk=order_id, state=_WANTED)
        .first()
    )


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _told(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in {"first", "last", "day"} else value


def _record(order: FreezeOrder, event: str, *, by: User | str, at: datetime, **data: object) -> None:
    audit.record(
        akimat=order.round.akimat,
        by=by,
        at=at,
        event=event,
        target=f"allocation_round:{order.round_id}",
        number=order.round.number,
        **data,
    )
