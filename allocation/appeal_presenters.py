"""What a contest would have changed in a round, in words for the household."""

from django.utils.translation import gettext

from allocation.services.appeals import Difference


def for_the_household(found: Difference) -> str:
    """One sentence on one round: what the household would have got."""
    if found.own_dwelling:
        return gettext(
            "In round %(round)s the home %(dwelling)s would have been offered to you, had your entry stood "
            "so."
        ) % {"round": found.round_number, "dwelling": found.own_dwelling}
    return gettext(
        "Round %(round)s would have come out otherwise, had your entry stood so; no home would have been "
        "offered to you in it."
    ) % {"round": found.round_number}
