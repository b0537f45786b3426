"""
Codes and figures of the distribution as words for people, in the language of the page.

A code that nobody put into words yet is shown as it is and logged: a page never fails for want of a word.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from allocation.rules.floors import FloorSum
from allocation.selectors.lines import RoomCount
from queue_registry import formats, presenters
from queue_registry.presenters import words

# Longer exact shares (the running total of a year) are shown by their length; the result has them in full.
_LONGEST_SHARE: Final = 24

_TIERS: Final = {
    "first_right": _("First right"),
    "merged": _("One merged order"),
    "floor": _("Lawful floor"),
    "quota": _("Quota of a program"),
    "proportional": _("In proportion to the lists"),
}
_TIER_RULES: Final = {
    "first_right": _("Everybody on these lists comes before all others, in the order of the list."),
    "merged": _("These lists are one order here."),
    "floor": _("These lists get no fewer homes than the law's share."),
    "quota": _("The number of homes for this list is set by the document of a program."),
    "proportional": _("The next home goes to the list that is owed the most."),
}
_SHORTFALLS: Final = {
    "DWELLINGS_EXHAUSTED": _("no dwelling was left"),
    "NO_FITTING_DWELLING": _("no dwelling left fits those who stand on the list"),
    "LIST_EXHAUSTED": _("nobody is left on the list"),
}
_PASSED_OVER: Final = {
    "CHECKS_INCOMPLETE": _("Checks are not complete: the answer of a register is missing"),
    "INCOME_UNKNOWN": _("The income is not known"),
    "INCOME_OVER_LIMIT": _("The income is not below the limit of the list"),
    "SERVED_ON_OTHER_LIST": _("The family was served on another list"),
    "SEATS_USED": _("The seats of the list were used before the turn came"),
    "NO_DWELLING_FITS": _("No dwelling of the round fits the family"),
    "FITTING_DWELLINGS_TAKEN": _("Every fitting dwelling went to families who stood before"),
    "NOT_REACHED": _("The dwellings were gone before the turn came"),
}
_LEVELS: Final = {
    "norm": _("by the norm"),
    "consent": _("smaller than the norm, by the family's consent"),
}
_DWELLING_STATES: Final = {
    "BUILDING": _("Being built or put right"),
    "READY": _("Ready"),
    "RESERVED": _("Reserved for a round"),
    "OFFERED": _("Offered"),
    "ALLOTTED": _("Allotted"),
    "GONE": _("Taken out of the stock"),
}
_OFFER_STATES: Final = {
    "OPEN": _("Waits for an answer"),
    "ACCEPTED": _("Accepted"),
    "REFUSED": _("Refused"),
    "EXPIRED": _("No answer in time"),
    "WITHDRAWN": _("Taken back by the akimat"),
}
_TONES: Final = {
    "READY": "good",
    "RESERVED": "wait",
    "OFFERED": "wait",
    "ALLOTTED": "calm",
    "OPEN": "wait",
    "ACCEPTED": "good",
    "REFUSED": "bad",
    "EXPIRED": "bad",
    "WITHDRAWN": "bad",
    "CANCELLED": "bad",
    "FROZEN": "wait",
    "RUNNING": "wait",
    "RUN": "wait",
    "SITTING": "wait",
    "DECIDED": "good",
    "CONFIRMED": "good",
}
_STAGES: Final = {
    "OPEN": _("Open: homes are being chosen"),
    "FROZEN": _("Frozen: candidates and homes are fixed"),
    "RUNNING": _("The distribution is being worked out"),
    "RUN": _("Worked out, not before the commission yet"),
    "SITTING": _("Before the commission"),
    "DECIDED": _("Decided by the commission"),
    "CANCELLED": _("Cancelled"),
}
_STEPS: Final = {
    "OPEN": _("Opened"),
    "FROZEN": _("Frozen"),
    "RUN": _("Worked out"),
    "SITTING": _("Before the commission"),
    "DECIDED": _("Decided by the commission"),
}
_MODES: Final = {
    "COMMISSION": _("The commission decides entry by entry"),
    "AUTOMATIC": _("Automatic: the machine's result is the distribution"),
}
_DECISIONS: Final = {
    "CONFIRMED": _("Confirmed by the commission"),
    "REFUSED": _("Refused by the commission"),
}
_POLICIES: Final = {
    "akimat-2022": _("Order of the akimats by the Housing Law, edition of 2022"),
    "ladder-2022": _("Affordability ladder announced in 2022"),
    "operator-2025": _("Order of the single operator since 2025, as the press tells it"),
}
_DEPARTURES: Final = {
    "COURT_ACT": _("an act of a court that has entered into force"),
    "HOME_UNFIT": _("the home turned out not to fit the family"),
    "NEED_CEASED": _("the family no longer needs a home"),
    "INPUT_ERROR": _("an error in what the order was computed from"),
    "HOUSEHOLD_DECLINED": _("the family declined the home in writing"),
}


def departure_ground(code: str) -> str:
    """Why the commission leaves the computed order."""
    return words("departure_ground", _DEPARTURES, code)


def passed_over(code: str) -> str:
    """Why an entry was looked at and not served."""
    kind, _colon, detail = code.partition(":")
    if kind == "DEPARTURE" and detail:
        return gettext("The commission left the computed order: %(ground)s") % {
            "ground": departure_ground(detail)
        }
    if kind == "INELIGIBLE" and detail:
        return gettext("Not eligible: %(reason)s") % {"reason": presenters.reason(detail)}
    if kind == "OTHER_RUNG" and detail:
        return gettext("By income on another rung of the ladder: %(rung)s") % {
            "rung": presenters.rung(detail)
        }
    return words("passed_over", _PASSED_OVER, code)


def witness(dwellings: int) -> str:
    """
    Why no rearrangement could have housed a family: every fitting home is taken by families who need them.
    """
    return gettext(
        "Homes that fit these families: %(dwellings)s. All of them went to families who stood before "
        "and fit nowhere else, so no rearrangement helps."
    ) % {"dwellings": formats.whole(dwellings)}


def witness_by_rooms(homes: Sequence[RoomCount]) -> str:
    """
    The same by the number of rooms: "Every home that fits this family is among these: all 14 homes with 2
    rooms. They went to families who stood before and fit nowhere else."
    """
    parts = [
        gettext("all %(count)s homes with rooms: %(rooms)s") % {"count": row.count, "rooms": row.rooms}
        if row.count == row.of
        else gettext("%(count)s of %(all)s homes with rooms: %(rooms)s")
        % {"count": row.count, "all": row.of, "rooms": row.rooms}
        for row in homes
    ]
    return gettext(
        "Every home that fits this family is among these: %(homes)s. They went to families who stood before "
        "and fit nowhere else, so no rearrangement helps."
    ) % {"homes": "; ".join(parts)}


def tier_name(kind: str) -> str:
    """Name of a tier."""
    return words("tier", _TIERS, kind)


def tier_rule(kind: str) -> str:
    """The rule of a tier in a sentence."""
    return words("tier", _TIER_RULES, kind)


def level(code: str) -> str:
    """How a home fits the family that got it."""
    return words("level", _LEVELS, code)


def dwelling_state(code: str) -> str:
    """State of a dwelling."""
    return words("dwelling_state", _DWELLING_STATES, code)


def offer_state(code: str) -> str:
    """State of an offer."""
    return words("offer_state", _OFFER_STATES, code)


def mode(code: str) -> str:
    """How a round is decided."""
    return words("mode", _MODES, code)


def stage(code: str) -> str:
    """How far a round has come."""
    return words("stage", _STAGES, code)


def step(code: str) -> str:
    """A step on the way of a round."""
    return words("step", _STEPS, code)


def decision(code: str) -> str:
    """What the commission decided."""
    return words("decision", _DECISIONS, code)


def allocation_tone(code: str) -> str:
    """Color class of a state; words always stand beside it."""
    return _TONES.get(code, "calm")


def policy_name(code: str) -> str:
    """Name of a policy."""
    return words("policy", _POLICIES, code)


def shortfall(found: Mapping[str, Any] | None) -> str:
    """By how many homes a target was missed, and why; empty where it was reached."""
    if found is None:
        return ""
    return gettext("%(missing)s short: %(reason)s") % {
        "missing": formats.whole(found["missing"]),
        "reason": words("shortfall", _SHORTFALLS, found["reason"]),
    }


def floor_sum(found: FloorSum) -> str:
    """How a lawful floor came to its homes, as a sum."""
    dwellings = formats.whole(found.dwellings)
    if found.distributed is not None:
        dwellings = f"({formats.whole(found.distributed)} + {dwellings})"
    return gettext(
        "%(share)s × %(sum)s = %(exact)s, rounded up: %(up)s; "
        "less received earlier this year: %(received)s; less served in earlier tiers: %(earlier)s"
    ) % {
        "share": found.share,
        "sum": dwellings,
        "exact": found.exact,
        "up": formats.whole(found.rounded_up),
        "received": formats.whole(found.received),
        "earlier": formats.whole(found.served_earlier),
    }


def exact_share(share: Fraction) -> str:
    """An exact share as a fraction; a very long one only by its sign, since the result has it in full."""
    text = str(share)
    return text if len(text) <= _LONGEST_SHARE else "…/…"


def rounded_share(share: Fraction) -> str:
    """The decimal of four places that stands beside an exact share."""
    return formats.share(share)


def thousandths(part: Fraction | int, whole: int) -> int:
    """How long a bar is that shows a part of a whole, in thousandths of the picture's width."""
    return min(1000, max(0, int(Fraction(part) * 1000 / whole))) if whole else 0
