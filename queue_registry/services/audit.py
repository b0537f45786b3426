"""
The trail: every act leaves a record in the transaction that makes it, chained per akimat.

A change without its record can't be committed, and a record without its change can't survive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from queue_registry.models import Akimat, AuditEvent, PersonalDataView, TrailHead, User
from queue_registry.rules.trail import GENESIS, link_sha256

_BATCH = 5_000


class NoTransaction(RuntimeError):
    """A record was asked for outside a transaction, so it could outlive or miss its change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """
    What happened to one thing: dotted event name, "kind:key" of the target, JSON data without personal
    data.
    """

    event: str
    target: str
    data: Mapping[str, Any] = field(default_factory=dict)


def record(*, akimat: Akimat, by: User | str, at: datetime, event: str, target: str, **data: Any) -> None:
    """
    Append one record to the akimat's chain; `by` is a person of staff or the name of a task.

    :raises NoTransaction: outside a transaction.
    """
    record_many(akimat=akimat, by=by, at=at, acts=(Act(event=event, target=target, data=data),))


def record_many(*, akimat: Akimat, by: User | str, at: datetime, acts: Sequence[Act]) -> None:
    """
    Append records in the given order: one lock of the chain's head for all of them.

    :raises NoTransaction: outside a transaction.
    """
    if not connection.in_atomic_block:
        raise NoTransaction("The trail is written in the transaction of the act that it records.")
    if not acts:
        return
    TrailHead.objects.get_or_create(pk=akimat.kato, defaults={"seq": 0, "sha256": GENESIS})
    head = TrailHead.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.kato)
    rows = []
    for act in acts:
        rows.append(_next_link(head=head, act=act, actor=by if isinstance(by, str) else by.username, at=at))
        head.seq, head.sha256 = rows[-1].seq, rows[-1].sha256
    AuditEvent.objects.bulk_create(rows, batch_size=_BATCH)
    head.save(update_fields=["seq", "sha256"])


def _next_link(*, head: TrailHead, act: Act, actor: str, at: datetime) -> AuditEvent:
    columns: dict[str, Any] = {
        "akimat_kato": head.pk,
        "seq": head.seq + 1,
        "at": at,
        "actor": actor,
        "event": act.event,
        "target": act.target,
        "data": dict(act.data),
        "previous_sha256": head.sha256,
    }
    return AuditEvent(**columns, sha256=link_sha256(**columns))


def record_view(*, akimat: Akimat, by: User, at: datetime, target: str) -> None:
    """Note that a person of staff looked at a file with personal data."""
    PersonalDataView.objects.create(akimat_kato=akimat.kato, by=by, at=at, target=target)
