"""
Who may do what: permissions are an enum, roles are reviewed code. The check comes before anything else.

A permission is held in one akimat, through a membership open on the day. Staff of a region see every akimat
of the region, and act in none of them: of their permissions only those of looking reach down, that of
giving roles, and that of holding a state system (`REACH_DOWN`).
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
from queue_registry.rules.territory import is_region, region_of, region_prefix


class Permission(StrEnum):
    """One act, or one kind of looking."""

    REGISTER_VIEW = "REGISTER_VIEW"
    REGISTER_IMPORT = "REGISTER_IMPORT"
    REGISTER_CONFIRM_IMPORT = "REGISTER_CONFIRM_IMPORT"
    IMPORT_UNDO = "IMPORT_UNDO"
    IMPORT_DECIDE = "IMPORT_DECIDE"
    IMPORT_APPROVE = "IMPORT_APPROVE"
    MAPPING_DRAFT = "MAPPING_DRAFT"
    MAPPING_APPROVE = "MAPPING_APPROVE"
    APPLICATION_ENTER = "APPLICATION_ENTER"
    APPLICATION_DECIDE = "APPLICATION_DECIDE"
    CONSENT_KEEP = "CONSENT_KEEP"
    DATA_DISPUTE_SETTLE = "DATA_DISPUTE_SETTLE"
    DOCUMENT_VIEW = "DOCUMENT_VIEW"
    SOURCE_ANSWER_VIEW = "SOURCE_ANSWER_VIEW"
    ENTRY_MOVE = "ENTRY_MOVE"
    REMOVAL_PROPOSE = "REMOVAL_PROPOSE"
    REMOVAL_DECIDE = "REMOVAL_DECIDE"
    REDATING_PROPOSE = "REDATING_PROPOSE"
    REDATING_APPROVE = "REDATING_APPROVE"
    IIN_CHANGE_CONFIRM = "IIN_CHANGE_CONFIRM"
    IIN_CHANGE_APPROVE = "IIN_CHANGE_APPROVE"
    REVIEW_OPEN = "REVIEW_OPEN"
    REVIEW_DECIDE = "REVIEW_DECIDE"
    NOTICE_DELIVER = "NOTICE_DELIVER"
    STOCK_VIEW = "STOCK_VIEW"
    STOCK_KEEP = "STOCK_KEEP"
    ROUND_VIEW = "ROUND_VIEW"
    ROUND_PREPARE = "ROUND_PREPARE"
    WHAT_IF = "WHAT_IF"
    SITTING_VIEW = "SITTING_VIEW"
    SITTING_CONVENE = "SITTING_CONVENE"
    SITTING_VOTE = "SITTING_VOTE"
    SITTING_DECIDE = "SITTING_DECIDE"
    DECLARE_INTEREST = "DECLARE_INTEREST"
    DEPARTURE_PROPOSE = "DEPARTURE_PROPOSE"
    SIGN = "SIGN"
    AKIMAT_DECISION_ENTER = "AKIMAT_DECISION_ENTER"
    PUBLISH = "PUBLISH"
    OFFER_ANSWER = "OFFER_ANSWER"
    OFFER_WITHDRAW = "OFFER_WITHDRAW"
    TENANCY_CONCLUDE = "TENANCY_CONCLUDE"
    TENANCY_KEYS = "TENANCY_KEYS"
    TENANCY_ANNUL = "TENANCY_ANNUL"
    TRAIL_VIEW = "TRAIL_VIEW"
    FLAG_VIEW = "FLAG_VIEW"
    FLAG_CLEAR = "FLAG_CLEAR"
    IIN_EXPORT = "IIN_EXPORT"
    SWEEP_VIEW = "SWEEP_VIEW"
    SWEEP_RUN = "SWEEP_RUN"
    RECONCILE = "RECONCILE"
    RECONCILE_APPROVE = "RECONCILE_APPROVE"
    SAMPLE_DRAW = "SAMPLE_DRAW"
    SAMPLE_CHECK = "SAMPLE_CHECK"
    GATE_VIEW = "GATE_VIEW"
    GATE_PROPOSE = "GATE_PROPOSE"
    GATE_APPROVE = "GATE_APPROVE"
    STAFF_VIEW = "STAFF_VIEW"
    STAFF_GIVE = "STAFF_GIVE"
    ERASURE_VIEW = "ERASURE_VIEW"
    ERASURE_PROPOSE = "ERASURE_PROPOSE"
    ERASURE_APPROVE = "ERASURE_APPROVE"
    FACTOR_RESET_VIEW = "FACTOR_RESET_VIEW"
    FACTOR_RESET_APPROVE = "FACTOR_RESET_APPROVE"
    SOURCE_VIEW = "SOURCE_VIEW"
    SOURCE_HOLD = "SOURCE_HOLD"
    KEEPER_VIEW = "KEEPER_VIEW"
    KEEPER_PROPOSE = "KEEPER_PROPOSE"
    KEEPER_APPROVE = "KEEPER_APPROVE"
    REGISTER_EXPORT = "REGISTER_EXPORT"


_P = Permission

ROLES: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        # Registers, digitizes, checks, keeps the stock, prepares rounds. Given by the head of the housing
        # department.
        Role.CLERK: frozenset(
            {
                _P.REGISTER_VIEW,
                _P.REGISTER_IMPORT,
                _P.APPLICATION_ENTER,
                _P.APPLICATION_DECIDE,
                _P.CONSENT_KEEP,
                _P.DATA_DISPUTE_SETTLE,
                _P.DOCUMENT_VIEW,
                _P.STOCK_VIEW,
                _P.STOCK_KEEP,
                _P.ROUND_VIEW,
                _P.ROUND_PREPARE,
            }
            | {_P.OFFER_ANSWER, _P.TENANCY_CONCLUDE, _P.TENANCY_KEYS}
            | {_P.ENTRY_MOVE, _P.REMOVAL_PROPOSE, _P.REDATING_PROPOSE, _P.REVIEW_OPEN}
            | {_P.IIN_CHANGE_CONFIRM}
            | {_P.NOTICE_DELIVER}
            | {_P.SWEEP_VIEW}
            | {_P.RECONCILE, _P.SAMPLE_CHECK, _P.GATE_VIEW}
            | {_P.ERASURE_VIEW, _P.ERASURE_PROPOSE}
            | {_P.IMPORT_DECIDE}
            | {_P.MAPPING_DRAFT}
        ),
        # The second person: confirms what a clerk prepared. Never the clerk who prepared it.
        Role.SUPERVISOR: frozenset(
            {_P.REGISTER_VIEW, _P.REGISTER_CONFIRM_IMPORT, _P.STOCK_VIEW, _P.ROUND_VIEW, _P.TRAIL_VIEW}
            | {_P.APPLICATION_DECIDE, _P.DOCUMENT_VIEW}
            | {_P.IMPORT_UNDO}
            | {_P.REMOVAL_DECIDE, _P.REDATING_APPROVE, _P.REVIEW_DECIDE}
            | {_P.IIN_CHANGE_APPROVE}
            | {_P.FLAG_VIEW, _P.FLAG_CLEAR}
            | {_P.SWEEP_VIEW, _P.SWEEP_RUN}
            | {_P.IMPORT_APPROVE, _P.MAPPING_APPROVE}
            | {_P.RECONCILE_APPROVE, _P.SAMPLE_DRAW, _P.GATE_VIEW, _P.GATE_PROPOSE}
            | {_P.SOURCE_VIEW}
            | {_P.AKIMAT_DECISION_ENTER, _P.OFFER_WITHDRAW, _P.TENANCY_ANNUL}
            | {_P.KEEPER_VIEW, _P.KEEPER_APPROVE}
            | {_P.FACTOR_RESET_VIEW, _P.FACTOR_RESET_APPROVE}
            | {_P.ERASURE_VIEW, _P.ERASURE_APPROVE}
        ),
        # Prepares the sitting; has no vote.
        Role.SECRETARY: frozenset(
            {
                _P.REGISTER_VIEW,
                _P.STOCK_VIEW,
                _P.ROUND_VIEW,
                _P.ROUND_PREPARE,
                _P.WHAT_IF,
                _P.SITTING_VIEW,
                _P.SITTING_CONVENE,
                _P.DEPARTURE_PROPOSE,
                _P.SWEEP_VIEW,
                _P.MAPPING_APPROVE,
                _P.GATE_VIEW,
                _P.PUBLISH,
            }
        ),
        # Any member may come to preside at a sitting, and then closes its vote.
        Role.MEMBER: frozenset(
            {_P.ROUND_VIEW, _P.WHAT_IF, _P.SITTING_VIEW, _P.SITTING_VOTE, _P.SITTING_DECIDE}
            | {_P.DECLARE_INTEREST, _P.SIGN}
        ),
        Role.CHAIR: frozenset(
            {_P.ROUND_VIEW, _P.WHAT_IF, _P.SITTING_VIEW, _P.SITTING_VOTE, _P.SITTING_DECIDE}
            | {_P.DECLARE_INTEREST, _P.GATE_APPROVE, _P.SIGN}
        ),
        # Reads everything, writes nothing; the reads are recorded.
        Role.AUDITOR: frozenset(
            {_P.REGISTER_VIEW, _P.STOCK_VIEW, _P.ROUND_VIEW, _P.SITTING_VIEW, _P.TRAIL_VIEW, _P.STAFF_VIEW}
            | {_P.SWEEP_VIEW}
            | {_P.IIN_EXPORT, _P.DOCUMENT_VIEW, _P.SOURCE_ANSWER_VIEW, _P.SOURCE_VIEW, _P.FLAG_VIEW}
            | {_P.GATE_VIEW, _P.ERASURE_VIEW, _P.KEEPER_VIEW}
        ),
        # Users, policies, the state systems' health, and the queue as files when another keeper gets it; no
        # page with case data.
        Role.ADMINISTRATOR: frozenset(
            {_P.STAFF_VIEW, _P.STAFF_GIVE, _P.SOURCE_VIEW, _P.SOURCE_HOLD}
            | {_P.FACTOR_RESET_VIEW, _P.FACTOR_RESET_APPROVE}
            | {_P.KEEPER_VIEW, _P.KEEPER_PROPOSE, _P.REGISTER_EXPORT}
        ),
    }
)

# What staff of a region may do in the akimats of the region: look, and its administrator gives roles there.
REACH_DOWN: Final = frozenset(permission for permission in Permission if permission.endswith("_VIEW")) | {
    _P.STAFF_GIVE,
    # A state system is of no akimat.
    _P.SOURCE_HOLD,
}


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
    region = region_of(akimat.kato)
    rows = memberships(user, on).filter(akimat__kato__in={akimat.kato, region})
    held: set[Permission] = set()
    for role, kato in rows.values_list("role", "akimat__kato"):
        held |= ROLES[Role(role)] if kato == akimat.kato else ROLES[Role(role)] & REACH_DOWN
    return frozenset(held)


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
    """Return the akimats that the user sees on the day, by code: those of a role, and of a region's role."""
    return _reached(memberships(user, on))


def akimats_with(user: User | AnonymousUser, permission: Permission, on: date) -> QuerySet[Akimat]:
    """Return the akimats in which the user holds the permission on the day, by code."""
    roles = [role for role, held in ROLES.items() if permission in held]
    rows = memberships(user, on).filter(role__in=roles)
    if permission in REACH_DOWN:
        return _reached(rows)
    return Akimat.objects.filter(pk__in=rows.values("akimat")).order_by("kato")


def _reached(rows: QuerySet[StaffMembership]) -> QuerySet[Akimat]:
    katos = set(rows.values_list("akimat__kato", flat=True))
    seen = Q(kato__in=katos)
    for kato in katos:
        if is_region(kato):
            seen |= Q(kato__startswith=region_prefix(kato))
    return Akimat.objects.filter(seen).order_by("kato")
