"""
What nobody has to keep goes when its term is over: sessions, records of sign-ins, digests of one-time codes.

Each act leaves a row with its count (`Disposal`); what belongs to a case leaves a record in its akimat's
trail besides. Kept envelopes have an act of their own (`integrations.kept_envelopes.purge`). Nothing of the
queue, of its people or of the trail has a term here.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from queue_registry.models import Akimat, Disposal, OneTimeCode
from queue_registry.selectors import keepers
from queue_registry.services import audit

_SIGN_IN_RECORDS: Final = (AccessAttempt, AccessFailureLog, AccessLog)


@transaction.atomic
def remove_sessions(*, by: str, at: datetime) -> int:
    """Remove the sessions that have ended, by the machine's clock, and return how many."""
    count = _removed(Session.objects.filter(expire_date__lte=at))
    note(Disposal.Kind.SESSIONS, count, by=by, at=at, before=at)
    return count


@transaction.atomic
def remove_sign_in_records(*, by: str, at: datetime) -> int:
    """
    Remove who signed in, and who failed to, with address and browser, that is older than the setting allows
    by the machine's clock; return how many records there were.
    """
    before = at - timedelta(days=settings.SIGN_IN_RECORDS_DAYS)
    count = sum(_removed(model.objects.filter(attempt_time__lt=before)) for model in _SIGN_IN_RECORDS)
    note(Disposal.Kind.SIGN_IN_RECORDS, count, by=by, at=at, before=before)
    return count


def blank_codes(*, by: str, at: datetime) -> int:
    """
    Blank the digests of one-time codes that are over, and return how many; that they were sent and used
    stays. Queues that are kept elsewhere stay as they were handed over.
    """
    over = _over(at).values("application__akimat")
    akimats = Akimat.objects.filter(pk__in=over).exclude(pk__in=keepers.resting(at))
    return sum(_blank_codes_of(akimat, by=by, at=at) for akimat in akimats.order_by("kato"))


@transaction.atomic
def _blank_codes_of(akimat: Akimat, *, by: str, at: datetime) -> int:
    rows = _over(at).filter(application__akimat=akimat).order_by("pk")
    keys = list(
        rows.select_for_update(skip_locked=True, of=("self",), no_key=True).values_list("pk", flat=True)
    )
    count = OneTimeCode.objects.filter(pk__in=keys).update(salt="", digest="")
    note(Disposal.Kind.ONE_TIME_CODES, count, by=by, at=at, before=at)
    if count:
        audit.record(
            akimat=akimat,
            by=by,
            at=at,
            event="one_time_code.blanked",
            target=f"akimat:{akimat.kato}",
            count=count,
        )
    return count


def _removed(rows: QuerySet[Any]) -> int:
    """Remove rows and count them, without what hangs on them."""
    return rows.delete()[1].get(rows.model._meta.label, 0)  # noqa: SLF001 - Django's documented name


def _over(at: datetime) -> QuerySet[OneTimeCode]:
    return OneTimeCode.objects.filter(expires_at__lt=at).exclude(digest="")


def note(kind: Disposal.Kind, rows: int, *, by: str, at: datetime, before: datetime) -> None:
    """Leave a row, inside the caller's transaction, if there was something."""
    if rows:
        Disposal.objects.create(kind=kind, at=at, by=by, before=before, rows=rows)
