"""A second refusal of a fitting home within a year holds the entry, until the household asks to return."""

from datetime import date, datetime

from allocation.models import Offer
from allocation.rules.second_refusals import holds
from queue_registry.models import QueueEntry, QueueEntryEvent, User
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import Policy
from queue_registry.rules.reasons import SuspensionGround
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.services import suspensions


def hold_if_due(offer: Offer, entry: QueueEntry, *, by: User | None, at: datetime) -> bool:
    """
    Hold a locked entry that waits, with a notice, if the policy's number of refusals is reached; the caller
    has just written the refusal. A claim that the home does not fit counts once it was looked at and denied.
    """
    policy = Policy.from_document(offer.run.round.policy.document)
    entry.refresh_from_db(fields=["status"])
    is_due = holds(
        _refused_on(entry),
        before_hold=policy.refusals_before_hold,
        within_months=policy.refusals_within_months,
        on=civil_day(at),
    )
    if entry.status != QueueEntryStatus.WAITING or not is_due:
        return False
    suspensions.suspend(
        entry_id=entry.pk,
        ground=SuspensionGround.SECOND_REFUSAL,
        document=f"{offer.run.round.number}/{offer.dwelling.number}",
        by=by,
        at=at,
    )
    return True


def _refused_on(entry: QueueEntry) -> list[date]:
    """Days of the household's refusals of fitting homes since this entry was last held for them."""
    refused = Offer.objects.filter(
        application=entry.application_id, state=Offer.State.REFUSED, is_unfit=False
    ).exclude(unfit_claimed=True, unfit_looked_at__isnull=True)
    last = QueueEntryEvent.objects.filter(
        entry=entry, moved_to=QueueEntryStatus.SUSPENDED, ground=SuspensionGround.SECOND_REFUSAL
    ).order_by("-recorded_at")
    held_at = last.values_list("recorded_at", flat=True).first()
    if held_at is not None:
        refused = refused.filter(answered_at__gt=held_at)
    return [
        civil_day(answered_at)
        for answered_at in refused.values_list("answered_at", flat=True)
        if answered_at is not None
    ]
