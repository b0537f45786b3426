"""Statuses of a queue entry and the moves between them that exist."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class QueueEntryStatus(StrEnum):
    """Where an entry stands; screens say it in words of the law."""

    WAITING = "WAITING"
    SUSPENDED = "SUSPENDED"
    OFFERED = "OFFERED"
    HOUSED = "HOUSED"
    DEREGISTERED = "DEREGISTERED"


_S = QueueEntryStatus

# Out of distribution for a time: a round passes the entry over as suspended, and it keeps its place.
HELD: Final = frozenset({_S.SUSPENDED})
# Neither offered a home, nor housed, nor removed: what a typed decision or a source document may change.
UNDECIDED: Final = frozenset({_S.WAITING, *HELD})
# Entries that have a place in the list (domain: "place").
ACTIVE: Final = frozenset({_S.OFFERED, *UNDECIDED})

MOVES: Final[Mapping[QueueEntryStatus, frozenset[QueueEntryStatus]]] = MappingProxyType(
    {
        # Housed without an offer: the household got its home through another of its entries.
        _S.WAITING: frozenset({_S.SUSPENDED, _S.OFFERED, _S.HOUSED, _S.DEREGISTERED}),
        _S.SUSPENDED: frozenset({_S.WAITING, _S.HOUSED, _S.DEREGISTERED}),
        # An entry with a live offer is closed through the offer, so it can't be deregistered here.
        _S.OFFERED: frozenset({_S.WAITING, _S.HOUSED}),
        # The contract was annulled: back to where the entry stood, also where that was a suspension.
        _S.HOUSED: frozenset({_S.WAITING, _S.SUSPENDED}),
        _S.DEREGISTERED: frozenset({_S.WAITING}),  # reinstated on review or by a court
    }
)


class MoveNotAllowed(Exception):
    """The table of moves has no such move."""

    def __init__(self, current: QueueEntryStatus, target: QueueEntryStatus) -> None:
        super().__init__(f"An entry in {current} can't move to {target}.")
        self.current = current
        self.target = target


def check_move(*, current: QueueEntryStatus, target: QueueEntryStatus) -> None:
    """
    Pass if the table has the move.

    :raises MoveNotAllowed: if it does not.
    """
    if target not in MOVES[current]:
        raise MoveNotAllowed(current, target)
