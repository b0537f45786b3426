"""The rows of the distribution."""

from allocation.models.dwelling import Dwelling, DwellingEvent
from allocation.models.freeze_order import FreezeOrder
from allocation.models.offer import Offer
from allocation.models.register_check import RegisterCheck
from allocation.models.round import AllocationRound, PublicInput, RoundDocument, RoundDwelling
from allocation.models.run import AllocationLine, AllocationRun, Bundle
from allocation.models.sitting import (
    Decision,
    Departure,
    DepartureVote,
    Manifest,
    Protocol,
    Signature,
    Sitting,
    SittingMember,
    Vote,
)
from allocation.models.tenancy import AkimatDecision, Tenancy, TenancyPaper

__all__ = [
    "AkimatDecision",
    "AllocationLine",
    "AllocationRound",
    "AllocationRun",
    "Bundle",
    "Decision",
    "Departure",
    "DepartureVote",
    "Dwelling",
    "DwellingEvent",
    "FreezeOrder",
    "Manifest",
    "Offer",
    "Protocol",
    "PublicInput",
    "RegisterCheck",
    "RoundDocument",
    "RoundDwelling",
    "Signature",
    "Sitting",
    "SittingMember",
    "Tenancy",
    "TenancyPaper",
    "Vote",
]
