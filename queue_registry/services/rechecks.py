"""
What a recheck sees against a household: looked at twice, then proposed as a removal, or held for a person.

Nothing here decides anything. A first look asks the same questions once more (`looks`); when they are
answered, a second look confirms what was seen, and a case is opened, or refutes it. Whatever stands in the
way of a case leaves the finding HELD, for a person to settle, or until it goes (`held_findings`).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from queue_registry.models import QueueEntry, RecheckFinding, Sweep, User
from queue_registry.rules import rechecks as rules
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.case import Case
from queue_registry.rules.findings import Finding
from queue_registry.rules.move_refusals import MoveRefusal, MoveRefused, require
from queue_registry.rules.need import Judgment
from queue_registry.selectors import consents, moves
from queue_registry.selectors import facts as fact_selectors
from queue_registry.selectors import rechecks as selectors
from queue_registry.services import assessments, audit, looks, policies, queue_entries, removals

BY: Final = "rechecks"
"""Whose name an act of the clock bears in the trail."""

_State = RecheckFinding.State


@transaction.atomic
def see(*, entries: Sequence[QueueEntry], sweep: Sweep | None, at: datetime) -> list[RecheckFinding]:
    """
    Look at entries that a recheck is done with; return what was found against them for the first time.

    What is known of an entry, or rests on an answer that was looked at before, makes no second finding.
    Entries come with `akimat` and `waiting_list` selected.
    """
    cases, judged = judge(entries, at)
    against = {key: found for key, one in judged.items() if (found := rules.failure(one)) is not None}
    queue_entries.lock_entries(against)
    plans = looks.plan({key: (cases[key], found) for key, found in against.items()}, at=at)
    plans = selectors.leave_out_known(plans)
    asked = looks.ask(plans.values(), at=at)
    by_key = {entry.pk: entry for entry in entries}
    rows = [
        RecheckFinding(
            entry=by_key[key],
            sweep=sweep,
            code=plan.code,
            source=plan.source,
            detail=plan.detail(asked),
            first_answer_id=plan.first,
            state=_State.SECOND_LOOK,
            seen_at=at,
        )
        for key, plan in sorted(plans.items())
    ]
    made = RecheckFinding.objects.bulk_create(rows)
    record_many(made, "seen", by=BY, at=at)
    return made


def judge(
    entries: Sequence[QueueEntry], at: datetime, *, acting: bool = True
) -> tuple[dict[int, Case], dict[int, Judgment]]:
    """
    Return what is known of entries and what it comes to: on which something adverse may rest now, or without
    `acting` whatever the systems said last, be it stale.
    """
    by_akimat = defaultdict(list)
    for entry in entries:
        by_akimat[entry.akimat].append(entry)
    cases: dict[int, Case] = {}
    judged: dict[int, Judgment] = {}
    for akimat, rows in by_akimat.items():
        version = policies.policy_in_force(akimat=akimat, on=civil_day(at))
        known = consents.fill_gaps(fact_selectors.cases(rows), at=at)
        cases |= known
        judged |= assessments.judge(cases=known, policy_version=version, at=at, act_at=at if acting else None)
    return cases, judged


@transaction.atomic
def conclude(*, finding_id: int, at: datetime) -> RecheckFinding:
    """
    Take the second look at a finding whose questions are closed: propose a removal, hold it, or drop it.

    Done once, however many workers try.
    """
    entry_id = RecheckFinding.objects.values_list("entry_id", flat=True).get(pk=finding_id)
    entry = queue_entries.lock_as_seen(entry_id, seen=None)
    finding = locked(finding_id)
    if finding.state != _State.SECOND_LOOK:
        return finding
    if not entry.is_active:
        return end(finding, _State.CLOSED, MoveRefusal.ENTRY_NOT_ACTIVE, by=None, at=at)
    second = looks.answers_of(finding)
    if second is None:
        return end(finding, _State.REFUTED, rules.WhyRefuted.SOURCE_UNANSWERED, by=None, at=at)
    finding.second_answer = second
    looked = looks.pairs_of(finding)
    if fact_selectors.held_sources() & {source for _, source in looked}:
        return hold(finding, rules.WhyHeld.SOURCE_HELD, at=at)
    _, judged = judge([entry], at)
    found = rules.confirmed(judged[entry.pk], finding.code, looked)
    if found is None:
        return end(finding, _State.REFUTED, rules.WhyRefuted.NOT_CONFIRMED, by=None, at=at)
    return _propose(finding, entry, found, at)


def _propose(finding: RecheckFinding, entry: QueueEntry, found: Finding, at: datetime) -> RecheckFinding:
    """Open the case that the finding calls for; what the procedure does not allow, waits for a person."""
    if finding.code == "DECEASED" and moves.has_living_family(entry):
        return hold(finding, rules.WhyHeld.SUCCESSION, at=at)
    try:
        case = removals.propose(
            entry_id=entry.pk,
            ground=rules.GROUNDS[finding.code],
            evidence=looks.evidence(finding, found),
            by=None,
            at=at,
            evidence_source=finding.source,
            evidence_as_of=looks.as_of(finding.second_answer),
        )
    except MoveRefused as refused:
        return hold(finding, refused.code, at=at)
    finding.removal_case = case
    return end(finding, _State.PROPOSED, "", by=None, at=at)


@transaction.atomic
def close(*, finding_id: int, how: str, by: User, at: datetime) -> RecheckFinding:
    """
    Settle a held finding otherwise than by a case, with the reason; nothing happens to the entry.

    :raises MoveRefused: REASON_MISSING, FINDING_SETTLED.
    """
    require(how.strip(), MoveRefusal.REASON_MISSING)
    finding = locked(finding_id)
    require(finding.state == _State.HELD, MoveRefusal.FINDING_SETTLED)
    finding.why_held = ""
    return end(finding, _State.CLOSED, how.strip(), by=by, at=at)


def locked(finding_id: int) -> RecheckFinding:
    """Return a finding under its lock; its entry is locked before."""
    return (
        RecheckFinding.objects.select_for_update(of=("self",), no_key=True)
        .select_related("entry__akimat")
        .get(pk=finding_id)
    )


def hold(finding: RecheckFinding, why: str, *, at: datetime) -> RecheckFinding:
    """Let a finding wait for a person, or for the day on which nothing stands in its way any more."""
    finding.state, finding.why_held = _State.HELD, str(why)
    finding.save()
    record_many([finding], "held", by=BY, at=at, why=str(why))
    return finding


def end(
    finding: RecheckFinding, state: RecheckFinding.State, how: str, *, by: User | None, at: datetime
) -> RecheckFinding:
    """Let a finding end, and say how; the caller holds its lock."""
    finding.state, finding.closed_how = state, str(how)
    finding.closed_at, finding.closed_by = at, by
    finding.why_held = ""
    finding.save()
    record_many([finding], state.lower(), by=by or BY, at=at, how=str(how), case=finding.removal_case_id)
    return finding


def record_many(
    findings: Sequence[RecheckFinding], what: str, *, by: User | str, at: datetime, **data: object
) -> None:
    """Append a record for each finding to the trail of its akimat."""
    by_akimat = defaultdict(list)
    for finding in findings:
        by_akimat[finding.entry.akimat].append(finding)
    for akimat, rows in sorted(by_akimat.items(), key=lambda pair: pair[0].pk):
        audit.record_many(
            akimat=akimat,
            by=by,
            at=at,
            acts=[
                audit.Act(
                    event=f"recheck_finding.{what}",
                    target=f"recheck_finding:{finding.pk}",
                    data={
                        "queue_entry": finding.entry_id,
                        "file_number": finding.entry.file_number,
                        "code": finding.code,
                        "source": finding.source,
                        **data,
                    },
                )
                for finding in rows
            ],
        )
