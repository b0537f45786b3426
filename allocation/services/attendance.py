"""
Who takes part in a sitting: attends, leaves, or declares an interest. Order of locks:
`allocation.services.offers`.

Nobody votes who does not attend. A member who declares an interest is recused from then on, and the quorum is
one of fewer members. If he had voted before, his vote stays in its row and in the trail, where it is
append-only, and is not counted: neither for the quorum nor for the majority.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from allocation.models import DepartureVote, Sitting, SittingMember, Vote
from allocation.rules.refusals import Refusal, Refused
from allocation.services import sittings, tallies
from queue_registry.models import User
from queue_registry.services import audit


@transaction.atomic
def attend(*, sitting_id: int, user_id: int, by: User, at: datetime) -> SittingMember:
    """
    Enter that a member is there: himself, or the secretary for him.

    :raises Refused: NOT_A_MEMBER, ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED, NOT_BEGUN, MANDATE_OVER,
        ALREADY_ATTENDS.
    """
    sitting, member = _seat(sitting_id, user_id)
    sittings.check_live(sitting)
    if sitting.sits_at is not None and at < sitting.sits_at:
        raise Refused(Refusal.NOT_BEGUN, sits_at=sitting.sits_at)
    sittings.check_mandate(sitting, member, at)
    if member.attended_at is not None:
        raise Refused(Refusal.ALREADY_ATTENDS)
    member.attended_at, member.attended_by = at, by
    member.save(update_fields=["attended_at", "attended_by"])
    _record(sitting, "sitting.attended", member, by=by, at=at)
    return member


@transaction.atomic
def leave(*, sitting_id: int, user_id: int, by: User, at: datetime) -> SittingMember:
    """
    Enter that a member who has not voted is gone, so that the vote does not wait for him.

    :raises Refused: NOT_A_MEMBER, ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED, NOT_ATTENDING,
        ALREADY_VOTED.
    """
    sitting, member = _seat(sitting_id, user_id)
    sittings.check_live(sitting)
    if member.attended_at is None:
        raise Refused(Refusal.NOT_ATTENDING)
    if _has_voted(member):
        raise Refused(Refusal.ALREADY_VOTED)
    member.attended_at, member.attended_by = None, None
    member.save(update_fields=["attended_at", "attended_by"])
    _record(sitting, "sitting.left", member, by=by, at=at)
    return member


@transaction.atomic
def declare(*, sitting_id: int, text: str, by: User, at: datetime) -> SittingMember:
    """
    Recuse a member by his own word: he has an interest that no register knows.

    :param text: what the interest is; printed in the protocol.
    :raises Refused: NOT_A_MEMBER, ALREADY_DECIDED, ROUND_CANCELLED, RUN_SUPERSEDED, RECUSED,
        REASON_MISSING.
    """
    sitting, member = _seat(sitting_id, by.pk)
    sittings.check_live(sitting)
    if member.recusal_ground:
        raise Refused(Refusal.RECUSED, ground=member.recusal_ground)
    text = text.strip()
    if not text:
        raise Refused(Refusal.REASON_MISSING)
    voted = _has_voted(member)
    member.recusal_ground = SittingMember.RecusalGround.DECLARED
    member.recusal_detail = {"text": text, "declared_at": at.isoformat(), "voted_before": voted}
    member.save(update_fields=["recusal_ground", "recusal_detail"])
    counted = tallies.count_votes(sitting)
    _record(
        sitting,
        "sitting.interest_declared",
        member,
        by=by,
        at=at,
        text=text,
        voted_before=voted,
        recused=counted.recused,
        needed=counted.needed,
    )
    return member


def _seat(sitting_id: int, user_id: int) -> tuple[Sitting, SittingMember]:
    sitting = sittings.lock(sitting_id)
    member = SittingMember.objects.filter(sitting=sitting, user=user_id).select_related("user").first()
    if member is None:
        raise Refused(Refusal.NOT_A_MEMBER)
    return sitting, member


def _has_voted(member: SittingMember) -> bool:
    return Vote.objects.filter(member=member).exists() or DepartureVote.objects.filter(member=member).exists()


def _record(
    sitting: Sitting, event: str, member: SittingMember, *, by: User, at: datetime, **data: Any
) -> None:
    audit.record(
        akimat=sitting.akimat,
        by=by,
        at=at,
        event=event,
        target=f"sitting:{sitting.pk}",
        member=member.user.username,
        **data,
    )
