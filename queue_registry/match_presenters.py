"""Groups of applications in words: what is alike, what is not, and why a group is not decided."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from queue_registry.models import MatchGroup
from queue_registry.presenters import words
from queue_registry.rules.legacy.match_refusals import MatchRefused

_NAMES: Final = {
    "FULL": _("surname, first name and patronymic are the same"),
    "SHORT": _("surname and first name are the same; a patronymic is missing on one side or both"),
    "INITIALS": _("the surname is the same, and the initials fit"),
    "GIVEN": _("first name and patronymic are the same, the surname is another"),
}
_READINGS: Final = {
    "OTHER_LETTERS": _("written with other letters"),
    "WORD_ORDER": _("the words stand in another order"),
    "PATRONYMIC_FORM": _("the patronymic has another form"),
}
_SIGNS: Final = {
    "IIN_SAME": _("the same number is written for the IIN"),
    "IIN_ALMOST": _("the written number differs from the IIN by one slip of the hand"),
    "BORN_SAME": _("the birth date is the same"),
    "MEMBER_SHARED": _("a member of the family is the same"),
    "MEMBERS_SHARED": _("several members of the family are the same"),
    "PHONE_SAME": _("the telephone is the same"),
    "DAY_SAME": _("the day of registration is the same"),
    "SIZE_SAME": _("as many people in the family"),
    "LIST_SAME": _("the same separate list"),
}
_DIFFERENCES: Final = {
    "IIN_OTHER": _("the written numbers are quite different"),
    "BORN_OTHER": _("another birth date"),
    "MEMBER_OF_OTHER": _("one is a member of the other's family"),
    "MEMBERS_OTHER": _("other members of the family"),
    "PHONE_OTHER": _("another telephone"),
    "DAY_OTHER": _("another day of registration"),
    "SIZE_OTHER": _("another number of people in the family"),
    "LIST_OTHER": _("another separate list"),
}
_OUTCOMES: Final = {
    "": _("a person has to decide"),
    "SAME": _("one person"),
    "DIFFERENT": _("different people"),
}
_TONES: Final = {"": "wait", "SAME": "good", "DIFFERENT": "calm"}
_REFUSALS: Final = {
    "GROUP_CLOSED": _("This group was decided already, or another one replaced it."),
    "DOCUMENT_MISSING": _("Name the document that shows it."),
    "SCAN_NOT_READABLE": _("The file is not a PDF, JPEG or PNG."),
    "SCAN_TOO_LARGE": _("The file is larger than 10 megabytes."),
    "TWO_NEEDED": _("Choose at least two applications."),
    "TWO_PEOPLE": _(
        "Two of the chosen are known to the population register: they are two people. Choose to which of "
        "them the others belong."
    ),
    "IIN_NEEDED": _("Nobody knows yet whose they are: type the IIN that the document shows."),
    "NOT_AN_IIN": _("The number is no IIN."),
    "CHANGED_MEANWHILE": _("One of the applications was decided meanwhile. Look at the group again."),
}


def likenesses(reason: Mapping[str, Any]) -> list[str]:
    """What is alike of two applications, in sentences."""
    found = [words("match_name", _NAMES, reason["name"])]
    found += [words("match_reading", _READINGS, code) for code in reason["readings"]]
    for code in reason["signs"]:
        if code == "MEMBER_SHARED" and "MEMBERS_SHARED" in reason["signs"]:
            continue
        text = words("match_sign", _SIGNS, code)
        found.append(f"{text} ({_people(reason)})" if code == "MEMBERS_SHARED" else text)
    return found


def _people(reason: Mapping[str, Any]) -> str:
    count = reason["members_shared"]
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": count}


def differences(reason: Mapping[str, Any]) -> list[str]:
    """What is not alike of two applications, in sentences."""
    return [words("match_difference", _DIFFERENCES, code) for code in reason["differences"]]


def outcome(group: MatchGroup) -> str:
    """How a group was decided; one that was replaced or not found any more is over."""
    if not group.outcome and group.superseded_by_id is not None:
        return gettext("replaced by a newer group")
    if group.gone_at is not None:
        return gettext("not found any more")
    return words("match_outcome", _OUTCOMES, group.outcome)


def tone(group: MatchGroup) -> str:
    """Color class of a group; words always stand beside it."""
    is_over = group.superseded_by_id is not None or group.gone_at is not None
    return "calm" if is_over else _TONES.get(group.outcome, "calm")


def refusal(refused: MatchRefused) -> str:
    """Why a group was not decided."""
    return words("refusal", _REFUSALS, refused.code)
