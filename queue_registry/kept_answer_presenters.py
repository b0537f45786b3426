"""Words of opening the answer of a state system as it came."""

from typing import Final

from django.utils.translation import gettext_noop as _

from queue_registry.presenters import words
from queue_registry.rules.kept_answers import Purpose

_PURPOSES: Final = {
    "CHECK": _("a check of the auditor"),
    "COMPLAINT": _("a complaint or a case at court"),
    "DATA_DISPUTE": _("the household says that the data are wrong"),
    "AUTHORITY": _("a request of an authority that the law entitles"),
}
_REFUSALS: Final = {
    "NOT_KEPT": _(
        "The answer itself is not kept any more: its time is over, or nothing came. Its digest stays."
    ),
    "UNREADABLE": _(
        "The answer cannot be opened: no key of this installation fits, or it was changed. "
        "Tell the administrator."
    ),
    "DOCUMENT_MISSING": _("Enter the document on which the answer is opened"),
}


def purposes() -> list[tuple[str, str]]:
    """Every purpose with its words."""
    return [(one.value, words("answer_purpose", _PURPOSES, one)) for one in Purpose]


def refusal(code: str) -> str:
    """Why an answer is not given out."""
    return words("kept_answer_refusal", _REFUSALS, code)
