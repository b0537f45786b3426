"""A lost telephone is untied from a sign-in by two people: one proposes it with a reason, another does it."""

from datetime import datetime

from django.db import transaction

from queue_registry.models import Akimat, SecondFactorReset, User
from queue_registry.permissions import memberships
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.second_factor import FactorRefusal, FactorRefused
from queue_registry.selectors import second_factors as selectors
from queue_registry.services import audit, second_factors


@transaction.atomic
def propose(*, akimat: Akimat, user: User, reason: str, by: User, at: datetime) -> SecondFactorReset:
    """
    Propose to untie the telephone of somebody with a role in the akimat.

    :raises FactorRefused: REASON_MISSING, OWN_TELEPHONE, NO_ROLE_HERE, NOTHING_TIED, OPEN_ALREADY.
    """
    if not reason.strip():
        raise FactorRefused(FactorRefusal.REASON_MISSING)
    if user.pk == by.pk:
        raise FactorRefused(FactorRefusal.OWN_TELEPHONE)
    if not memberships(user, civil_day(at)).filter(akimat=akimat).exists():
        raise FactorRefused(FactorRefusal.NO_ROLE_HERE)
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if selectors.device_of(user) is None:
        raise FactorRefused(FactorRefusal.NOTHING_TIED)
    if SecondFactorReset.objects.filter(user=user, decided_at__isnull=True).exists():
        raise FactorRefused(FactorRefusal.OPEN_ALREADY)
    reset = SecondFactorReset.objects.create(
        akimat=akimat, user=user, reason=reason.strip(), proposed_by=by, proposed_at=at
    )
    _record(reset, event="second_factor.reset_proposed", by=by, at=at, reason=reset.reason)
    return reset


@transaction.atomic
def carry_out(*, reset_id: int, by: User, at: datetime) -> SecondFactorReset:
    """
    Untie the telephone: sessions that it vouched for end, and the person ties a new one at the next sign-in.

    :raises FactorRefused: DECIDED_ALREADY, ANOTHER_PERSON_NEEDED.
    """
    reset = _decided(reset_id, by=by, at=at, is_carried_out=True)
    second_factors.untie(user=reset.user, at=at)
    _record(reset, event="second_factor.reset", by=by, at=at)
    return reset


@transaction.atomic
def drop(*, reset_id: int, by: User, at: datetime) -> SecondFactorReset:
    """
    Leave the telephone tied.

    :raises FactorRefused: DECIDED_ALREADY, ANOTHER_PERSON_NEEDED.
    """
    reset = _decided(reset_id, by=by, at=at, is_carried_out=False)
    _record(reset, event="second_factor.reset_dropped", by=by, at=at)
    return reset


def _decided(reset_id: int, *, by: User, at: datetime, is_carried_out: bool) -> SecondFactorReset:
    rows = SecondFactorReset.objects.select_for_update(of=("self",), no_key=True)
    reset = rows.select_related("akimat", "user").get(pk=reset_id)
    if reset.decided_at is not None:
        raise FactorRefused(FactorRefusal.DECIDED_ALREADY)
    if by.pk == reset.user_id or (is_carried_out and by.pk == reset.proposed_by_id):
        raise FactorRefused(FactorRefusal.ANOTHER_PERSON_NEEDED)
    reset.decided_at, reset.decided_by, reset.is_carried_out = at, by, is_carried_out
    reset.save(update_fields=["decided_at", "decided_by", "is_carried_out"])
    return reset


def _record(reset: SecondFactorReset, *, event: str, by: User, at: datetime, **data: str) -> None:
    audit.record(
        akimat=reset.akimat,
        by=by,
        at=at,
        event=event,
        target=f"staff:{reset.user_id}",
        user=reset.user.username,
        reset=reset.pk,
        **data,
    )
