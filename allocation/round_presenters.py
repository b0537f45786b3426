"""The guided way of a round as words for people."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import formats
from queue_registry.presenters import words

_STEPS: Final = {
    "HOMES": _("Homes are chosen"),
    "FIGURES": _("Policy and figures"),
    "RECHECK": _("Recheck before the distribution"),
    "SEAL": _("Candidates and homes are sealed"),
    "RUN": _("The distribution is worked out"),
    "SITTING": _("The commission is convened"),
    "DECISION": _("The commission decides; homes are offered"),
}
_STATES: Final = {
    "DONE": _("done"),
    "UNDER_WAY": _("under way"),
    "NEXT": _("next"),
    "LATER": _("later"),
    "SKIPPED": _("left out"),
}
_STAGES: Final = {
    "": _("A worker will take it in a moment"),
    "COMPARING": _("Everything is compared with the seal"),
    "DISTRIBUTING": _("The homes are distributed"),
    "STORING": _("The answer for each family is stored"),
    "BUNDLING": _("The bundles are made and verified"),
}
_THINGS: Final = {
    "entry": _("Entry %(key)s"),
    "dwelling": _("Home %(key)s"),
    "policy": _("Policy"),
    "year_to_date": _("Account of the year"),
}
_FIELDS: Final = {
    "present": _("is there no more, or was not there before"),
    "eligibility": _("whether it is eligible"),
    "reason": _("why it is not eligible"),
    "registered_at": _("the registration moment"),
    "members": _("the members of the household"),
    "income": _("the income"),
    "flags": _("the grounds for exemption"),
    "state": _("the state of the home"),
}
_LOST: Final = {
    "DEPARTURE": _("the commission left it in the stock"),
    "NOT_TAKEN": _("nobody to whom it was offered took it"),
    "ANNULLED": _("its contract was annulled"),
}


def guide_step(code: str) -> str:
    """A step on the guided way."""
    return words("guide_step", _STEPS, code)


def guide_state(code: str) -> str:
    """Where a step stands."""
    return words("guide_state", _STATES, code)


def run_stage(code: str) -> str:
    """What a worker is doing with a run."""
    return words("run_stage", _STAGES, code)


def taken_back(line: Mapping[str, str]) -> str:
    """A home of an earlier round that stands no more: which, of whose list, since when and why."""
    return gettext("%(dwelling)s of %(round)s, list %(list)s: %(why)s on %(day)s") % {
        "dwelling": line["dwelling"],
        "round": line["round"],
        "list": line["list"],
        "why": words("lost_home", _LOST, line["because"]),
        "day": formats.day(date.fromisoformat(line["on"])),
    }


def change_words(change: Mapping[str, str]) -> str:
    """One thing that is no longer as it was sealed, as a refused run keeps it."""
    return change_in_words(change["thing"], change["key"], change["field"])


def change_in_words(thing: str, key: str, field: str) -> str:
    """What is no longer as it was sealed: which thing, and in what; never the value itself."""
    what = gettext(_THINGS.get(thing, thing)) % {"key": key}
    words_of_field = _FIELDS.get(field)
    return f"{what}: {gettext(words_of_field) if words_of_field else field}"
