"""The six separate lists of art 74(2) of the Housing Law. The law fixes them: no local list can be added."""

from enum import StrEnum


class ListNumber(StrEnum):
    """Number of a separate list, as the law counts them."""

    VETERANS = "1"
    ORPHANS = "2"
    LARGE_FAMILIES = "3"
    VULNERABLE = "4"
    PUBLIC_SERVICE = "5"
    EMERGENCY_HOUSING = "6"
