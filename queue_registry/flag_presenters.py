"""Red flags in words: what each kind asks, and what was found with its figures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import formats, oversight_presenters
from queue_registry.models import RedFlag
from queue_registry.presenters import words
from queue_registry.rules.flags.kinds import BACKDATING, FlagKind
from queue_registry.rules.flags.refusals import FlagRefused

_KINDS: Final = {
    "MOMENT_BEFORE_ENTRY": _("Registration moment long before the entry was typed"),
    "NUMBER_OUT_OF_SEQUENCE": _("Number out of sequence"),
    "EDIT_AFTER_ANNOUNCEMENT": _("Moved forward while a round is prepared"),
    "JUMP": _("Jump over many others"),
    "CLERK_RATE": _("One officer changes moments more often than the others"),
    "ODD_HOURS": _("Work alone at night and on free days"),
    "NEIGHBOUR_GAIN": _("Removals just ahead of a recipient"),
    "OFFICIAL_OR_RELATIVE": _("Recipient tied to the staff"),
    "SAME_CONTACT": _("Same phone, address or applicant"),
    "ORPHANS_SHARE": _("Lawful share not reached"),
    "FLAT_IDLE": _("Home ready and not distributed"),
    "FLAT_EMPTY": _("Home empty after it was given"),
    "NOT_FIRST": _("Recipient not first on the list"),
    "NOT_ON_LIST": _("Recipient not on the list"),
    "LATER_BEFORE_EARLIER": _("Later moment served before an earlier one"),
}
_FOUND: Final = {
    "MOMENT_BEFORE_ENTRY": _(
        "The registration moment is %(moment)s, the entry was typed on %(typed_at)s: %(days)s days "
        "later, with no row of an old list and no decision behind it. More than %(limit)s days are "
        "asked about."
    ),
    "NUMBER_OUT_OF_SEQUENCE": _(
        "Number %(number)s has the moment %(moment)s, %(days)s days before those of the numbers "
        "around it. These differ by %(usual_days)s days as a rule; more than %(limit)s days are asked "
        "about."
    ),
    "EDIT_AFTER_ANNOUNCEMENT": _(
        "On %(at)s, while a round with %(homes)s homes was announced and not decided, the entry went "
        "from place %(before)s to place %(after)s with nothing in the register that proves it. "
        "%(limit)s places are asked about, and every place by which somebody comes within the number "
        "of homes."
    ),
    "JUMP": _(
        "On %(at)s the moment was changed and the entry went from place %(before)s to place %(after)s "
        "of %(length)s, over %(places)s others, with nothing in the register that proves it. "
        "%(limit)s places, or %(share)s of the list, are asked about."
    ),
    "CLERK_RATE": _(
        "%(count)s changed moments without proof among %(acts)s acts; all others together: "
        "%(others_count)s among %(others_acts)s. More than %(limit)s times the rate of the others is "
        "asked about."
    ),
    "ODD_HOURS": _(
        "%(count)s of %(acts)s acts at night or on free days when hardly anybody else worked; all "
        "others together: %(others_count)s of %(others_acts)s. More than %(limit)s times the rate of "
        "the others is asked about."
    ),
    "NEIGHBOUR_GAIN": _(
        "%(staff)s had %(removals)s entries removed within %(places)s places ahead of this one, "
        "without the answer of a state system, before it got a home. From %(limit)s on it is asked "
        "about."
    ),
    "OFFICIAL_OR_RELATIVE": _(
        "The household got a home. It is tied to %(staff)s of the staff by kinship of degree "
        "%(degree)s (0: the same person or household). Up to degree %(limit)s it is asked about."
    ),
    "SAME_CONTACT": _(
        "%(channel)s: the same in applications of %(families)s families that are no kin, filed within "
        "%(days)s days. From %(limit)s on it is asked about."
    ),
    "ORPHANS_SHARE": _(
        "Of %(homes)s homes of the year %(received)s went to the lists that have a right to "
        "%(floor)s, that is %(needed)s: %(missing)s short, while %(waiting)s wait."
    ),
    "FLAT_IDLE": _(
        "Home %(home)s is ready since %(since)s: %(days)s days in no round. More than %(limit)s are "
        "asked about."
    ),
    "FLAT_EMPTY": _(
        "Home %(home)s was given on %(since)s; after %(days)s days the population register knew no "
        "new registration of the household. More than %(limit)s days are asked about."
    ),
    "NOT_FIRST": _(
        "Turn %(turn)s on list %(list)s with the moment %(moment)s: %(ahead)s with an earlier moment "
        "stood ahead, and the round says of none of them why."
    ),
    "NOT_ON_LIST": _(
        "Turn %(turn)s on list %(list)s with the moment %(moment)s: when the candidates were frozen, "
        "the entry had no place on this list."
    ),
    "LATER_BEFORE_EARLIER": _(
        "Turn %(turn)s on list %(list)s with the moment %(moment)s came before the turns of "
        "%(earlier)s with an earlier moment, the earliest by %(days)s days."
    ),
}
_CHANNELS: Final = {
    "PHONE": _("Phone"),
    "ADDRESS": _("Address"),
    "PHONE_AND_ADDRESS": _("Phone and address"),
    "IIN": _("Applicant"),
}
_REFUSALS: Final = {
    "FLAG_CLOSED": _("The flag is closed already."),
    "REASON_MISSING": _("Give a reason."),
    "ANOTHER_PERSON_NEEDED": _("You had a hand in this record: another person has to answer the flag."),
}
_MOMENTS: Final = frozenset({"moment", "typed_at", "at", "since", "announced_at"})


def kind(code: str) -> str:
    """Name of a kind of flags."""
    return words("flag", _KINDS, code)


def kinds() -> list[tuple[str, str]]:
    """Return every kind with its name, those of backdating first."""
    return sorted(
        ((one, kind(one)) for one in FlagKind), key=lambda pair: (pair[0] not in BACKDATING, pair[1])
    )


def blocks(flag: RedFlag) -> bool:
    """Tell whether a flag keeps a round from being confirmed."""
    return flag.kind in BACKDATING


def about(flag: RedFlag, staff: Mapping[str, str]) -> str:
    """What a flag is about: a file number, an officer, a home, a year."""
    thing, _colon, key = flag.target.partition(":")
    if flag.file_number:
        return flag.file_number
    if thing == "staff":
        return staff.get(key, key)
    if thing == "akimat_year":
        _kato, year, *lists = key.split("-")
        return gettext("%(year)s, lists %(lists)s") % {"year": year, "lists": ", ".join(lists)}
    return str(flag.figures.get("home") or oversight_presenters.target(flag.target))


def found(flag: RedFlag, staff: Mapping[str, str]) -> str:
    """What was found, with its figures; `staff` gives names of staff by key."""
    text = words("flag", _FOUND, flag.kind)
    try:
        return text % {name: _shown(name, value, staff) for name, value in flag.figures.items()}
    except KeyError:
        return text


def _shown(name: str, value: Any, staff: Mapping[str, str]) -> str:
    if name in _MOMENTS and value:
        return formats.moment(datetime.fromisoformat(value))
    if name == "staff":
        return staff.get(value, value)
    if name == "channel":
        return words("channel", _CHANNELS, value)
    if name == "list":
        return str(value).rpartition(":")[2]
    return formats.whole(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def state(flag: RedFlag) -> str:
    """Whether a flag is open, cleared, or gone by itself."""
    if flag.cleared_at is not None:
        return gettext("Cleared")
    return gettext("Open") if flag.gone_at is None else gettext("Not found any more")


def tone(flag: RedFlag) -> str:
    """Color class of a flag; words always stand beside it."""
    if not flag.is_open:
        return "calm" if flag.cleared_at is None else "good"
    return "bad" if blocks(flag) else "wait"


def refusal(refused: FlagRefused) -> str:
    """Why a flag was not cleared."""
    return words("refusal", _REFUSALS, refused.code)
