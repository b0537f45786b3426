"""
Sittings of the housing commission on one run: who sits, who is recused, when and where.

Convening names members and agenda; until somebody attends, time, place and agenda can be announced anew.
Order of locks: `allocation.services.offers`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from allocation import engine_io
from allocation.models import Decision, Sitting, SittingMember
from allocation.rules.refusals import Refusal, Refused
from allocation.services import conflicts, runs
from queue_registry.models import Akimat, StaffMembership, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy
from queue_registry.rules.roles import Role
from queue_registry.services import audit

_VOTING = (Role.MEMBER, Role.CHAIR)


@transaction.atomic
def convene(
    *,
    run_id: int,
    by: User,
    at: datetime,
    sits_at: datetime | None = None,
    place: str = "",
    agenda: Sequence[str] = (),
) -> Sitting:
    """
    Convene the commission on an executed run: all members with a mandate today, the share of a quorum copied
    from the policy, members with an interest recused.

    :param sits_at: when it sits; None: as announced with the round's seal, else at once.
    :param agenda: points beside the round.
    :raises Refused: ROUND_CANCELLED, RUN_SUPERSEDED, RUN_NOT_EXECUTED, SITTING_EXISTS, COMMISSION_SIZE,
        CHAIR_MISSING.
    """
    run = runs.lock_current(run_id)
    if run.executed_at is None:
        raise Refused(Refusal.RUN_NOT_EXECUTED)
    if Sitting.objects.filter(run=run).exists():
        raise Refused(Refusal.SITTING_EXISTS)
    policy = Policy.from_document(run.round.policy.document)
    seats = _seats(run.round.akimat, civil_day(at))
    _check_commission(seats, policy)
    file_numbers = {row["file_no"] for row in engine_io.parsed(run.round.input)["entries"]}
    sitting = Sitting.objects.create(
        akimat=run.round.akimat,
        run=run,
        number=_next_number(run.round.akimat),
        convened_at=at,
        convened_by=by,
        sits_at=max(at, sits_at or run.round.sitting_planned_at or at),
        place=place,
        agenda=list(agenda),
        preparers=conflicts.of_preparers(run, secretary=by, file_numbers=file_numbers, on=civil_day(at)),
        quorum_numerator=policy.quorum.numerator,
        quorum_denominator=policy.quorum.denominator,
    )
    members = _seat(sitting, seats, file_numbers, on=civil_day(at))
    _record(
        sitting,
        "sitting.convened",
        by=by,
        at=at,
        number=sitting.number,
        round=run.round.number,
        result_sha256=run.result_sha256,
        quorum=str(policy.quorum),
        members=[_member_record(member) for member in members],
        preparers=sitting.preparers,
        **_invitation(sitting),
    )
    return sitting


@transaction.atomic
def announce(
    *, sitting_id: int, sits_at: datetime, place: str, agenda: Sequence[str], by: User, at: datetime
) -> Sitting:
    """
    Say when and where the commission sits and on what beside the round: its members' invitation.

    :raises Refused: ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED, HAS_BEGUN.
    """
    sitting = lock(sitting_id)
    check_live(sitting)
    if sitting.members.filter(attended_at__isnull=False).exists():
        raise Refused(Refusal.HAS_BEGUN)
    sitting.sits_at, sitting.place, sitting.agenda = max(at, sits_at), place, list(agenda)
    sitting.save(update_fields=["sits_at", "place", "agenda"])
    _record(sitting, "sitting.announced", by=by, at=at, **_invitation(sitting))
    return sitting


def lock(sitting_id: int) -> Sitting:
    """Lock a sitting inside the caller's transaction; it comes before its round in the order of locks."""
    return (
        Sitting.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "run__round__policy", "run__round__akimat")
        .get(pk=sitting_id)
    )


