"""
Rechecks of many entries of an akimat: begun, paused, resumed. How they go on: `sweep_portions`.

A sweep proposes, and decides nothing: what it sees becomes findings, and of those removal cases.
"""

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from queue_registry.models import Akimat, Sweep, User
from queue_registry.rules import sweeps as rules
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.statuses import ACTIVE
from queue_registry.rules.sweeps import SweepRefusal, require
from queue_registry.services import audit

BY: Final = "sweeps"
"""Whose name an act of the clock bears in the trail."""

# The first of every list, then the second of every list, and so on: whoever is nearest to a home comes first.
_PUT_IN: Final = """
    INSERT INTO queue_registry_sweepentry (sweep_id, entry_id, position, state, rounds)
    SELECT %s, id, row_number() OVER (ORDER BY place, number), 'DUE', 0
    FROM (
        SELECT entry.id, list.number, row_number() OVER (
            PARTITION BY list.id ORDER BY entry.registered_at, entry.file_number, entry.id
        ) AS place
        FROM queue_registry_waitinglist AS list
        JOIN queue_registry_queueentry AS entry ON entry.waiting_list_id = list.id
        WHERE list.akimat_id = %s AND entry.status = ANY(%s)
    ) AS placed
    WHERE %s::int IS NULL OR place <= %s
"""


@transaction.atomic
def start_inventory(*, akimat: Akimat, by: User | None, at: datetime) -> Sweep:
    """
    Begin the inventory of the quarter: every active entry of the akimat. `by` is None for the clock's own.

    :raises SweepRefused: ALREADY_STARTED, NOBODY_TO_ASK_ABOUT.
    """
    period = rules.quarter(civil_day(at))
    return _start(akimat, Sweep.Purpose.INVENTORY, period, first=None, by=by, at=at)


@transaction.atomic
def start_before_allocation(*, akimat: Akimat, first: int, by: User, at: datetime) -> Sweep:
    """
    Begin a recheck of the first so many entries of each list, with answers as fresh as an allocation needs.

    :raises SweepRefused: ALREADY_STARTED, if as many were begun today; NOBODY_TO_ASK_ABOUT.
    """
    period = rules.before_allocation(civil_day(at), first=first)
    return _start(akimat, Sweep.Purpose.BEFORE_ALLOCATION, period, first=first, by=by, at=at)


def _start(
    akimat: Akimat,
    purpose: Sweep.Purpose,
    period: str,
    *,
    first: int | None,
    by: User | None,
    at: datetime,
) -> Sweep:
    Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    same = Sweep.objects.filter(akimat=akimat, purpose=purpose, period=period).first()
    require(same is None, SweepRefusal.ALREADY_STARTED, sweep=same and same.pk)
    sweep = Sweep.objects.create(
        akimat=akimat, purpose=purpose, period=period, started_by=by, started_at=at, entries=0
    )
    sweep.entries = _put_in(sweep, first)
    require(sweep.entries, SweepRefusal.NOBODY_TO_ASK_ABOUT)
    sweep.save(update_fields=["entries"])
    _record(
        sweep,
        "started",
        by=by or BY,
        at=at,
        purpose=purpose.value,
        period=period,
        first=first,
        entries=sweep.entries,
    )
    return sweep


def _put_in(sweep: Sweep, first: int | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_PUT_IN, [sweep.pk, sweep.akimat_id, sorted(ACTIVE), first, first])
        return int(cursor.rowcount)


@transaction.atomic
def pause(*, sweep_id: int, by: User, at: datetime) -> Sweep:
    """
    Let a sweep rest: it asks nothing new until it is resumed; what is under way is answered.

    :raises SweepRefused: ALREADY_PAUSED, ALREADY_FINISHED.
    """
    sweep = _lock_open(sweep_id)
    require(sweep.paused_at is None, SweepRefusal.ALREADY_PAUSED)
    return _set_paused(sweep, at, "paused", by=by, at=at)


@transaction.atomic
def resume(*, sweep_id: int, by: User, at: datetime) -> Sweep:
    """
    Let a sweep go on from where it stood.

    :raises SweepRefused: NOT_PAUSED, ALREADY_FINISHED.
    """
    sweep = _lock_open(sweep_id)
    require(sweep.paused_at is not None, SweepRefusal.NOT_PAUSED)
    return _set_paused(sweep, None, "resumed", by=by, at=at)


def _lock_open(sweep_id: int) -> Sweep:
    sweep = (
        Sweep.objects.select_for_update(of=("self",), no_key=True).select_related("akimat").get(pk=sweep_id)
    )
    require(sweep.finished_at is None, SweepRefusal.ALREADY_FINISHED)
    return sweep


def _set_paused(sweep: Sweep, paused_at: datetime | None, act: str, *, by: User, at: datetime) -> Sweep:
    sweep.paused_at = paused_at
    sweep.save(update_fields=["paused_at"])
    _record(sweep, act, by=by, at=at)
    return sweep


def _record(sweep: Sweep, act: str, *, by: User | str, at: datetime, **data: object) -> None:
    audit.record(akimat=sweep.akimat, by=by, at=at, event=f"sweep.{act}", target=f"sweep:{sweep.pk}", **data)
