"""
Sweeps go on portion by portion: by any number of workers, and from where they stood after any interruption.

An entry is DUE, then ASKED: its questions are in the outbox, each linked to it. When all are closed, and it
was judged by what came, either the answers call for more questions or it is DONE and looked at for findings.
Every portion is a transaction of its own; rows that another worker holds are passed over.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from integrations import services as outbox
from integrations.contract import CONFIRMED
from integrations.models import CheckRequest, CheckState
from queue_registry.models import Akimat, Person, RecheckFinding, Sweep, SweepEntry, SweepQuestion
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.case import Case
from queue_registry.rules.sources import Question, questions
from queue_registry.rules.sweeps import ROUNDS
from queue_registry.selectors import consents
from queue_registry.selectors import facts as fact_selectors
from queue_registry.selectors import sweep_work as selectors
from queue_registry.services import audit, policies, rechecks, source_questions
from queue_registry.services.sweeps import BY

OPEN_QUESTIONS: Final = 10_000
"""About so many questions of a sweep are open at a time: whatever comes later does not wait for a million."""

_State = SweepEntry.State
_FRESHNESS: Final = {
    Sweep.Purpose.INVENTORY: outbox.Freshness.USUAL,
    Sweep.Purpose.BEFORE_ALLOCATION: outbox.Freshness.BEFORE_ALLOCATION,
}
_PURPOSES: Final = {
    Sweep.Purpose.INVENTORY: "inventory",
    Sweep.Purpose.BEFORE_ALLOCATION: "before-allocation",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is needed to judge an entry anew: every question, and those of them that a consent covers."""

    case: Case | None = None
    needed: frozenset[Question] = frozenset()
    covered: Mapping[Question, consents.Given] = field(default_factory=dict)


def go_on(*, sweep_id: int, limit: int, at: datetime) -> int:
    """
    Do the next portion of a sweep, and end it if nothing is left; return how many entries moved.

    Nothing moves while it is paused.
    """
    moved = settle_answered(sweep_id=sweep_id, limit=limit, at=at)
    moved += ask_next(sweep_id=sweep_id, limit=limit, at=at)
    if not moved:
        finish(sweep_id=sweep_id, at=at)
    return moved


@transaction.atomic
def ask_next(*, sweep_id: int, limit: int, at: datetime) -> int:
    """Put the questions about the next entries into the outbox; return how many entries that were."""
    sweep = _running(sweep_id)
    if sweep is None or selectors.count_open_questions(sweep) >= OPEN_QUESTIONS:
        return 0
    taken = _take(selectors.list_due(sweep), limit)
    plans = _plans(taken, at)
    rows = _ask(sweep, plans, at)
    SweepQuestion.objects.bulk_create(
        _link(swept, question, row) for swept in taken for question, row in rows[swept.pk].items()
    )
    for swept in taken:
        swept.state, swept.asked_at = _State.ASKED, at
    SweepEntry.objects.bulk_update(taken, ["state", "asked_at"])
    return len(taken)


@transaction.atomic
def settle_answered(*, sweep_id: int, limit: int, at: datetime) -> int:
    """
    Look at entries whose questions are all closed: ask what the answers call for, or be done with them.

    Returns how many entries that were.
    """
    sweep = _running(sweep_id)
    if sweep is None:
        return 0
    taken = _take(selectors.list_answered(sweep), limit)
    plans, linked = _plans(taken, at), _linked(taken)
    may_ask = {swept.pk: plans[swept.pk] for swept in taken if swept.rounds < ROUNDS}
    rows = _ask(sweep, may_ask, at)
    opened = selectors.list_open({row for found in rows.values() for row in found.values()})
    links, done = [], []
    for swept in taken:
        found = rows.get(swept.pk, {})
        new = {question: row for question, row in found.items() if row not in linked[swept.pk]}
        links += [_link(swept, question, row) for question, row in new.items()]
        # A consent that came meanwhile opens a question again that is linked already.
        if new or not opened.isdisjoint(found.values()):
            swept.rounds += 1
        else:
            done.append(swept)
    SweepQuestion.objects.bulk_create(links)
    _be_done(done, plans, linked, at)
    SweepEntry.objects.bulk_update(taken, ["state", "done_at", "complete", "rounds"])
    rechecks.see(entries=[swept.entry for swept in done if swept.entry.is_active], sweep=sweep, at=at)
    return len(taken)


