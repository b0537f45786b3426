"""
What a recheck saw and something held back: taken up again when that goes, or ended when it concerns nobody
any more. Nothing waits for ever.

Taken up, a finding begins anew: by the newest answers, with new looks at each of them.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from queue_registry.models import QueueEntry, RecheckFinding
from queue_registry.rules import rechecks as rules
from queue_registry.selectors import facts as fact_selectors
from queue_registry.selectors import keepers, moves
from queue_registry.selectors import rechecks as selectors
from queue_registry.services import looks, queue_entries, rechecks, removals

_State = RecheckFinding.State


@transaction.atomic
def take_up_again(*, source: str, at: datetime) -> int:
    """
    Look twice anew at what was held because of a source that is let go; return how many findings waited.
    """
    waiting = selectors.list_waiting_for(source).exclude(entry__akimat__in=keepers.resting(at))
    queue_entries.lock_entries(waiting.values_list("entry_id", flat=True))
    held = list(waiting.select_for_update(of=("self",), no_key=True))
    _take_up([one for one in held if not _sources_of(one) & fact_selectors.held_sources()], at)
    return len(held)


@transaction.atomic
def review(*, finding_id: int, at: datetime) -> RecheckFinding:
    """
    Look whether what holds a finding still does; done once, however many workers try.

    A double is ended by the search for doubles, which knows whether it is one.
    """
    entry_id = RecheckFinding.objects.values_list("entry_id", flat=True).get(pk=finding_id)
    entry = queue_entries.lock_as_seen(entry_id, seen=None)
    finding = rechecks.locked(finding_id)
    if finding.state != _State.HELD:
        return finding
    if not entry.is_active:
        return rechecks.end(finding, _State.CLOSED, rules.WhyOver.ENTRY_NOT_ACTIVE, by=None, at=at)
    if finding.code == rules.DOUBLE:
        return finding
    if selectors.was_decided(finding, rules.GROUNDS[finding.code]):
        return rechecks.end(finding, _State.CLOSED, rules.WhyOver.CASE_DECIDED, by=None, at=at)
    if not _is_obstructed(finding, entry, at):
        _take_up([finding], at)
    return finding


def _is_obstructed(finding: RecheckFinding, entry: QueueEntry, at: datetime) -> bool:
    if _sources_of(finding) & fact_selectors.held_sources():
        return True
    if finding.code == "DECEASED" and finding.why_held == rules.WhyHeld.SUCCESSION:
        return moves.has_living_family(entry)
    return bool(removals.obstacle(entry, rules.GROUNDS[finding.code], at=at))


def _sources_of(finding: RecheckFinding) -> set[str]:
    return {source for _, source in looks.pairs_of(finding)}


def _take_up(held: Sequence[RecheckFinding], at: datetime) -> None:
    """Begin findings anew; what the systems do not say any more, or may not be asked again, is refuted."""
    rows = QueueEntry.objects.active().filter(pk__in=[finding.entry_id for finding in held])
    entries = list(rows.select_related("akimat", "waiting_list"))
    # Stale answers are good enough to look at: nothing rests on them before they were given anew.
    cases, judged = rechecks.judge(entries, at, acting=False)
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
            unasked = finding.pk in seen
            why = rules.WhyRefuted.SOURCE_UNANSWERED if unasked else rules.WhyRefuted.NOT_CONFIRMED
            rechecks.end(finding, _State.REFUTED, why, by=None, at=at)
            continue
        finding.state, finding.why_held = _State.SECOND_LOOK, ""
        finding.first_answer_id, finding.second_answer = plan.first, None
        finding.source, finding.detail = plan.source, plan.detail(asked)
        finding.save()
        rechecks.record_many([finding], "seen", by=rechecks.BY, at=at)
