"""What came byte for byte: read with a key, and purged when its time is over. Its digest stays for ever."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from integrations import sealing
from integrations.models import AccessToken, CheckAttempt, OutboxAct

BATCH: Final = 5_000


def of_answer(*, request_id: int, sha256: str) -> bytes | None:
    """
    Return the envelope in which a question was answered, None if it was purged.

    :raises sealing.Unreadable: if no key opens it, or it is not what came.
    """
    if not sha256:
        return None
    answered = CheckAttempt.objects.filter(request=request_id, envelope_sha256=sha256, envelope__isnull=False)
    attempt = answered.order_by("-answered_at", "-pk").first()
    return None if attempt is None else read(attempt)


def read(attempt: CheckAttempt) -> bytes | None:
    """
    Return the envelope of an attempt, None if nothing came or it was purged.

    :raises sealing.Unreadable: if no key opens it, or it is not what came.
    """
    if attempt.envelope is None:
        return None
    envelope = sealing.unseal(bytes(attempt.envelope))
    if hashlib.sha256(envelope).hexdigest() != attempt.envelope_sha256:
        raise sealing.Unreadable
    return envelope


def purge(*, by: str, at: datetime) -> int:
    """
    Drop the envelopes, and the codes of tokens, that are older than the settings allow; return how many
    envelopes there were.

    Outcome, code, digest and moments of the attempt stay, and so do the facts. Done in batches, each with its
    own record.
    """
    before = at - timedelta(days=settings.ENVELOPE_RETENTION_DAYS)
    total = 0
    while True:
        count = _purge_some(by=by, at=at, before=before)
        total += count
        if count < BATCH:
            break
    AccessToken.objects.filter(expires_at__lte=at, code__isnull=False, revoked_at__isnull=True).update(
        code=sealing.seal(b""), revoked_at=at
    )
    return total


@transaction.atomic
def erase(*, iin: str, by: str, at: datetime) -> int:
    """
    Drop every kept envelope about a person before its time, and return how many there were.

    Outcome, digest and moments of the attempts stay, as after a purge.
    """
    kept = CheckAttempt.objects.filter(request__subject_iin=iin, envelope__isnull=False)
    count = kept.update(envelope=None, envelope_purged_at=at)
    if count:
        OutboxAct.objects.create(kind=OutboxAct.Kind.PURGE, at=at, by=by, before=at, rows=count)
    return count


@transaction.atomic
def _purge_some(*, by: str, at: datetime, before: datetime) -> int:
    old = CheckAttempt.objects.filter(envelope__isnull=False, answered_at__lt=before).order_by("answered_at")
    keys = list(old.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:BATCH])
    count = CheckAttempt.objects.filter(pk__in=keys).update(envelope=None, envelope_purged_at=at)
    OutboxAct.objects.create(kind=OutboxAct.Kind.PURGE, at=at, by=by, before=before, rows=count)
    return count
