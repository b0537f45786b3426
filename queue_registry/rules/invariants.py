"""What must hold of a register at all times, whatever happened to it: the closed list of its invariants."""

from enum import StrEnum


class Invariant(StrEnum):
    """One line of the public board; each stands for one rule or several that are looked at together."""

    STATE = "STATE"
    HISTORY = "HISTORY"
    BELONGING = "BELONGING"
    NUMBERS = "NUMBERS"
    COUNTERS = "COUNTERS"
    SUMS = "SUMS"
    PLACES = "PLACES"
    ROLES = "ROLES"
    TRAIL = "TRAIL"
    HEADS = "HEADS"
