"""What an auditor reads, in words: records of the trail, what was looked at, causes of a total."""

from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import trail_words
from queue_registry.presenters import words

_LOOKED_AT: Final = {
    "register": _("The lists of the akimat"),
    "waiting_file": _("The waiting file"),
    "trail": _("The trail of the akimat"),
    "looks": _("Looks at personal data"),
    "removals": _("The register of removals"),
    "match_groups": _("Applications that may be one person's"),
    "flags": _("The red flags"),
    "red_flag": _("A red flag"),
    "notices": _("Notices that go out"),
    "person": _("A person"),
    "unusual_looks": _("Unusual looks"),
}
_LOOK_KINDS: Final = {
    "OWN_CASE": _("The officer's own case"),
    "RELATIVE": _("A relative's case"),
    "COLLEAGUE": _("A colleague's case"),
    "WITHOUT_TASK": _("Nothing was to be done in the case"),
}
_CAUSES: Final = {
    "REGISTERED": _("registered"),
    "REINSTATED": _("reinstated"),
    "RETURNED": _("returned"),
    "FROM_ANOTHER_LIST": _("from another list"),
    "TO_ANOTHER_LIST": _("to another list"),
    "HOUSED": _("housed"),
    "DEREGISTERED": _("removed"),
}
_REVIEW_SOURCES: Final = {"CITIZEN": _("by the citizen"), "COURT": _("by a court")}
_REVIEW_OUTCOMES: Final = {"": _("open"), "UPHELD": _("upheld"), "OVERTURNED": _("overturned")}
_LONGEST: Final = 200


def look_kind(code: str) -> str:
    """Why a look is asked about."""
    return words("look", _LOOK_KINDS, code)


def target(name: str) -> str:
    """Return a thing of the trail in words with its key: "Queue entry 17"."""
    kind, _colon, key = name.partition(":")
    named = trail_words.THINGS.get(kind) or _LOOKED_AT.get(kind)
    return f"{gettext(named)} {key}".strip() if named else name


def cause(code: str) -> str:
    """Return in words why an entry came onto a list or left it."""
    words = _CAUSES.get(code)
    return gettext(words) if words else code


def review_source(code: str) -> str:
    """Return in words who contested a decision."""
    return gettext(_REVIEW_SOURCES.get(code, code))


def review_outcome(code: str) -> str:
    """Return in words how a contest ended."""
    return gettext(_REVIEW_OUTCOMES.get(code, code))


def data_of(record: Any) -> list[tuple[str, str]]:
    """Return what a record says besides, key by key; long values cut."""
    return [(key, _short(value)) for key, value in sorted(record.data.items()) if value not in (None, "")]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
