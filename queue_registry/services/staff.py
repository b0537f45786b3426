"""
Roles of staff: given by an administrator, from a day until a day, and ended; never changed, never deleted.

An administrator gives the roles of his akimat; auditors and administrators are given by an administrator of
the region (`rules.roles.GIVEN_FROM_ABOVE`). Nobody gives himself a role. Roles that exclude each other are
refused wherever the territories overlap: who enters cases in a city is no member of the region's commission.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q, QuerySet

from queue_registry.models import Akimat, StaffMembership, User
from queue_registry.permissions import Permission, memberships, require
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.roles import BY_AN_ACT, GIVEN_FROM_ABOVE, Role, conflicting
from queue_registry.rules.territory import reaches, region_of
from queue_registry.services import audit

INSTALLATION = "installation"
# How long whoever was let in at need stays in: until administrators can be given in the usual way.
BREAK_GLASS_DAYS = 7


class StaffRefusal(StrEnum):
    """Why a role was not given or ended."""

    OWN_ROLE = "OWN_ROLE"
    FROM_ABOVE = "FROM_ABOVE"
    IN_THE_PAST = "IN_THE_PAST"
    ENDS_BEFORE_IT_BEGINS = "ENDS_BEFORE_IT_BEGINS"
    HELD_ALREADY = "HELD_ALREADY"
    INCOMPATIBLE = "INCOMPATIBLE"
    ENDED_ALREADY = "ENDED_ALREADY"
    HAS_ADMINISTRATOR = "HAS_ADMINISTRATOR"
    DOCUMENT_MISSING = "DOCUMENT_MISSING"
    NOT_TWO_PEOPLE = "NOT_TWO_PEOPLE"
    NOT_STAFF_HERE = "NOT_STAFF_HERE"
    TOO_LONG = "TOO_LONG"


class StaffRefused(Exception):
    """A role was not given or ended; `with_role` names the one that excludes it."""

    def __init__(self, code: StaffRefusal, *, with_role: str = "") -> None:
        super().__init__(f"{code} {with_role}".strip())
        self.code = code
        self.with_role = with_role


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The act by which a role is held: its number and its day."""

    number: str
    on: date


@transaction.atomic
def grant(
    *,
    akimat: Akimat,
    user: User,
    role: Role,
    from_on: date,
    by: User,
    at: datetime,
    until_on: date | None = None,
    document: Document | None = None,
) -> StaffMembership:
    """
    Give a role from a day on, which is not before today, until a day (exclusive) if there is one.

    :param document: the act that gave it; nobody is of the commission without one.
    :raises NotAllowed: if `by` may not give roles here.
    :raises StaffRefused: with the code of the rule that it breaks.
    """
    _may_give(akimat=akimat, user=user, role=role, by=by, on=civil_day(at))
    if from_on < civil_day(at):
        raise StaffRefused(StaffRefusal.IN_THE_PAST)
    return _give(
        akimat=akimat,
        user=user,
        role=role,
        from_on=from_on,
        until_on=until_on,
        document=document,
        by=by,
        at=at,
    )


@transaction.atomic
def install_administrator(*, akimat: Akimat, user: User, at: datetime) -> StaffMembership:
    """
    Give the first administrator of an akimat, as whoever installs the system does.

    :raises StaffRefused: if there is one already, here or in the region above.
    """
    on = civil_day(at)
    above = Q(akimat=akimat) | Q(akimat__kato=region_of(akimat.kato))
    if _open(StaffMembership.objects.filter(above, role=Role.ADMINISTRATOR), on).exists():
        raise StaffRefused(StaffRefusal.HAS_ADMINISTRATOR)
    return _give(
        akimat=akimat, user=user, role=Role.ADMINISTRATOR, from_on=on, until_on=None, by=INSTALLATION, at=at
    )


@transaction.atomic
def break_glass(
    *,
    akimat: Akimat,
    user: User,
    until_on: date,
    document: Document,
    first: User,
    second: User,
    at: datetime,
) -> StaffMembership:
    """
    Make somebody an administrator for some days when none can sign in: two others of the staff stand for it.

    That the two are who they say is for the caller to see to; here they are two, of this akimat or its
    region, and none of them gets the role.

    :param until_on: the day after the last, at most `BREAK_GLASS_DAYS` from today.
    :raises StaffRefused: with the code of the rule that it breaks.
    """
    on = civil_day(at)
    if len({first.pk, second.pk, user.pk}) < len((first, second, user)):
        raise StaffRefused(StaffRefusal.NOT_TWO_PEOPLE)
    here = {akimat.kato, region_of(akimat.kato)}
    if not all(memberships(person, on).filter(akimat__kato__in=here).exists() for person in (first, second)):
        raise StaffRefused(StaffRefusal.NOT_STAFF_HERE)
    if until_on > on + timedelta(days=BREAK_GLASS_DAYS):
        raise StaffRefused(StaffRefusal.TOO_LONG)
    if not document.number.strip():
        raise StaffRefused(StaffRefusal.DOCUMENT_MISSING)
    return _give(
        akimat=akimat,
        user=user,
        role=Role.ADMINISTRATOR,
        from_on=on,
        until_on=until_on,
        document=document,
        by=first,
        at=at,
        event="staff.glass_broken",
        second=second.username,
    )


