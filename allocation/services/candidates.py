"""Who stands for a round, in order, read and judged in portions; writes nothing."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from allocation import engine_io
from allocation.models import AllocationRound
from queue_registry.models import Akimat, QueueEntry, WaitingList
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.selectors import many
from queue_registry.services import assessments

PORTION: Final = 1_000
_ORDER: Final = ("registered_at", "waiting_list__number", "file_number", "pk")
_BARS: Final = {
    QueueEntryStatus.OFFERED: engine_io.OFFER_OPEN,
    QueueEntryStatus.HOUSED: engine_io.HOUSED_ON_OTHER_LIST,
}


class Reader(NamedTuple):
    """What every portion of a round's candidates is read with: `bars` by application, `lists` by key."""

    round_: AllocationRound
    frozen_at: datetime
    bars: dict[int, str]
    lists: dict[int, WaitingList]

    def documents(self, keys: Collection[int]) -> Iterator[engine_io.Document]:
        """
        Every active entry of the portion in order, with its own status and its household's other entries
        minded.
        """
        entries = list(QueueEntry.objects.active().filter(pk__in=many.these(keys)).order_by(*_ORDER))
        for entry in entries:
            # One akimat and six lists for everybody: joined, there would be two more objects an entry.
            entry.akimat = self.round_.akimat
            entry.waiting_list = self.lists[entry.waiting_list_id]
        assessed = assessments.assess(entries=entries, policy_version=self.round_.policy, at=self.frozen_at)
        for entry in entries:
            yield engine_io.entry_document(
                entry=entry,
                list_number=entry.waiting_list.number,
                assessed=assessed[entry.pk],
                household_bar=self.bars.get(entry.application_id),
            )


def reader(*, round_: AllocationRound, frozen_at: datetime) -> Reader:
    """Return what reads the candidates of a round as of its freeze."""
    lists = WaitingList.objects.in_bulk()
    return Reader(round_=round_, frozen_at=frozen_at, bars=_household_bars(round_.akimat), lists=lists)


def portions(akimat: Akimat, lists: Collection[str]) -> list[list[int]]:
    """Return the keys of all active entries of the lists in order, portion by portion."""
    active = QueueEntry.objects.active().filter(akimat=akimat, waiting_list__number__in=lists)
    keys = list(active.order_by(*_ORDER).values_list("pk", flat=True))
    return [keys[start : start + PORTION] for start in range(0, len(keys), PORTION)]


def _household_bars(akimat: Akimat) -> dict[int, str]:
    """Applications that already hold an offer or a home through another list."""
    held = QueueEntry.objects.filter(akimat=akimat, status__in=list(_BARS)).order_by("status")
    return {
        application: _BARS[QueueEntryStatus(status)]
        for application, status in held.values_list("application_id", "status")
    }
