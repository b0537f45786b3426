"""What must hold of homes, offers and rounds at all times, beside the invariants of the register."""

from enum import StrEnum


class Invariant(StrEnum):
    """One line of the public board."""

    HOMES = "HOMES"
    OFFERS = "OFFERS"
    VOTES = "VOTES"
    REPLAYS = "REPLAYS"
