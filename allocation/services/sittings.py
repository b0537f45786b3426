"""
Sittings of the housing commission on one run: who sits, who is recused, how many make a quorum.

Order of locks: `allocation.services.offers`.
"""

from datetime import date, datetime
from fractions import Fraction

from django.db import transaction
from django.db.models import Max, Q

from allocation import engine_io
from allocation.models import AllocationRun, Sitting, SittingMember
from allocation.rules.quorum import Ballot, Choice, Tally, tally
from allocation.rules.refusals import Refusal, Refused
from allocation.services import conflicts, runs
from queue_registry.models import Akimat, StaffMembership, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy
from queue_registry.rules.roles import Role
from queue_registry.services import audit

_VOTING = (Role.MEMBER, Role.CHAIR)


@transaction.atomic
def convene(*, run_id: int, by: User, at: datetime) -> Sitting:
    """
    Convene the commission on an executed run: all members with a mandate today, the share of a quorum copied
    from the policy, members with an interest recused.

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
    sitting = Sitting.objects.create(
        akimat=run.round.akimat,
        run=run,
        number=_next_number(run.round.akimat),
        convened_at=at,
        convened_by=by,
        quorum_numerator=policy.quorum.numerator,
        quorum_denominator=policy.quorum.denominator,
    )
    members = _seat(sitting, run, seats, on=civil_day(at))
    audit.record(
        akimat=run.round.akimat,
        by=by,
        at=at,
        event="sitting.convened",
        target=f"sitting:{sitting.pk}",
        number=sitting.number,
        round=run.round.number,
        result_sha256=run.result_sha256,
        quorum=str(policy.quorum),
        members=[_member_record(member) for member in members],
    )
    return sitting


def lock(sitting_id: int) -> Sitting:
    """Lock a sitting inside the caller's transaction; it comes before its round in the order of locks."""
    return (
        Sitting.objects.select_for_update(of=("self",), no_key=True)
        .select_related("akimat", "run__round__policy", "run__round__akimat")
        .get(pk=sitting_id)
    )


def count_votes(sitting: Sitting) -> Tally:
    """Return the arithmetic of the votes cast so far, in the caller's view of the rows."""
    members = list(sitting.members.select_related("vote"))
    ballots = [
        Ballot(choice=Choice(member.vote.choice), is_chair=member.is_chair)
        for member in members
        if hasattr(member, "vote")
    ]
    return tally(
        entitled=len(members),
        recused=sum(bool(member.recusal_ground) for member in members),
        quorum=Fraction(sitting.quorum_numerator, sitting.quorum_denominator),
        ballots=ballots,
    )


def _seats(akimat: Akimat, on: date) -> list[StaffMembership]:
    """Mandates open on the day, the chair's first, one a person."""
    rows = StaffMembership.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gt=on),
        akimat=akimat,
        role__in=_VOTING,
        from_on__lte=on,
        user__is_active=True,
    )
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
    sitting: Sitting, run: AllocationRun, seats: list[StaffMembership], *, on: date
) -> list[SittingMember]:
    frozen = engine_io.parsed(run.round.input)
    interests = conflicts.find(
        akimat=sitting.akimat,
        users=[seat.user for seat in seats],
        file_numbers={row["file_no"] for row in frozen["entries"]},
        on=on,
    )
    return SittingMember.objects.bulk_create(
        SittingMember(
            sitting=sitting,
            user=seat.user,
            is_chair=seat.role == Role.CHAIR,
            recusal_ground=interests[seat.user_id].ground,
            recusal_detail=dict(interests[seat.user_id].detail),
            family_known=interests[seat.user_id].family_known,
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
    }
