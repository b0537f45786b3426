"""Changed IINs in words: how far each is, what speaks against it, why an act was not done."""

from typing import Final

from django.utils.translation import gettext_noop as _

from queue_registry.models import IinChange
from queue_registry.presenters import words

_STATES: Final = {
    "TOLD": _("told by the population register, waits for a clerk"),
    "CONFIRMED": _("confirmed by a document, waits for a second person"),
    "APPROVED": _("approved"),
    "DROPPED": _("given up"),
}
_TONES: Final = {"APPROVED": "good", "DROPPED": "calm"}
_DOUBTS: Final = {
    "NOT_AN_IIN": _("The new number is no valid IIN."),
    "OTHER_BIRTH_DATE": _("The birth date under the new number is another."),
    "OTHER_NAME": _("The name under the new number is another person's."),
    "EXCHANGED": _("The register says the same of the other number: two people's numbers were exchanged."),
    "FORMER_OF_ANOTHER": _("The new number is a former number of somebody already."),
    "ANOTHER_BEARS_IT": _("Somebody of another name or birth date is known here under the new number."),
}
_REFUSALS: Final = {
    "CLOSED": _("This change does not wait for anybody any more."),
    "DOCUMENT_MISSING": _("Name the document."),
    "REASON_MISSING": _("Say it in words."),
    "NOT_CONFIRMED": _("No document confirms this change yet."),
    "SECOND_PERSON_NEEDED": _("Another person has to approve it: not who confirmed it."),
    "DOUBTED": _("What is known here speaks against it. Nothing was changed."),
    "NUMBER_HAS_A_CASE": _("Somebody applied at a desk under the new number. Settle that application first."),
}


def iin_change_state(change: IinChange) -> str:
    """How far a change is, as a code."""
    if change.approved_at is not None:
        return "APPROVED"
    if change.dropped_at is not None:
        return "DROPPED"
    return "CONFIRMED" if change.confirmed_at is not None else "TOLD"


def iin_change_state_words(change: IinChange) -> str:
    """How far a change is."""
    return words("iin_change_state", _STATES, iin_change_state(change))


def iin_change_tone(change: IinChange) -> str:
    """Color class of how far a change is; words always stand beside it."""
    return _TONES.get(iin_change_state(change), "warn")


def doubt(code: str) -> str:
    """What speaks against a change."""
    return words("iin_change_doubt", _DOUBTS, code)


def refusal(code: str) -> str:
    """Why an act about a change was not done."""
    return words("iin_change_refusal", _REFUSALS, code)
