"""Rechecks in words: what for, how far, how long still, what was found, why an act was refused."""

from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from queue_registry import formats, presenters
from queue_registry.models import Sweep
from queue_registry.presenters import words
from queue_registry.rules.sweeps import SweepRefused
from queue_registry.selectors.sweeps import AtWork, Progress

WIDTH: Final = 1000

_PURPOSES: Final = {
    "INVENTORY": _("Quarterly inventory"),
    "BEFORE_ALLOCATION": _("Recheck before a distribution"),
}
_AT_WORK: Final = {
    AtWork.HELD: _("held: its answers ground nothing until somebody lets it go"),
    AtWork.MAINTENANCE: _("maintenance"),
    AtWork.CIRCUIT_OPEN: _("left alone after failures"),
    AtWork.AT_WORK: _("at work"),
    AtWork.NOT_KNOWN: _("not known"),
}
_AT_WORK_TONES: Final = {
    AtWork.HELD: "bad",
    AtWork.MAINTENANCE: "wait",
    AtWork.CIRCUIT_OPEN: "bad",
    AtWork.AT_WORK: "good",
}
_FINDINGS: Final = {"DOUBLE": _("is on the lists of another akimat, too")}
_STATES: Final = {
    "SECOND_LOOK": _("asked once more"),
    "HELD": _("a person has to look"),
    "PROPOSED": _("a removal was proposed"),
    "REFUTED": _("the second answer did not confirm it"),
    "CLOSED": _("settled by a person"),
}
_STATE_TONES: Final = {"SECOND_LOOK": "wait", "HELD": "wait", "PROPOSED": "bad", "REFUTED": "good"}
_REFUSALS: Final = {
    "ALREADY_STARTED": _("This recheck was begun already; its answers are as fresh as a new one's."),
    "NOBODY_TO_ASK_ABOUT": _("Nobody stands on the lists, so there is nobody to ask about."),
    "ALREADY_PAUSED": _("The recheck is paused already."),
    "NOT_PAUSED": _("The recheck is not paused."),
    "ALREADY_FINISHED": _("The recheck has ended."),
}


def sweep_purpose(code: str) -> str:
    """What a recheck is made for."""
    return words("sweep_purpose", _PURPOSES, code)


def sweep_period(sweep: Sweep) -> str:
    """The quarter of an inventory; the day of a recheck before a distribution, and how deep it goes."""
    if sweep.purpose == Sweep.Purpose.INVENTORY:
        year, number = sweep.period.split("-Q")
        return gettext("quarter %(number)s of %(year)s") % {"number": number, "year": year}
    on, first = sweep.period.split("/")
    return gettext("%(day)s, the first %(first)s of each list") % {
        "day": formats.day(date.fromisoformat(on)),
        "first": formats.whole(int(first)),
    }


def sweep_state(sweep: Sweep) -> str:
    """Whether a recheck goes on."""
    if sweep.finished_at is not None:
        return gettext("ended")
    return gettext("paused") if sweep.paused_at is not None else gettext("going on")


def sweep_tone(sweep: Sweep) -> str:
    """Color of it, never without the words."""
    if sweep.finished_at is not None:
        return "calm"
    return "wait" if sweep.paused_at is not None else "good"


def time_left(progress: Progress) -> str:
    """How long the rest takes, in the largest fitting unit; that nobody knows it, while nobody does."""
    left = progress.left
    if left is None:
        return gettext("not known yet")
    for unit, text in (
        (timedelta(days=1), _days),
        (timedelta(hours=1), _hours),
        (timedelta(minutes=1), _minutes),
    ):
        if left >= 2 * unit:
            return text(-(-left // unit))
    return gettext("less than two minutes")


def _days(count: int) -> str:
    return ngettext("about %(count)s day", "about %(count)s days", count) % {"count": formats.whole(count)}


def _hours(count: int) -> str:
    return ngettext("about %(count)s hour", "about %(count)s hours", count) % {"count": count}


def _minutes(count: int) -> str:
    return ngettext("about %(count)s minute", "about %(count)s minutes", count) % {"count": count}


def bar_width(part: int, whole: int) -> int:
    """Width of a part of a bar; whatever there is of it is seen."""
    return max(WIDTH * part // whole, 4) if part and whole else 0


def at_work(code: AtWork) -> str:
    """Whether a source can be asked."""
    return words("at_work", _AT_WORK, code)


def at_work_tone(code: AtWork) -> str:
    """Color of it."""
    return _AT_WORK_TONES.get(code, "calm")


def finding(code: str) -> str:
    """What a recheck saw."""
    return gettext(_FINDINGS[code]) if code in _FINDINGS else presenters.reason(code)


def finding_state(code: str) -> str:
    """What became of it."""
    return words("finding_state", _STATES, code)


def finding_tone(code: str) -> str:
    """Color of it."""
    return _STATE_TONES.get(code, "calm")


def refusal(refused: SweepRefused) -> str:
    """Why an act on a recheck was refused."""
    return words("sweep_refusal", _REFUSALS, refused.code)
