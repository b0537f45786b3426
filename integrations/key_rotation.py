"""
What was sealed with an older key is sealed anew with the newest, so that the older one can be destroyed.

Done in batches in the order of keys, each a transaction with its own record. A run that was killed is simply
begun again: what the newest key opens is left as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from integrations import sealing
from integrations.models import AccessToken, CheckAttempt, OutboxAct

BATCH: Final = 1_000

# Rows, and the column of theirs that is sealed.
Column = tuple[QuerySet[Any], str]


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


def rotate(*, by: str, at: datetime, besides: Sequence[Column] = ()) -> Iterator[Progress]:
    """
    Seal anew all that the newest key does not open; yield how far it is after each batch.

    :param besides: what other apps keep sealed with the same keys.
    """
    total = Progress()
    attempts = CheckAttempt.objects.filter(envelope__isnull=False)
    tokens = AccessToken.objects.filter(code__isnull=False)
    for rows, field in ((attempts, "envelope"), (tokens, "code"), *besides):
        last, is_over = None, False
        while not is_over:
            done, last, is_over = _rotate_some(rows, field, after=last, by=by, at=at)
            total += done
            yield total


@transaction.atomic
def _rotate_some(
    rows: QuerySet[Any], field: str, *, after: Any, by: str, at: datetime
) -> tuple[Progress, Any, bool]:
    """Seal one batch anew; return what was done, the last key, and whether nothing comes behind it."""
    rest = rows if after is None else rows.filter(pk__gt=after)
    batch = list(rest.order_by("pk").select_for_update(no_key=True)[:BATCH])
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
    rows.model.objects.bulk_update(anew, [field])
    if anew:
        OutboxAct.objects.create(kind=OutboxAct.Kind.ROTATE, at=at, by=by, rows=len(anew))
    done = Progress(seen=len(batch), sealed_anew=len(anew), unreadable=unreadable)
    return done, batch[-1].pk if batch else after, len(batch) < BATCH
