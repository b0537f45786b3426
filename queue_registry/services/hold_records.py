"""Records of a hold in the trail of every akimat whose entries it concerns."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from queue_registry.models import QueueEntry, SourceHold, User
from queue_registry.selectors import keepers
from queue_registry.services import audit


def record(
    hold: SourceHold, *, entries: Iterable[QueueEntry], event: str, by: User | str, at: datetime, **data: Any
) -> None:
    """
    Append a record to the trail of each akimat that has some of the entries, with their number there, and
    keeps its queue here.

    A source belongs to no akimat: what was done to it by whom is the hold itself, which nobody changes.
    """
    resting = set(keepers.resting(at).values_list("pk", flat=True))
    entries = [entry for entry in entries if entry.akimat_id not in resting]
    counts = Counter(entry.akimat_id for entry in entries)
    akimats = {entry.akimat_id: entry.akimat for entry in entries}
    for key, akimat in sorted(akimats.items()):
        audit.record(
            akimat=akimat,
            by=by,
            at=at,
            event=event,
            target=f"source_hold:{hold.pk}",
            source=hold.source,
            entries=counts[key],
            flips=hold.flips,
            answers=hold.answers,
            **data,
        )
