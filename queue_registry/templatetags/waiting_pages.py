"""What a place page tells of the months until the turn."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.translation import ngettext

from queue_registry.rules.waiting import Range

register = template.Library()
_MONTHS = 12
# Longer waits are told in years.
_TOLD_IN_MONTHS = 24


@register.filter
def any_place(tickets: Iterable[tuple[Any, ...]]) -> bool:
    """Whether there is a place on any list."""
    return any(ticket[0].standing.place is not None for ticket in tickets)


@register.filter
def length(foreseen: Range) -> str:
    """A range of months as it is read: whole years where it is long, rounded so that it grows no narrower."""
    if foreseen.high <= _TOLD_IN_MONTHS:
        if foreseen.low == 0:
            return ngettext("less than %(high)d month", "less than %(high)d months", foreseen.high + 1) % {
                "high": foreseen.high + 1
            }
        if foreseen.low == foreseen.high:
            return ngettext("about %(high)d month", "about %(high)d months", foreseen.high) % {
                "high": foreseen.high
            }
        return ngettext(
            "from %(low)d to %(high)d month", "from %(low)d to %(high)d months", foreseen.high
        ) % {"low": foreseen.low, "high": foreseen.high}
    low, high = foreseen.low // _MONTHS, -(-foreseen.high // _MONTHS)
    if low == 0:
        return ngettext("less than %(high)d year", "less than %(high)d years", high) % {"high": high}
    return ngettext("from %(low)d to %(high)d year", "from %(low)d to %(high)d years", high) % {
        "low": low,
        "high": high,
    }
