"""
What was sealed with an older key is sealed anew with the newest, so that the older one can be destroyed.

Done in batches in the order of keys, each a transaction with its own record. A run that was killed is simply
begun again: what the newest key opens is left as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from integrations import sealing
from integrations.models import AccessToken, CheckAttempt, OutboxAct

BATCH: Final = 1_000
_FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many sealed things a run has looked at, sealed anew, and found that no key opens."""

    seen: int = 0
    sealed_anew: int = 0
    unreadable: int = 0

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(
            seen=self.seen + other.seen,
            sealed_anew=self.sealed_anew + other.sealed_anew,
            unreadable=self.unreadable + other.unreadable,
        )


def rotate(*, by: str, at: datetime) -> Iterator[Progress]:
    """Seal anew all that the newest key does not open; yield how far it is after each batch."""
    total = Progress()
    attempts = CheckAttempt.objects.filter(envelope__isnull=False)
    tokens = AccessToken.objects.filter(code__isnull=False)
    for rows, field in ((attempts, "envelope"), (tokens, "code")):
        last: UUID | None = _FIRST
        while last is not None:
            done, last = _rotate_some(rows, field, after=last, by=by, at=at)
            total += done
            yield total


@transaction.atomic
def _rotate_some(
    rows: "QuerySet[CheckAttempt] | QuerySet[AccessToken]", field: str, *, after: UUID, by: str, at: datetime
) -> tuple[Progress, UUID | None]:
    """Seal one batch anew; return what was done and where to go on, None at the end."""
    batch = list(rows.filter(pk__gt=after).order_by("pk").select_for_update(no_key=True)[:BATCH])
    anew, unreadable = [], 0
    for row in batch:
        sealed = bytes(getattr(row, field))
        if sealing.opens_with_newest(sealed):
            continue
        try:
            setattr(row, field, sealing.seal_anew(sealed))
        except sealing.Unreadable:
            unreadable += 1
        else:
            anew.append(row)
    rows.model.objects.bulk_update(anew, [field])  # type: ignore[arg-type]
    if anew:
        OutboxAct.objects.create(kind=OutboxAct.Kind.ROTATE, at=at, by=by, rows=len(anew))
    done = Progress(seen=len(batch), sealed_anew=len(anew), unreadable=unreadable)
    return done, batch[-1].pk if len(batch) == BATCH else None
