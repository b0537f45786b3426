"""What a look at the register found, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from allocation.models import RegisterCheck
from queue_registry.presenters import words

# Looks are made every night: one that is missing for so long tells nothing of today.
_GOOD_FOR: Final = timedelta(hours=36)
_RULES: Final[Mapping[str, str]] = {
    "STATE": _("Every entry stands as its newest event says"),
    "HISTORY": _("Every event of an entry begins where the one before it ended"),
    "BELONGING": _("Every entry belongs to its application and to its akimat"),
    "NUMBERS": _("Every file number is made of the akimat's code and a running number"),
    "COUNTERS": _("The counters of the lists are those of a recount"),
    "SUMS": _("The sums of months, years and lists agree"),
    "PLACES": _("The places told are those in the order of the list"),
    "ROLES": _("Nobody of staff holds two roles that exclude each other"),
    "TRAIL": _("No record of the trail was changed or taken out"),
    "HEADS": _("The head of every trail only moves on"),
    "HOMES": _("Every home stands as its newest event and its offers say"),
    "OFFERS": _("One home has one live offer, and so has one family"),
    "VOTES": _("No home was offered without the vote of the commission"),
    "REPLAYS": _("Every distribution comes out again, byte for byte"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One invariant: what must hold, and how it is, in words and in tone."""

    rule: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The newest look as a page shows it."""

    at: datetime
    state: str
    tone: str
    is_old: bool
    lines: tuple[Line, ...]


def board(check: RegisterCheck, *, at: datetime) -> Board:
    """Return the newest look in words; an old one does not say that all is well."""
    lines = tuple(_line(code, check.broken.get(code)) for code in _RULES)
    is_old = at - check.at > _GOOD_FOR
    tones = {line.tone for line in lines}
    tone = "bad" if "bad" in tones else "wait" if "wait" in tones or is_old else "good"
    states = {
        "good": gettext("The register is whole"),
        "wait": gettext("Not everything is known"),
        "bad": gettext("Something is broken"),
    }
    return Board(at=check.at, state=states[tone], tone=tone, is_old=is_old, lines=lines)


def _line(code: str, broken: int | None) -> Line:
    rule = words("invariant", _RULES, code)
    if broken is None:
        return Line(rule=rule, state=gettext("could not be looked at"), tone="wait")
    if broken:
        return Line(rule=rule, state=gettext("broken: %(count)s") % {"count": broken}, tone="bad")
    return Line(rule=rule, state=gettext("in order"), tone="good")
