"""Who of a reserve can be offered a dwelling now, and why another can't."""

from datetime import datetime
from typing import Final

from allocation.models import AllocationRound, Offer
from queue_registry.models import QueueEntry
from queue_registry.rules.need import Eligibility
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.services import assessments

_HELD: Final = (QueueEntryStatus.OFFERED, QueueEntryStatus.HOUSED)


def bar_of(offer: Offer, entry: QueueEntry, *, at: datetime) -> str | None:
    """Why an entry of the reserve can't be offered the dwelling of an offer that ended, or None."""
    return _offered_before(offer, entry) or _bar(entry, offer.run.round, at)


def _offered_before(offer: Offer, entry: QueueEntry) -> str | None:
    """A departure may have given the dwelling to one of its reserve first; nobody is asked twice."""
    asked = Offer.objects.filter(run=offer.run_id, dwelling=offer.dwelling_id, entry=entry)
    return "OFFERED_BEFORE" if asked.exists() else None


def _bar(entry: QueueEntry, round_: AllocationRound, at: datetime) -> str | None:
    """Why an entry can't be offered any dwelling of its round now, or None."""
    if entry.status != QueueEntryStatus.WAITING:
        return entry.status
    held = QueueEntry.objects.filter(application=entry.application_id, status__in=_HELD)
    if held.exists():
        return "HOUSEHOLD_SERVED"
    return _verdict_bar(entry.pk, round_, at)


def _verdict_bar(entry_id: int, round_: AllocationRound, at: datetime) -> str | None:
    """
    The household is judged again by the facts of today: who bought a home since the freeze is not offered
    one.
    """
    entries = list(QueueEntry.objects.filter(pk=entry_id).select_related("akimat", "waiting_list"))
    assessed = assessments.assess(entries=entries, policy_version=round_.policy, at=at)[entry_id]
    return None if assessed.eligibility == Eligibility.ELIGIBLE else assessed.code
