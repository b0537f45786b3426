"""
Who of the commission, or of those who prepared the round, has an interest in it, by the registers' own data:
the system recuses members, nobody is asked. What no register knows a member declares himself
(`allocation.services.attendance.declare`).

Grounds, the first that holds: the member is a candidate or lives in a candidate's household; the member is a
relative up to the second degree of one (spouse, parent, child: one degree each); the member entered, imported
or re-dated a candidate's record, or proposed to; the member opened, froze or ran this round, as whoever was
clerk or secretary then may have. Candidates are all entries of the frozen list, served or not.

Clerks who opened, froze or ran the round, and the secretary, have no vote to lose: an interest of theirs by
kinship is named on the desk, in the trail and in the protocol before anybody votes (ours: in a small town a
clerk without a relative on the lists may not be found, and the machine computes the order).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import Q

from allocation.models import AllocationRun, SittingMember
from queue_registry.models import (
    Akimat,
    Application,
    Fact,
    QueueEntryEvent,
    RegistrationChange,
    SourceAnswer,
    User,
)
from queue_registry.rules.facts import CONFIRMED, Source

DEGREES: Final = 2  # ours; the Law on Combating Corruption art 14 speaks of close relatives
_SHOWN: Final = 5
_ENTERED: Final = (QueueEntryEvent.Kind.REGISTERED, QueueEntryEvent.Kind.REGISTERED_AT_CHANGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """
    What was found of one member; an empty ground: nothing. `family_known` is False if the civil acts never
    spoke of the member, so that relatives can't be told.
    """

    ground: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    family_known: bool = False


def find(
    *,
    run: AllocationRun,
    users: Collection[User],
    file_numbers: Collection[str],
    on: date,
) -> dict[int, Interest]:
    """
    Return the interest of each user in the candidates of a run, with these file numbers, by user key.

    `detail` has the first few file numbers concerned, for relatives also the degree.
    """
    candidates = frozenset(file_numbers)
    prepared = {user.pk: done for user, done in _acts(run).items()}
    return {user.pk: _of(user, run.round.akimat, candidates, prepared.get(user.pk), on) for user in users}


def of_preparers(
    run: AllocationRun, *, secretary: User, file_numbers: Collection[str], on: date
) -> list[dict[str, Any]]:
    """
    Return everybody who prepared a run with what was done and the interest by kinship, if any, as the sitting
    keeps it: {"user", "acts", "ground", "detail", "family_known"}.
    """
    candidates = frozenset(file_numbers)
    acts = _acts(run)
    acts.setdefault(secretary, []).append("CONVENED")
    found = [(user, done, _by_kinship(user, run.round.akimat, candidates, on)) for user, done in acts.items()]
    return [
        {
            "user": user.username,
            "acts": done,
            "ground": str(interest.ground),
            "detail": dict(interest.detail),
            "family_known": interest.family_known,
        }
        for user, done, interest in found
    ]


def _acts(run: AllocationRun) -> dict[User, list[str]]:
    """Who did what until the run stood."""
    acts: dict[User, list[str]] = {}
    for user, act in (
        (run.round.opened_by, "OPENED"),
        (run.round.frozen_by, "FROZEN"),
        (run.requested_by, "RUN"),
    ):
        if user is not None:
            acts.setdefault(user, []).append(act)
    return acts


def _of(
    user: User, akimat: Akimat, candidates: frozenset[str], prepared: list[str] | None, on: date
) -> Interest:
    interest = _by_kinship(user, akimat, candidates, on)
    if interest.ground:
        return interest
    handled = sorted(_handled_by(user, akimat) & candidates)
    if handled:
        return Interest(
            ground=SittingMember.RecusalGround.HANDLED_RECORD,
            detail=_detail(handled),
            family_known=interest.family_known,
        )
    if prepared:
        return Interest(
            ground=SittingMember.RecusalGround.PREPARED_ROUND,
            detail={"acts": prepared},
            family_known=interest.family_known,
        )
    return interest


def _by_kinship(user: User, akimat: Akimat, candidates: frozenset[str], on: date) -> Interest:
    known = _family_known(user)
    for degree, people in enumerate(_circles(user, on)):
        found = sorted(_file_numbers_of(people, akimat) & candidates)
        if found and degree == 0:
            return Interest(
                ground=SittingMember.RecusalGround.CANDIDATE, detail=_detail(found), family_known=known
            )
        if found:
            return Interest(
                ground=SittingMember.RecusalGround.RELATIVE,
                detail={**_detail(found), "degree": degree},
                family_known=known,
            )
    return Interest(family_known=known)


def _detail(file_numbers: list[str]) -> dict[str, Any]:
    return {"file_numbers": file_numbers[:_SHOWN], "count": len(file_numbers)}


def _family_known(user: User) -> bool:
    return (
        user.person_id is not None
        and SourceAnswer.objects.filter(
            person=user.person_id,
            source=Source.ZAGS,
            outcome__in=list(CONFIRMED),
            superseded_at__isnull=True,
        ).exists()
    )


def _circles(user: User, on: date) -> list[set[int]]:
    """Keys of people by degree of kinship to the user: the user, then one degree further each time."""
    if user.person_id is None:
        return []
    circles: list[set[int]] = [{user.person_id}]
    seen = {user.person_id}
    for _ in range(DEGREES):
        circles.append(_kin_of(circles[-1], on) - seen)
        seen |= circles[-1]
    return circles


def _kin_of(people: set[int], on: date) -> set[int]:
    """Everybody whom a current fact ties to one of the people, whichever of the two it was said of."""
    rows = Fact.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=on),
        Q(person__in=people) | Q(relative__in=people),
        kind="KINSHIP",
        answer__superseded_at__isnull=True,
    )
    return {key for pair in rows.values_list("person_id", "relative_id") for key in pair if key is not None}


def _file_numbers_of(people: set[int], akimat: Akimat) -> set[str]:
    """File numbers of the households in which one of the people is the applicant or a named member."""
    rows = Application.objects.filter(
        Q(applicant__in=people) | Q(members__person__in=people, members__until_on__isnull=True),
        akimat=akimat,
    )
    return set(rows.values_list("file_number", flat=True))


def _handled_by(user: User, akimat: Akimat) -> set[str]:
    by_hand = Q(entered_by=user) | Q(import_rows__batch__imported_by=user)
    entered = Application.objects.filter(by_hand, akimat=akimat).values_list("file_number", flat=True)
    moved = QueueEntryEvent.objects.filter(entry__akimat=akimat, by=user, kind__in=_ENTERED)
    proposed = RegistrationChange.objects.filter(
        entry__akimat=akimat, proposed_by=user, approved_at__isnull=False
    )
    return set(entered).union(
        *(rows.values_list("entry__file_number", flat=True) for rows in (moved, proposed))
    )