@transaction.atomic
def end(*, membership_id: int, by: User, at: datetime, until_on: date | None = None) -> StaffMembership:
    """
    End a role today, or on a later day. A role of one day lasts that day: its row says that it was held.

    :raises NotAllowed: if `by` may not give roles here.
    :raises StaffRefused: with the code of the rule that it breaks.
    """
    membership = StaffMembership.objects.select_related("akimat", "user").get(pk=membership_id)
    _lock(membership.user)
    membership.refresh_from_db(fields=["until_on"])
    today = civil_day(at)
    _may_give(akimat=membership.akimat, user=membership.user, role=Role(membership.role), by=by, on=today)
    if membership.until_on is not None and membership.until_on <= today:
        raise StaffRefused(StaffRefusal.ENDED_ALREADY)
    last = until_on or today
    if last < today:
        raise StaffRefused(StaffRefusal.IN_THE_PAST)
    was = membership.until_on
    membership.until_on = max(last, membership.from_on + timedelta(days=1))
    membership.save(update_fields=["until_on"])
    _record(membership, event="staff.role_ended", by=by, at=at, was=was.isoformat() if was else None)
    return membership


def _may_give(*, akimat: Akimat, user: User, role: Role, by: User, on: date) -> None:
    require(by, Permission.STAFF_GIVE, akimat, on)
    if user.pk == by.pk:
        raise StaffRefused(StaffRefusal.OWN_ROLE)
    region = region_of(akimat.kato)
    from_region = memberships(by, on).filter(role=Role.ADMINISTRATOR, akimat__kato=region).exists()
    if role in GIVEN_FROM_ABOVE and not from_region:
        raise StaffRefused(StaffRefusal.FROM_ABOVE)


def _give(
    *,
    akimat: Akimat,
    user: User,
    role: Role,
    from_on: date,
    until_on: date | None,
    by: User | str,
    at: datetime,
    document: Document | None = None,
    event: str = "staff.role_given",
    **data: str,
) -> StaffMembership:
    if until_on is not None and until_on <= from_on:
        raise StaffRefused(StaffRefusal.ENDS_BEFORE_IT_BEGINS)
    _lock(user)
    held = [
        membership
        for membership in _overlapping(user, from_on=from_on, until_on=until_on)
        if reaches(membership.akimat.kato, akimat.kato) or reaches(akimat.kato, membership.akimat.kato)
    ]
    if any(membership.akimat_id == akimat.pk and membership.role == role for membership in held):
        raise StaffRefused(StaffRefusal.HELD_ALREADY)
    for membership in held:
        if conflicting(frozenset({Role(membership.role), role})):
            raise StaffRefused(StaffRefusal.INCOMPATIBLE, with_role=membership.role)
    if role in BY_AN_ACT and (document is None or not document.number.strip()):
        raise StaffRefused(StaffRefusal.DOCUMENT_MISSING)
    membership = StaffMembership.objects.create(
        akimat=akimat,
        user=user,
        role=role,
        from_on=from_on,
        until_on=until_on,
        document_number=document.number.strip() if document else "",
        document_on=document.on if document else None,
    )
    _record(membership, event=event, by=by, at=at, document=membership.document, **data)
    return membership


def _lock(user: User) -> None:
    """Two roles of one person are given one after the other, each seeing the other."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)


def _overlapping(user: User, *, from_on: date, until_on: date | None) -> QuerySet[StaffMembership]:
    rows = StaffMembership.objects.filter(user=user).select_related("akimat").order_by("pk")
    rows = rows.filter(Q(until_on__isnull=True) | Q(until_on__gt=from_on))
    return rows if until_on is None else rows.filter(from_on__lt=until_on)


def _open(rows: QuerySet[StaffMembership], on: date) -> QuerySet[StaffMembership]:
    return rows.filter(Q(until_on__isnull=True) | Q(until_on__gt=on))


def _record(
    membership: StaffMembership, *, event: str, by: User | str, at: datetime, **data: str | None
) -> None:
    audit.record(
        akimat=membership.akimat,
        by=by,
        at=at,
        event=event,
        target=f"staff:{membership.user_id}",
        user=membership.user.username,
        role=membership.role,
        from_on=membership.from_on.isoformat(),
        until_on=membership.until_on.isoformat() if membership.until_on else None,
        **data,
    )
