"""
The second factor of staff: a telephone is tied to a sign-in, and its codes, or one on paper, let in.

A code is taken once: the telephone's by the number of its half-minute, those on paper by their row. Wrong
ones make the next try wait, twice as long each time. All of it stands in the trail of every akimat in which
the person has a role. The codes follow the machine's clock, as telephones do, and never the demo's.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.crypto import salted_hmac

from integrations import sealing
from queue_registry.models import Akimat, RecoveryCode, Telephone, User
from queue_registry.permissions import memberships
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.second_factor import (
    RECOVERY_CODES,
    FactorRefusal,
    is_of_a_telephone,
    new_recovery_code,
    new_secret,
    typed,
)
from queue_registry.services import audit

logger = structlog.get_logger(__name__)
_SALT = "queue_registry.recovery_code"


@transaction.atomic
def begin(*, user: User) -> Telephone:
    """
    Return the telephone that waits to be tied: the same one until its first code was right. One whose secret
    no key opens any more can never be tied: a new one takes its place.
    """
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    waiting: Telephone | None = Telephone.objects.filter(user=user, confirmed=False).first()
    if waiting is not None and not waiting.is_readable:
        waiting.delete()
        waiting = None
    return waiting or Telephone.objects.create(
        user=user, name="telephone", confirmed=False, sealed_secret=sealing.seal(new_secret())
    )


@transaction.atomic
def enroll(*, user: User, code: str, at: datetime) -> Sequence[str] | FactorRefusal:
    """
    Tie the waiting telephone to the sign-in by its first code; return the codes for paper, shown once.

    A telephone of before is untied with it, and the paper codes of before end: the secret of a telephone
    that counts no more is not kept. What is refused is returned, not raised: the count of failures stays.
    """
    device = _locked(user, confirmed=False)
    if device is None:
        return FactorRefusal.NOTHING_TIED
    if not device.verify_is_allowed()[0]:
        return FactorRefusal.TOO_SOON
    if not device.is_readable:
        return _unreadable(user)
    if not (is_of_a_telephone(typed(code)) and device.verify_token(typed(code))):
        return _failed(user, at, "enrollment")
    Telephone.objects.filter(user=user).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    codes = _new_recovery_codes(user, at)
    _record(user, by=user, at=at, event="second_factor.enrolled", recovery_codes=len(codes))
    return codes


@transaction.atomic
def verify(*, user: User, code: str, at: datetime) -> Telephone | FactorRefusal:
    """
    Take a code of the tied telephone, or one on paper, and return the telephone that vouches for the session.

    What is refused is returned, not raised: the count of failures and their record stay.
    """
    device = _locked(user, confirmed=True)
    if device is None:
        return FactorRefusal.NOTHING_TIED
    if not device.verify_is_allowed()[0]:
        return FactorRefusal.TOO_SOON
    given = typed(code)
    if is_of_a_telephone(given):
        if not device.is_readable:
            return _unreadable(user)
        return device if device.verify_token(given) else _failed(user, at, "telephone")
    return device if _take_from_paper(user, device, given, at) else _failed(user, at, "paper")


def untie(*, user: User, at: datetime) -> None:
    """Untie every telephone of the user and end the paper codes; whoever calls it records why."""
    Telephone.objects.filter(user=user).delete()
    _end_recovery_codes(user, at)


def _locked(user: User, *, confirmed: bool) -> Telephone | None:
    rows = Telephone.objects.select_for_update(of=("self",), no_key=True)
    device: Telephone | None = rows.filter(user=user, confirmed=confirmed).order_by("pk").first()
    return device


def _take_from_paper(user: User, device: Telephone, code: str, at: datetime) -> bool:
    """Use up one code of the paper; a wrong one counts as a failure of the telephone does."""
    used = RecoveryCode.objects.filter(
        user=user, digest=_digest(user, code), used_at__isnull=True, ended_at__isnull=True
    ).update(used_at=at)
    if not used:
        device.throttle_increment()
        return False
    device.throttle_reset()
    _record(user, by=user, at=at, event="second_factor.recovery_code_used")
    return True


def _new_recovery_codes(user: User, at: datetime) -> list[str]:
    _end_recovery_codes(user, at)
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(user, typed(code)), made_at=at) for code in codes
    )
    return codes


def _end_recovery_codes(user: User, at: datetime) -> None:
    RecoveryCode.objects.filter(user=user, used_at__isnull=True, ended_at__isnull=True).update(ended_at=at)


def _digest(user: User, code: str) -> str:
    return salted_hmac(_SALT, f"{user.pk}:{code}", algorithm="sha256").hexdigest()


def _unreadable(user: User) -> FactorRefusal:
    """No key of this installation opens the secret: nobody's fault who types, so it counts as no failure."""
    logger.error("second_factor.secret_unreadable", user=user.pk)
    return FactorRefusal.UNREADABLE


def _failed(user: User, at: datetime, kind: str) -> FactorRefusal:
    _record(user, by=user, at=at, event="second_factor.failed", kind=kind)
    return FactorRefusal.WRONG_CODE


def _record(user: User, *, by: User, at: datetime, event: str, **data: str | int) -> None:
    """Leave a record in each akimat in which the person has a role; heads of trails in their order."""
    held = memberships(user, civil_day(at)).values("akimat")
    for akimat in Akimat.objects.filter(pk__in=held).order_by("kato"):
        audit.record(akimat=akimat, by=by, at=at, event=event, target=f"staff:{user.pk}", **data)
