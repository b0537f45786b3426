"""The rows of the distribution."""

from allocation.models.dwelling import Dwelling
from allocation.models.offer import Offer
from allocation.models.round import AllocationRound, RoundDwelling
from allocation.models.run import AllocationLine, AllocationRun, Bundle
from allocation.models.sitting import Decision, Protocol, Sitting, SittingMember, Vote

__all__ = [
    "AllocationLine",
    "AllocationRound",
    "AllocationRun",
    "Bundle",
    "Decision",
    "Dwelling",
    "Offer",
    "Protocol",
    "RoundDwelling",
    "Sitting",
    "SittingMember",
    "Vote",
]
