"""Codes of the page of state systems as words, and its picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from integrations.contract import Lane
from integrations.selectors import Tally
from queue_registry import formats, presenters
from queue_registry.selectors.sources import Health, Share, SourceState, shares

WIDTH: Final = 1000
NARROWEST: Final = 8

_HEALTH: Final = {
    Health.OFF: _("switched off"),
    Health.MAINTENANCE: _("maintenance"),
    Health.CIRCUIT_OPEN: _("left alone after failures"),
    Health.FAILING: _("failing"),
    Health.SLOW: _("slow"),
    Health.ANSWERS: _("it answers"),
    Health.NOT_ASKED: _("not asked lately"),
}
_TONES: Final = {
    Health.CIRCUIT_OPEN: "bad",
    Health.FAILING: "bad",
    Health.MAINTENANCE: "wait",
    Health.SLOW: "wait",
    Health.ANSWERS: "good",
}
_SHARES: Final = {
    Share.ANSWERED: _("answered"),
    Share.NO_CONSENT: _("no consent"),
    Share.NOT_NOW: _("not now"),
    Share.FAILED: _("failed"),
}
_DEAD: Final = {
    "TOO_OLD": _("no answer by the deadline"),
    "TOO_MANY_FAILURES": _("too many failures"),
    "BAD_ANSWER": _("bad answers"),
    "REFUSED": _("refused"),
}
_HOLD_REFUSALS: Final = {
    "SOURCE_UNKNOWN": _("There is no such system."),
    "REASON_MISSING": _("Say why."),
    "HELD_ALREADY": _("The system is held already."),
    "NOT_HELD": _("The system is not held."),
}
_LANES: Final = {Lane.INTERACTIVE: _("somebody waits"), Lane.BULK: _("in bulk")}
_SPANS: Final = (
    (timedelta(days=2), timedelta(days=1), _("%(count)s d")),
    (timedelta(hours=2), timedelta(hours=1), _("%(count)s h")),
    (timedelta(minutes=2), timedelta(minutes=1), _("%(count)s min")),
    (timedelta(seconds=2), timedelta(seconds=1), _("%(count)s s")),
    (timedelta(0), timedelta(milliseconds=1), _("%(count)s ms")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a bar: whose, from where, how wide."""

    share: str
    x: int
    width: int


def health(state: SourceState) -> str:
    """How a system is."""
    return presenters.words("health", _HEALTH, state.health)


def health_tone(state: SourceState) -> str:
    """Color of it, never without the words."""
    return _TONES.get(state.health, "calm")


def share(code: str) -> str:
    """What outcomes of a part of the bar have in common."""
    return presenters.words("share", _SHARES, code)


def dead_reason(code: str) -> str:
    """Why questions were given up."""
    return presenters.words("dead_reason", _DEAD, code)


def hold_refusal(code: str) -> str:
    """Why a system was not held or not let go."""
    return presenters.words("hold_refusal", _HOLD_REFUSALS, code)


def lane(code: str) -> str:
    """Who waits for a question."""
    return presenters.words("lane", _LANES, code)


def span(value: timedelta) -> str:
    """A length of time in its largest fitting unit, cut down to the whole."""
    unit, text = next((unit, text) for least, unit, text in _SPANS if value >= least)
    return gettext(text) % {"count": formats.whole(value // unit)}


def mix(counts: Mapping[str, int]) -> list[Part]:
    """How attempts ended, as parts of one bar; whatever happened at all is seen."""
    found = {name: count for name, count in shares(counts).items() if count}
    total = sum(found.values())
    widths = {name: max(WIDTH * count // total, NARROWEST) for name, count in found.items()}
    if widths:
        # What the narrow ones were given more than theirs, and what was rounded away, is the widest's.
        widest = max(widths, key=lambda name: widths[name])
        widths[widest] += WIDTH - sum(widths.values())
    ends = accumulate(widths.values())
    return [
        Part(share=name.lower(), x=end - width, width=width)
        for (name, width), end in zip(widths.items(), ends, strict=True)
    ]


def share_counts(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The figures of the bar in words."""
    return [(share(name), count) for name, count in shares(counts).items() if count]


def by_outcome(tally: Tally) -> list[tuple[str, int, int]]:
    """Every outcome that came up within the day: its code, how often in the hour, how often in the day."""
    return [(code, tally.hour.get(code, 0), count) for code, count in sorted(tally.day.items())]
