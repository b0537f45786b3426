"""Households with somebody in two akimats' lists: found for a person to settle, never a case by itself."""

from datetime import datetime

from django.db import transaction

from queue_registry.models import QueueEntry, RecheckFinding
from queue_registry.rules import rechecks as rules
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import keepers
from queue_registry.selectors import rechecks as selectors
from queue_registry.services import queue_entries, rechecks


@transaction.atomic
def see(*, at: datetime) -> list[RecheckFinding]:
    """
    Return what was found for the first time: on each entry that somebody's other entry stands beside.

    It names the file number and the akimat of the other entry, and nobody.
    """
    doubles = _kept_here(selectors.list_doubles(on=civil_day(at)), at)
    queue_entries.lock_entries({one.entry for one in doubles})
    new = selectors.leave_out_known_doubles(doubles)
    entries = QueueEntry.objects.filter(pk__in=list(new)).select_related("akimat").in_bulk()
    made = RecheckFinding.objects.bulk_create(
        RecheckFinding(
            entry=entries[key],
            code=rules.DOUBLE,
            detail={"others": [{"file_number": one.file_number, "akimat": one.kato} for one in others]},
            state=RecheckFinding.State.HELD,
            why_held=rules.WhyHeld.DOUBLE,
            seen_at=at,
        )
        for key, others in sorted(new.items())
    )
    rechecks.record_many(made, "held", by=rechecks.BY, at=at, why=rules.WhyHeld.DOUBLE.value)
    return made


@transaction.atomic
def end_over(*, at: datetime) -> int:
    """Let what is no double any more wait for nobody; return how many findings that were."""
    waiting = selectors.list_open_doubles().exclude(entry__akimat__in=keepers.resting(at))
    queue_entries.lock_entries(waiting.values_list("entry_id", flat=True))
    found = {one.entry for one in selectors.list_doubles(on=civil_day(at))}
    over = waiting.exclude(entry__in=found).select_for_update(of=("self",), no_key=True)
    # Heads of trails are locked in the order of their akimats.
    for finding in sorted(over, key=lambda one: (one.entry.akimat_id, one.pk)):
        rechecks.end(finding, RecheckFinding.State.CLOSED, rules.WhyOver.NO_DOUBLE, by=None, at=at)
    return len(over)


def _kept_here(doubles: list[selectors.Double], at: datetime) -> list[selectors.Double]:
    """Those of entries whose queue is kept here; what stands beside them may be kept elsewhere."""
    resting = keepers.resting(at)
    if not resting.exists():
        return doubles
    rests = set(QueueEntry.objects.filter(akimat__in=resting).values_list("pk", flat=True))
    return [one for one in doubles if one.entry not in rests]
