"""
Verdicts on entries: worked out from facts and policy, kept so that lists can be filtered by them, and worked
out again where something adverse may follow.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from queue_registry.models import Assessment, PolicyVersion, QueueEntry, SourceAnswer
from queue_registry.rules import need, needs, rechecks
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.findings import Finding
from queue_registry.rules.need import Eligibility
from queue_registry.rules.policy import Policy
from queue_registry.selectors import assessments as selectors
from queue_registry.selectors import consents
from queue_registry.selectors import facts as fact_selectors
from queue_registry.selectors.assessments import Before

_BATCH: Final = 5_000


class Assessed(NamedTuple):
    """An entry judged on a day: the verdict, and what the distribution asks of the household."""

    eligibility: str
    code: str
    findings: tuple[Finding, ...]
    income_per_member: Decimal | None
    rung: str
    flags: tuple[str, ...]
    household: tuple[needs.MemberNeeds, ...]
    extra_person: int
    extra_room: bool
    mobility: bool
    low_floor: bool
    needs_accessible: bool
    accepts_smaller: dict[str, Any] | None


def assess(
    *, entries: Sequence[QueueEntry], policy_version: PolicyVersion, at: datetime
) -> dict[int, Assessed]:
    """
    Judge entries from the facts as they stand, by entry key, for the giving of homes at the moment: no
    failure rests on a stale answer or a held source, and nothing speaks for a household that was not verified
    within the policy's days. Nothing is written.

    Entries come with `akimat` and `waiting_list` selected.
    """
    cases = consents.fill_gaps(fact_selectors.cases(entries), at=at)
    judged = judge(cases=cases, policy_version=policy_version, at=at, act_at=at, gives_homes=True)
    before = _before_of_doubted(judged)
    return {key: _assessed(judgment, before.get(key), at) for key, judgment in judged.items()}


def judge(
    *,
    cases: Mapping[int, need.Case],
    policy_version: PolicyVersion,
    at: datetime,
    act_at: datetime | None = None,
    gives_homes: bool = False,
) -> dict[int, need.Judgment]:
    """Judge cases on the day of a moment, by entry key; `rules/need.py` says what an act asks besides."""
    policy, on = Policy.from_document(policy_version.document), civil_day(at)
    since = policy.verified_since(at) if gives_homes else None
    figures = need.figures_on(policy, on)
    return {
        key: need.judge(case=case, policy=policy, on=on, act_at=act_at, verified_since=since, figures=figures)
        for key, case in cases.items()
    }


def _before_of_doubted(judged: Mapping[int, need.Judgment]) -> dict[int, Before]:
    """What was said before matters only where a held source speaks."""
    doubted = [key for key, judgment in judged.items() if rechecks.doubted(judgment)]
    return selectors.get_before(doubted) if doubted else {}


def keep(*, cases: Mapping[int, need.Case], policy_version: PolicyVersion, at: datetime) -> set[str]:
    """
    Judge cases and store the verdicts as last worked out; return the sources of answers that turned against
    somebody who was eligible.
    """
    before = selectors.get_before(cases)
    judged = judge(cases=cases, policy_version=policy_version, at=at)
    rows = {
        key: _row(key, _assessed(judgment, before.get(key), at), policy_version, at)
        for key, judgment in judged.items()
    }
    turned = _turned(judged, rows, before)
    for key, row in rows.items():
        row.turned_by, row.turned_at = _mark(turned.get(key), row, before.get(key))
    _store(rows.values())
    return {source for key, (source, _) in turned.items() if rows[key].eligibility == Eligibility.INELIGIBLE}


Turn = tuple[str, datetime]


def _turned(
    judged: Mapping[int, need.Judgment], rows: Mapping[int, Assessment], before: Mapping[int, Before]
) -> dict[int, Turn]:
    """By which answer a verdict turned from eligible: the newest of those that the failure rests on."""
    against = {
        key: pairs
        for key, was in before.items()
        if was.eligible and (pairs := _pairs_against(judged[key], rows[key], was))
    }
    moments = _moments({pair for pairs in against.values() for pair in pairs})
    found = {
        key: sorted((moments[pair], pair[1]) for pair in pairs if pair in moments)
        for key, pairs in against.items()
    }
    return {key: (turns[-1][1], turns[-1][0]) for key, turns in found.items() if turns}


def _pairs_against(judgment: need.Judgment, row: Assessment, was: Before) -> tuple[tuple[int, str], ...]:
    """The answers that speak against an eligible household, (person, source), and those that are doubted."""
    failed = rechecks.failure(judgment)
    if failed is not None:
        return failed.rests_on
    if row.eligibility == Eligibility.ELIGIBLE and not was.turned_by:
        held = fact_selectors.held_sources() if (doubted := rechecks.doubted(judgment)) else ()
        return tuple(pair for found in doubted for pair in found.rests_on if pair[1] in held)
    return ()


def _moments(pairs: Collection[tuple[int, str]]) -> dict[tuple[int, str], datetime]:
    """When each current answer came, by person and source."""
    by_source: dict[str, set[int]] = defaultdict(set)
    for person, source in pairs:
        by_source[source].add(person)
    moments: dict[tuple[int, str], datetime] = {}
    for source, people in by_source.items():
        rows = SourceAnswer.objects.filter(source=source, person__in=people, superseded_at__isnull=True)
        moments |= {(person, source): at for person, at in rows.values_list("person_id", "answered_at")}
    return moments


def _mark(turn: Turn | None, row: Assessment, was: Before | None) -> tuple[str, datetime | None]:
    """What a verdict keeps of how it turned: until the household is eligible again, without a doubt."""
    if turn is not None:
        return turn
    clean = row.eligibility == Eligibility.ELIGIBLE and not any(found["held"] for found in row.findings)
    return ("", None) if clean or was is None else (was.turned_by, was.turned_at)


def _row(key: int, item: Assessed, policy_version: PolicyVersion, at: datetime) -> Assessment:
    return Assessment(
        entry_id=key,
        eligibility=item.eligibility,
        code=item.code,
        findings=[finding.as_json() for finding in item.findings],
        income_per_member=item.income_per_member,
        rung=item.rung,
        flags=list(item.flags),
        policy=policy_version,
        assessed_at=at,
    )


def _store(rows: Iterable[Assessment]) -> None:
    fields = [
        "eligibility",
        "code",
        "findings",
        "income_per_member",
        "rung",
        "flags",
        "policy",
        "assessed_at",
        "turned_by",
        "turned_at",
    ]
    Assessment.objects.bulk_create(
        rows, batch_size=_BATCH, update_conflicts=True, unique_fields=["entry"], update_fields=fields
    )


def _assessed(judgment: need.Judgment, was: Before | None, at: datetime) -> Assessed:
    kept = rechecks.stays_eligible(judgment, was_eligible=was is not None and was.eligible)
    return Assessed(
        eligibility=Eligibility.ELIGIBLE if kept else judgment.eligibility,
        code="" if kept else judgment.code,
        findings=judgment.findings,
        income_per_member=judgment.income_per_member,
        rung=judgment.rung,
        flags=judgment.flags,
        household=needs.members(judgment, civil_day(at)),
        # No source tells these yet: they come with the application's own statements.
        extra_person=0,
        extra_room=judgment.extra_room,
        mobility=False,
        low_floor=False,
        needs_accessible=False,
        accepts_smaller=None,
    )
