"""
What a recheck sees against a household: looked at twice, then proposed as a removal, or held for a person.

Nothing here decides anything. A first look asks the same questions once more (`looks`); when they are
answered, a second look confirms what was seen, and a case is opened, or refutes it. Whatever stands in the
way of a case leaves the finding HELD, for a person to settle.
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
    cases, judged = _judged(entries, at)
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


def _judged(entries: Sequence[QueueEntry], at: datetime) -> tuple[dict[int, Case], dict[int, Judgment]]:
    """What is known of entries, and the judgments on which something adverse may rest now."""
    by_akimat = defaultdict(list)
    for entry in entries:
        by_akimat[entry.akimat].append(entry)
    cases: dict[int, Case] = {}
    judged: dict[int, Judgment] = {}
    for akimat, rows in by_akimat.items():
        version = policies.policy_in_force(akimat=akimat, on=civil_day(at))
        known = consents.fill_gaps(fact_selectors.cases(rows), at=at)
        cases |= known
        judged |= assessments.judge(cases=known, policy_version=version, at=at, act_at=at)
    return cases, judged


@transaction.atomic
def conclude(*, finding_id: int, at: datetime) -> RecheckFinding:
    """
    Take the second look at a finding whose questions are closed: propose a removal, hold it, or drop it.

    Done once, however many workers try.
    """
    entry_id = RecheckFinding.objects.values_list("entry_id", flat=True).get(pk=finding_id)
    entry = queue_entries.lock_as_seen(entry_id, seen=None)
    finding = _locked(finding_id)
    if finding.state != _State.SECOND_LOOK:
        return finding
    if not entry.is_active:
        return _close(finding, _State.CLOSED, MoveRefusal.ENTRY_NOT_ACTIVE, by=None, at=at)
    second = looks.answers_of(finding)
    if second is None:
        return _close(finding, _State.REFUTED, rules.WhyRefuted.SOURCE_UNANSWERED, by=None, at=at)
    finding.second_answer = second
    looked = looks.pairs_of(finding)
    if fact_selectors.held_sources() & {source for _, source in looked}:
        return _hold(finding, rules.WhyHeld.SOURCE_HELD, at=at)
    _, judged = _judged([entry], at)
    found = rules.confirmed(judged[entry.pk], finding.code, looked)
    if found is None:
        return _close(finding, _State.REFUTED, rules.WhyRefuted.NOT_CONFIRMED, by=None, at=at)
    return _propose(finding, entry, found, at)


def _propose(finding: RecheckFinding, entry: QueueEntry, found: Finding, at: datetime) -> RecheckFinding:
    """Open the case that the finding calls for; what the procedure does not allow, waits for a person."""
    if finding.code == "DECEASED" and moves.has_living_family(entry):
        return _hold(finding, rules.WhyHeld.SUCCESSION, at=at)
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
        return _hold(finding, refused.code, at=at)
    finding.removal_case = case
    return _close(finding, _State.PROPOSED, "", by=None, at=at)


@transaction.atomic
def close(*, finding_id: int, how: str, by: User, at: datetime) -> RecheckFinding:
    """
    Settle a held finding otherwise than by a case, with the reason; nothing happens to the entry.

    :raises MoveRefused: REASON_MISSING, FINDING_SETTLED.
    """
    require(how.strip(), MoveRefusal.REASON_MISSING)
    finding = _locked(finding_id)
    require(finding.state == _State.HELD, MoveRefusal.FINDING_SETTLED)
    finding.why_held = ""
    return _close(finding, _State.CLOSED, how.strip(), by=by, at=at)


@transaction.atomic
def take_up_again(*, source: str, at: datetime) -> int:
    """
    Look twice anew at what was held because of a source that is let go; return how many findings that were.
    """
    waiting = selectors.list_waiting_for(source)
    queue_entries.lock_entries(waiting.values_list("entry_id", flat=True))
    held = list(waiting.select_for_update(of=("self",), no_key=True))
    rows = QueueEntry.objects.active().filter(pk__in=[finding.entry_id for finding in held])
    cases, judged = _judged(list(rows.select_related("akimat", "waiting_list")), at)
    seen = {
        finding.pk: (cases[finding.entry_id], found)
        for finding in held
        if finding.entry_id in judged
        and (found := rules.failure(judged[finding.entry_id], finding.code)) is not None
    }
    plans = looks.plan(seen, at=at)
    asked = looks.ask(plans.values(), at=at)
    for finding in held:
        plan = plans.get(finding.pk)
        if plan is None:
            _close(finding, _State.REFUTED, rules.WhyRefuted.NOT_CONFIRMED, by=None, at=at)
            continue
        finding.state, finding.why_held = _State.SECOND_LOOK, ""
        finding.first_answer_id, finding.second_answer = plan.first, None
        finding.source, finding.detail = plan.source, plan.detail(asked)
        finding.save()
        record_many([finding], "seen", by=BY, at=at)
    return len(held)


def _locked(finding_id: int) -> RecheckFinding:
    return (
        RecheckFinding.objects.select_for_update(of=("self",), no_key=True)
        .select_related("entry__akimat")
        .get(pk=finding_id)
    )


def _hold(finding: RecheckFinding, why: str, *, at: datetime) -> RecheckFinding:
    finding.state, finding.why_held = _State.HELD, str(why)
    finding.save()
    record_many([finding], "held", by=BY, at=at, why=str(why))
    return finding


def _close(
    finding: RecheckFinding, state: RecheckFinding.State, how: str, *, by: User | None, at: datetime
) -> RecheckFinding:
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
