"""
Who may do what: permissions are an enum, roles are reviewed code. The check comes before anything else.

A permission is held in one akimat, through a membership open on the day.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from queue_registry.models import Akimat, StaffMembership, User
from queue_registry.rules.roles import Role


class Permission(StrEnum):
    """One act, or one kind of looking."""

    REGISTER_VIEW = "REGISTER_VIEW"
    REGISTER_IMPORT = "REGISTER_IMPORT"
    REGISTER_CONFIRM_IMPORT = "REGISTER_CONFIRM_IMPORT"
    STOCK_VIEW = "STOCK_VIEW"
    STOCK_KEEP = "STOCK_KEEP"
    ROUND_VIEW = "ROUND_VIEW"
    ROUND_PREPARE = "ROUND_PREPARE"
    SITTING_VIEW = "SITTING_VIEW"
    SITTING_CONVENE = "SITTING_CONVENE"
    SITTING_VOTE = "SITTING_VOTE"
    SITTING_DECIDE = "SITTING_DECIDE"
    OFFER_ANSWER = "OFFER_ANSWER"
    TRAIL_VIEW = "TRAIL_VIEW"
    STAFF_VIEW = "STAFF_VIEW"


_P = Permission

ROLES: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        # Registers, digitizes, checks, keeps the stock, prepares rounds. Given by the head of the housing
        # department.
        Role.CLERK: frozenset(
            {
                _P.REGISTER_VIEW,
                _P.REGISTER_IMPORT,
                _P.STOCK_VIEW,
                _P.STOCK_KEEP,
                _P.ROUND_VIEW,
                _P.ROUND_PREPARE,
            }
            | {_P.OFFER_ANSWER}
        ),
        # The second person: confirms what a clerk prepared. Never the clerk who prepared it.
        Role.SUPERVISOR: frozenset(
            {_P.REGISTER_VIEW, _P.REGISTER_CONFIRM_IMPORT, _P.STOCK_VIEW, _P.ROUND_VIEW, _P.TRAIL_VIEW}
        ),
        # Prepares the sitting; has no vote.
        Role.SECRETARY: frozenset(
            {
                _P.REGISTER_VIEW,
                _P.STOCK_VIEW,
                _P.ROUND_VIEW,
                _P.ROUND_PREPARE,
                _P.SITTING_VIEW,
                _P.SITTING_CONVENE,
            }
        ),
        Role.MEMBER: frozenset({_P.ROUND_VIEW, _P.SITTING_VIEW, _P.SITTING_VOTE}),
        Role.CHAIR: frozenset({_P.ROUND_VIEW, _P.SITTING_VIEW, _P.SITTING_VOTE, _P.SITTING_DECIDE}),
        # Reads everything, writes nothing; the reads are recorded.
        Role.AUDITOR: frozenset(
            {_P.REGISTER_VIEW, _P.STOCK_VIEW, _P.ROUND_VIEW, _P.SITTING_VIEW, _P.TRAIL_VIEW, _P.STAFF_VIEW}
        ),
        # Users and policies; no case data.
        Role.ADMINISTRATOR: frozenset({_P.STAFF_VIEW}),
    }
)


class NotAllowed(PermissionDenied):
    """The person does not hold the permission in this akimat on this day."""

    def __init__(self, permission: Permission) -> None:
        super().__init__(f"{permission} is not held here.")
        self.permission = permission


def memberships(user: User | AnonymousUser, on: date) -> QuerySet[StaffMembership]:
    """Return the user's memberships open on the day."""
    if not isinstance(user, User) or not user.is_active:
        return StaffMembership.objects.none()
    return StaffMembership.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gt=on), user=user, from_on__lte=on
    )


def permissions_in(user: User | AnonymousUser, akimat: Akimat, on: date) -> frozenset[Permission]:
    """Return everything that the user may do in the akimat on the day."""
    roles = memberships(user, on).filter(akimat=akimat).values_list("role", flat=True)
    return frozenset(permission for role in roles for permission in ROLES[Role(role)])


def permissions_anywhere(user: User | AnonymousUser, on: date) -> frozenset[Permission]:
    """Return everything that the user may do in any akimat on the day."""
    roles = memberships(user, on).values_list("role", flat=True)
    return frozenset(permission for role in roles for permission in ROLES[Role(role)])


def has_permission(user: User | AnonymousUser, permission: Permission, akimat: Akimat, on: date) -> bool:
    """Return whether the user holds the permission in the akimat on the day."""
    return permission in permissions_in(user, akimat, on)


def require(user: User | AnonymousUser, permission: Permission, akimat: Akimat, on: date) -> None:
    """
    Pass if the user holds the permission in the akimat on the day.

    :raises NotAllowed: if not.
    """
    if not has_permission(user, permission, akimat, on):
        raise NotAllowed(permission)


def akimats_of(user: User | AnonymousUser, on: date) -> QuerySet[Akimat]:
    """Return the akimats in which the user holds any role on the day, by code."""
    return Akimat.objects.filter(pk__in=memberships(user, on).values("akimat")).order_by("kato")
