"""
Applications of old lists that may be one person's: proposed by a search, decided by a person, never joined
by the machine.

What is decided stays: of two applications found to be two people's nothing is asked again, and a newer
application asks only about itself. The same person's are led together by the ledger, through a decision on
the row's number like any other.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from queue_registry.models import Akimat, Application, ApplicationDocument, MatchGroup, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.iin import is_iin
from queue_registry.rules.intakes import LARGEST_SCAN, scan_type
from queue_registry.rules.legacy.codes import FAILS_IDENTITY, Code
from queue_registry.rules.legacy.match_refusals import MatchRefusal, require
from queue_registry.rules.legacy.matching import Group, find_groups
from queue_registry.rules.legacy.mentions import Pair
from queue_registry.selectors import import_decisions as open_questions
from queue_registry.selectors import matches as selectors
from queue_registry.services import audit, import_decisions, scans, settlements

BY: Final = "matches"
_LONGEST_REASON: Final = 500
_Members = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """How many groups a search proposed, found again, and did not find any more."""

    proposed: int
    kept: int
    gone: int


@transaction.atomic
def search(*, akimat: Akimat, at: datetime) -> Searched:
    """
    Propose the groups of an akimat's old lists as they are now.

    An open group keeps its row while its members are the same; with another member a new one replaces it.
    One that is not found any more is gone.
    """
    mentions = selectors.list_mentions(akimat, on=civil_day(at))
    found = find_groups(mentions, apart=selectors.pairs_apart(akimat))
    # Comparing takes long and changes nothing: only what is written down is done under the lock.
    locked = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat.pk)
    groups = _still_apart(found.groups)
    standing: dict[_Members, MatchGroup] = {
        tuple(row.members): row for row in selectors.list_standing(locked)
    }
    kept = [group for group in groups if _stands_open(standing.get(group.members))]
    for group in kept:
        _renew(standing[group.members], group)
    proposed = [
        _propose(locked, group, standing, at=at)
        for group in groups
        if not _stands_open(standing.get(group.members))
    ]
    gone = _let_go(standing.values(), found={group.members for group in groups}, at=at)
    acts = [_act("proposed", row) for row in proposed] + [_act("gone", row) for row in gone]
    searched = audit.Act(
        event=selectors.SEARCHED,
        target=f"akimat:{locked.kato}",
        data={
            "proposed": len(proposed),
            "kept": len(kept),
            "gone": len(gone),
            "too_common_to_tell": found.crowded,
        },
    )
    audit.record_many(akimat=locked, by=BY, at=at, acts=[*acts, searched])
    return Searched(proposed=len(proposed), kept=len(kept), gone=len(gone))


def _still_apart(groups: Collection[Group]) -> list[Group]:
    """Leave out groups of which a member was joined while they were searched for; the next search sees it."""
    keys = {key for group in groups for key in group.members}
    joined = Application.objects.filter(pk__in=keys, joined_into__isnull=False)
    moved = set(joined.values_list("pk", flat=True))
    return [group for group in groups if moved.isdisjoint(group.members)]


def _stands_open(row: MatchGroup | None) -> bool:
    return row is not None and row.is_open


def _renew(row: MatchGroup, group: Group) -> None:
    reasons = _reasons(group.pairs)
    if row.reasons != reasons:
        row.reasons = reasons
        row.save(update_fields=["reasons"])


def _propose(
    akimat: Akimat, group: Group, standing: Mapping[_Members, MatchGroup], *, at: datetime
) -> MatchGroup:
    """Write a new group down; what it replaces is an open group that shares a member, or a part of it."""
    members = set(group.members)
    replaced = [
        row
        for row in standing.values()
        if row.superseded_by_id is None
        and (not members.isdisjoint(row.members) if not row.outcome else members >= set(row.members))
    ]
    return _replace(replaced, _row(akimat, group.members, group.pairs, at=at), at=at)


def _row(akimat: Akimat, members: _Members, pairs: Iterable[Pair], *, at: datetime) -> MatchGroup:
    return MatchGroup(akimat=akimat, members=list(members), reasons=_reasons(pairs), proposed_at=at)


def _replace(replaced: Collection[MatchGroup], row: MatchGroup, *, at: datetime) -> MatchGroup:
    """Store a group in place of others; these go first, because one group stands for the same members."""
    _go(replaced, at=at)
    row.save()
    for one in replaced:
        one.superseded_by, one.gone_at = row, None
    MatchGroup.objects.bulk_update(replaced, ["superseded_by", "gone_at"])
    return row


def _go(rows: Collection[MatchGroup], *, at: datetime) -> None:
    for one in rows:
        one.gone_at = at
    MatchGroup.objects.bulk_update(rows, ["gone_at"])


def _let_go(rows: Iterable[MatchGroup], *, found: Collection[_Members], at: datetime) -> list[MatchGroup]:
    gone = [row for row in rows if row.is_open and tuple(row.members) not in found]
    _go(gone, at=at)
    return gone


def _reasons(pairs: Iterable[Pair]) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in asdict(pair).items()} for pair in pairs]


def _plain(value: object) -> object:
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


@transaction.atomic
def decide(
    *,
    group_id: int,
    outcome: MatchGroup.Outcome,
    members: Collection[int],
    document: str,
    scan: bytes = b"",
    iin: str = "",
    by: User,
    at: datetime,
) -> MatchGroup:
    """
    Say of applications of an open group that they are one person's, or different people's.

    Of those that are not chosen a new search asks again. The same form sent twice finds its work done.

    :param members: keys of the applications that are decided on, at least two of the group.
    :param scan: of the document, where there is one; it is kept with the applications.
    :param iin: whose they are by the document, where the population register knows none of them.
    :raises MatchRefused: with the code of what is missing or changed.
    :raises DecisionRefused: if a row's number is not to be decided as the group says.
    """
    akimat_id = MatchGroup.objects.values_list("akimat_id", flat=True).get(pk=group_id)
    akimat = Akimat.objects.select_for_update(of=("self",), no_key=True).get(pk=akimat_id)
    group = MatchGroup.objects.get(pk=group_id)
    chosen = tuple(sorted(set(members)))
    if (group.outcome, group.document, tuple(group.members)) == (outcome, document.strip(), chosen):
        return group
    require(group.is_open, MatchRefusal.GROUP_CLOSED)
    require(document.strip(), MatchRefusal.DOCUMENT_MISSING)
    require(len(scan) <= LARGEST_SCAN, MatchRefusal.SCAN_TOO_LARGE)
    require(not scan or scan_type(scan) is not None, MatchRefusal.SCAN_NOT_READABLE)
    require(len(chosen) > 1 and set(chosen) <= set(group.members), MatchRefusal.TWO_NEEDED)
    applications = _applications(chosen)
    if outcome == MatchGroup.Outcome.SAME:
        kept = _lead_together(applications, document=document, scan=scan, iin=iin.strip(), by=by, at=at)
    else:
        kept = scans.keep(applications[0], title=document.strip(), content=scan, by=by, at=at)
    decided = group if chosen == tuple(group.members) else _part(akimat, group, chosen, at=at)
    decided.outcome, decided.document = outcome, document.strip()
    decided.scan, decided.decided_by, decided.decided_at = kept, by, at
    decided.save(update_fields=["outcome", "document", "scan", "decided_by", "decided_at"])
    if decided != group:
        settlements.request(akimat, at=at)
    act = _act("decided", decided, outcome=str(outcome), document=decided.document)
    audit.record_many(akimat=akimat, by=by, at=at, acts=[act])
    return decided


def _applications(keys: _Members) -> list[Application]:
    found = Application.objects.filter(pk__in=keys, joined_into__isnull=True).select_related("applicant")
    applications = list(found.order_by("pk"))
    require(len(applications) == len(keys), MatchRefusal.CHANGED_MEANWHILE)
    return applications


def _lead_together(
    applications: Collection[Application], *, document: str, scan: bytes, iin: str, by: User, at: datetime
) -> ApplicationDocument | None:
    """
    Decide of each row without a known person that its IIN is the one of the other, or of the document; return
    the scan, of which each of their files has its own.
    """
    known = {one.applicant.iin for one in applications if one.applicant is not None}
    require(len(known) < 2, MatchRefusal.TWO_PEOPLE)
    whose = next(iter(known), iin)
    require(whose, MatchRefusal.IIN_NEEDED)
    require(is_iin(whose), MatchRefusal.NOT_AN_IIN)
    others = sorted(one.file_number for one in applications)
    kept = None
    for application in applications:
        if application.applicant is not None:
            continue
        codes = FAILS_IDENTITY.intersection(map(Code, open_questions.open_codes_of(application)))
        require(codes, MatchRefusal.CHANGED_MEANWHILE)
        decision = import_decisions.decide(
            application_id=application.pk,
            answer=import_decisions.Answer(
                code=min(codes),
                value={"iin": whose},
                reason=f"One person's applications: {', '.join(others)}"[:_LONGEST_REASON],
                document=document,
                scan=scan,
            ),
            by=by,
            at=at,
        )
        kept = kept or decision.scan
    return kept


def _part(akimat: Akimat, group: MatchGroup, members: _Members, *, at: datetime) -> MatchGroup:
    """Set a part of a group down as one of its own, which replaces it."""
    standing = selectors.list_standing(akimat).filter(members=list(members))
    row = MatchGroup(
        akimat=akimat,
        members=list(members),
        reasons=[one for one in group.reasons if set(one["keys"]) <= set(members)],
        proposed_at=at,
    )
    return _replace([group, *standing], row, at=at)


def _act(what: str, row: MatchGroup, **data: Any) -> audit.Act:
    numbers = Application.objects.filter(pk__in=row.members).order_by("running_number")
    return audit.Act(
        event=f"match_group.{what}",
        target=f"match_group:{row.pk}",
        data={"file_numbers": list(numbers.values_list("file_number", flat=True)), **data},
    )