@transaction.atomic
def finish(*, sweep_id: int, at: datetime) -> bool:
    """End a sweep that has nothing left to do; return whether it ended now."""
    sweep = (
        Sweep.objects.select_for_update(of=("self",), no_key=True).select_related("akimat").get(pk=sweep_id)
    )
    if sweep.finished_at is not None or sweep.paused_at is not None or selectors.has_open_entries(sweep):
        return False
    sweep.finished_at = at
    sweep.save(update_fields=["finished_at"])
    audit.record(
        akimat=sweep.akimat,
        by=BY,
        at=at,
        event="sweep.finished",
        target=f"sweep:{sweep.pk}",
        entries=sweep.entries,
        complete=sweep.swept.filter(complete=True).count(),
        findings=RecheckFinding.objects.filter(sweep=sweep).count(),
    )
    return True


def _running(sweep_id: int) -> Sweep | None:
    return selectors.list_running().filter(pk=sweep_id).first()


def _take(rows: QuerySet[SweepEntry], limit: int) -> list[SweepEntry]:
    """Lock the first of the rows, but those that another worker holds."""
    locked = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return list(locked.select_related("entry__akimat", "entry__waiting_list")[:limit])


def _plans(taken: Sequence[SweepEntry], at: datetime) -> dict[int, _Plan]:
    """
    What each entry needs, by key of its row; nothing for one that has lost its place meanwhile.
    """
    on = civil_day(at)
    active = [swept.entry for swept in taken if swept.entry.is_active]
    cases = fact_selectors.cases(active)
    given = consents.of_cases(cases.values(), at=at)
    plans = {}
    for swept in taken:
        case = cases.get(swept.entry_id)
        if case is None:
            plans[swept.pk] = _Plan()
            continue
        needed, children = questions(case=case, on=on), consents.minors(case, on=on)
        found = {
            question: given.of(question, applicant=case.applicant, is_minor=question.person in children)
            for question in needed
        }
        covered = {question: one for question, one in found.items() if one is not None}
        plans[swept.pk] = _Plan(case=case, needed=needed, covered=covered)
    return plans


def _ask(sweep: Sweep, plans: Mapping[int, _Plan], at: datetime) -> dict[int, dict[Question, int]]:
    """
    Put what a consent covers into the outbox; return the row that answers each question, by row of the sweep.
    """
    covered = {question: one for plan in plans.values() for question, one in plan.covered.items()}
    iins = dict(
        Person.objects.filter(pk__in={question.person for question in covered}).values_list("pk", "iin")
    )
    purpose = Sweep.Purpose(sweep.purpose)
    holds = _holds(sweep.akimat, at) if purpose is Sweep.Purpose.BEFORE_ALLOCATION else None
    asked = {
        question: source_questions.query(
            iins[question.person],
            question.source,
            at=at,
            by=BY,
            purpose=_PURPOSES[purpose],
            bucket=sweep.period,
            consent_ref=one.reference,
        )
        for question, one in covered.items()
    }
    rows = outbox.enqueue_once(asked.values(), at=at, freshness=_FRESHNESS[purpose], holds=holds)
    return {
        key: {question: rows[asked[question]] for question in plan.covered} for key, plan in plans.items()
    }


def _holds(akimat: Akimat, at: datetime) -> outbox.Holds:
    """What is not asked anew speaks at the freeze after the recheck, too: for a household and against it."""
    policy = policies.figures_in_force(akimat=akimat, on=civil_day(at))
    until = policy.recheck_speaks_until(at)
    return outbox.Holds(until=until, since=policy.verified_since(until))


def _link(swept: SweepEntry, question: Question, row: int) -> SweepQuestion:
    return SweepQuestion(sweep_id=swept.sweep_id, swept=swept, check_request_id=row, source=question.source)


def _linked(taken: Collection[SweepEntry]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = SweepQuestion.objects.filter(swept__in=[swept.pk for swept in taken])
    for swept, row in rows.values_list("swept_id", "check_request_id"):
        found[swept].add(row)
    return found


def _be_done(
    done: Sequence[SweepEntry],
    plans: Mapping[int, _Plan],
    linked: Mapping[int, Collection[int]],
    at: datetime,
) -> None:
    """Note whether all that was needed came: a question without consent or without an answer did not."""
    asked = {row for swept in done for row in linked[swept.pk]}
    unanswered = asked - set(
        CheckRequest.objects.filter(
            pk__in=asked, state=CheckState.ANSWERED, outcome__in=CONFIRMED
        ).values_list("pk", flat=True)
    )
    for swept in done:
        swept.state, swept.done_at = _State.DONE, at
        swept.complete = _is_known(plans[swept.pk]) and unanswered.isdisjoint(linked[swept.pk])


def _is_known(plan: _Plan) -> bool:
    """Return whether every source that is needed has said something of its person, and may be asked."""
    case = plan.case
    return case is not None and all(
        question in plan.covered
        and question.person in case.people
        and case.people[question.person].confirmed(question.source)
        for question in plan.needed
    )
