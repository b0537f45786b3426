"""
Closed lists of grounds: why an application is refused, an entry suspended, removed, put back or re-dated, why
a place passes on. A ground that is not here does not exist. On which article each rests, and since when, is
dated data (`rules/ground_articles`).
"""

from enum import StrEnum
from typing import Final


class RefusalGround(StrEnum):
    """Why an application is not registered."""

    NOT_CITIZEN = "NOT_CITIZEN"
    NOT_RESIDENT = "NOT_RESIDENT"
    RESIDENCE_TOO_SHORT = "RESIDENCE_TOO_SHORT"
    OWNS_DWELLING = "OWNS_DWELLING"
    CATEGORY_NOT_CONFIRMED = "CATEGORY_NOT_CONFIRMED"
    NEED_MADE_ON_PURPOSE = "NEED_MADE_ON_PURPOSE"
    ALREADY_REGISTERED = "ALREADY_REGISTERED"
    FALSE_DATA = "FALSE_DATA"


class SuspensionGround(StrEnum):
    """Why an entry is taken out of distribution for a time; it keeps its place."""

    OWN_REQUEST = "OWN_REQUEST"
    DATA_CONTRADICT = "DATA_CONTRADICT"
    DIGITIZATION = "DIGITIZATION"
    SECOND_REFUSAL = "SECOND_REFUSAL"


class RemovalGround(StrEnum):
    """Why an entry may be removed (art 73)."""

    GROUNDS_CEASED = "GROUNDS_CEASED"
    MOVED_AWAY = "MOVED_AWAY"
    FALSE_DATA = "FALSE_DATA"
    FALSE_DATA_BY_COURT = "FALSE_DATA_BY_COURT"
    ACQUIRED_DWELLING = "ACQUIRED_DWELLING"
    HOUSING_RECEIVED = "HOUSING_RECEIVED"
    DECEASED = "DECEASED"
    CITIZENSHIP_LOST = "CITIZENSHIP_LOST"
    OWN_REQUEST = "OWN_REQUEST"


class RegistrationChangeGround(StrEnum):
    """The only four grounds on which a registration moment may change."""

    GROUNDS_AROSE_LATER = "GROUNDS_AROSE_LATER"
    REINSTATEMENT = "REINSTATEMENT"
    ORPHAN_TRANSFER = "ORPHAN_TRANSFER"
    DIGITIZATION = "DIGITIZATION"


class SuccessionGround(StrEnum):
    """Why the place passes to the remaining co-registered family (art 73)."""

    DEATH = "DEATH"
    DEPARTURE = "DEPARTURE"


class EntryGround(StrEnum):
    """Why an entry moved or changed, where it is by no ground of the lists above."""

    APPLICATION = "APPLICATION"
    IMPORT = "IMPORT"
    DIGITIZATION = "DIGITIZATION"
    IIN_CHANGED = "IIN_CHANGED"
    OFFER_MADE = "OFFER_MADE"
    OFFER_ACCEPTED = "OFFER_ACCEPTED"
    KEYS_HANDED = "KEYS_HANDED"
    HOUSED_ON_OTHER_LIST = "HOUSED_ON_OTHER_LIST"
    TENANCY_ANNULLED = "TENANCY_ANNULLED"
    CONTRACT_NOT_SIGNED = "CONTRACT_NOT_SIGNED"


class LegalBasis(StrEnum):
    """What a page cites where nobody decides on a ground."""

    PROTECTED_UNTIL_HOUSED = "PROTECTED_UNTIL_HOUSED"
    ORDER_OF_REGISTRATION = "ORDER_OF_REGISTRATION"
    PROVISION = "PROVISION"
    CONSENT = "CONSENT"


class ReviewSource(StrEnum):
    """Who contests a decision."""

    CITIZEN = "CITIZEN"
    COURT = "COURT"


class ReviewOutcome(StrEnum):
    """How a contest ends: the decision stands, or it is overturned with effect."""

    UPHELD = "UPHELD"
    OVERTURNED = "OVERTURNED"


# Whoever is protected until housed (orphans, single-parent families, awarded mothers, large families) may be
# removed on these grounds only [ours].
AGAINST_THE_PROTECTED: Final = frozenset(
    {
        RemovalGround.DECEASED,
        RemovalGround.ACQUIRED_DWELLING,
        RemovalGround.HOUSING_RECEIVED,
        RemovalGround.FALSE_DATA_BY_COURT,
        RemovalGround.OWN_REQUEST,
    }
)
PROTECTED_CATEGORIES: Final = frozenset({"orphan", "single_parent", "large_family_mother", "large_family"})
