"""Questions that were given up: who looks after them, and asking them once more."""

from datetime import datetime

from django.db import transaction

from integrations.models import CheckRequest, CheckState, OutboxAct
from integrations.retries import DeadReason
from integrations.sources import ADAPTERS


@transaction.atomic
def redrive(
    *, by: str, at: datetime, source: str, reason: DeadReason | None = None, limit: int | None = None
) -> int:
    """
    Let given-up questions of a source be asked again, as if for the first time; return how many.

    Attempts stay as they are, and so do failures in `attempts`; the deadline runs anew.

    :raises ValueError: if there is no such source, or it is switched off.
    """
    adapter = ADAPTERS.get(source)
    if adapter is None or not adapter.definition.enabled:
        raise ValueError(f"{source}: no source that is switched on")
    rows = CheckRequest.objects.filter(state=CheckState.DEAD, source=source).order_by("pk")
    if reason is not None:
        rows = rows.filter(dead_reason=reason)
    keys = [row.pk for row in rows.select_for_update(skip_locked=True, no_key=True)[:limit]]
    count = CheckRequest.objects.filter(pk__in=keys).update(
        state=CheckState.DUE,
        next_attempt_at=at,
        deadline_at=at + adapter.definition.deadline,
        failures=0,
        closed_at=None,
        dead_reason="",
        owner="",
    )
    OutboxAct.objects.create(
        kind=OutboxAct.Kind.REDRIVE, at=at, by=by, source=source, reason=reason or "", rows=count
    )
    return count


@transaction.atomic
def assign(*, owner: str, by: str, at: datetime, source: str, reason: DeadReason | None = None) -> int:
    """
    Give the given-up questions of a source to somebody; return how many.

    :raises ValueError: if no owner is named.
    """
    if not owner.strip():
        raise ValueError("owner: somebody has to look after it")
    rows = CheckRequest.objects.filter(state=CheckState.DEAD, source=source)
    if reason is not None:
        rows = rows.filter(dead_reason=reason)
    count = rows.update(owner=owner)
    OutboxAct.objects.create(
        kind=OutboxAct.Kind.ASSIGN, at=at, by=by, source=source, reason=reason or "", owner=owner, rows=count
    )
    return count