def check_live(sitting: Sitting) -> None:
    """
    Pass if the sitting is on a current run and nothing is decided yet.

    :raises Refused: ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED.
    """
    if Decision.objects.filter(sitting=sitting).exists():
        raise Refused(Refusal.ALREADY_DECIDED)
    if sitting.run.round.cancelled_at is not None:
        raise Refused(Refusal.ROUND_CANCELLED)
    if sitting.run.superseded_at is not None:
        raise Refused(Refusal.RUN_SUPERSEDED)


def seat_of(sitting: Sitting, user: User) -> SittingMember:
    """Return a person's seat at a sitting. :raises Refused: NOT_A_MEMBER."""
    member = SittingMember.objects.filter(sitting=sitting, user=user).first()
    if member is None:
        raise Refused(Refusal.NOT_A_MEMBER)
    return member


def check_may_vote(sitting: Sitting, member: SittingMember, at: datetime) -> None:
    """
    Pass if a member may vote now.

    :raises Refused: RECUSED, MANDATE_OVER, NOT_ATTENDING.
    """
    if member.recusal_ground:
        raise Refused(Refusal.RECUSED, ground=member.recusal_ground)
    check_mandate(sitting, member, at)
    if member.attended_at is None:
        raise Refused(Refusal.NOT_ATTENDING)


def check_mandate(sitting: Sitting, member: SittingMember, at: datetime) -> None:
    """Pass if a member holds a mandate of the commission on the day. :raises Refused: MANDATE_OVER."""
    if not _mandates(sitting.akimat, civil_day(at)).filter(user=member.user_id).exists():
        raise Refused(Refusal.MANDATE_OVER)


def _mandates(akimat: Akimat, on: date) -> QuerySet[StaffMembership]:
    return StaffMembership.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gt=on), akimat=akimat, role__in=_VOTING, from_on__lte=on
    )


def _seats(akimat: Akimat, on: date) -> list[StaffMembership]:
    """Mandates open on the day, the chair's first, one a person."""
    rows = _mandates(akimat, on).filter(user__is_active=True)
    return list(rows.select_related("user").order_by("role", "user__username", "pk"))


def _check_commission(seats: list[StaffMembership], policy: Policy) -> None:
    chairs = sum(seat.role == Role.CHAIR for seat in seats)
    if chairs != 1:
        raise Refused(Refusal.CHAIR_MISSING, chairs=chairs)
    if not policy.commission_min <= len(seats) <= policy.commission_max:
        raise Refused(
            Refusal.COMMISSION_SIZE,
            members=len(seats),
            least=policy.commission_min,
            most=policy.commission_max,
        )


def _next_number(akimat: Akimat) -> int:
    Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    last = Sitting.objects.filter(akimat=akimat).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _seat(
    sitting: Sitting, seats: list[StaffMembership], file_numbers: set[str], *, on: date
) -> list[SittingMember]:
    interests = conflicts.find(
        run=sitting.run, users=[seat.user for seat in seats], file_numbers=file_numbers, on=on
    )
    return SittingMember.objects.bulk_create(
        SittingMember(
            sitting=sitting,
            user=seat.user,
            is_chair=seat.role == Role.CHAIR,
            recusal_ground=interests[seat.user_id].ground,
            recusal_detail=dict(interests[seat.user_id].detail),
            family_known=interests[seat.user_id].family_known,
            mandate_from=seat.from_on,
            mandate_until=seat.until_on,
            mandate_document=seat.document,
        )
        for seat in seats
    )


def _member_record(member: SittingMember) -> dict[str, object]:
    return {
        "user": member.user.username,
        "chair": member.is_chair,
        "recused": member.recusal_ground,
        "detail": member.recusal_detail,
        "family_known": member.family_known,
        "mandate": member.mandate_document,
    }


def _invitation(sitting: Sitting) -> dict[str, Any]:
    return {
        "sits_at": sitting.sits_at.isoformat() if sitting.sits_at else "",
        "place": sitting.place,
        "agenda": sitting.agenda,
    }


def _record(sitting: Sitting, event: str, *, by: User, at: datetime, **data: Any) -> None:
    audit.record(akimat=sitting.akimat, by=by, at=at, event=event, target=f"sitting:{sitting.pk}", **data)
