"""Refusals of an erasure in words."""

from typing import Final

from django.utils.translation import gettext_noop as _

from queue_registry.presenters import words
from queue_registry.rules.erasures import ErasureRefusal

_REFUSALS: Final = {
    "DOCUMENT_MISSING": _("Name the request or decision that it rests on."),
    "CASE_NOT_CLOSED": _(
        "The case is not over: something is erased only of applications that were refused or withdrawn, "
        "and of cases that were removed from every list."
    ),
    "REVIEW_OPEN": _("A decision of this case is contested; nothing is erased until that is decided."),
    "PROPOSED_ALREADY": _("This was proposed already, or is done."),
    "DECIDED_ALREADY": _("This has been decided already."),
    "ANOTHER_PERSON_NEEDED": _("Another person than the one who proposed it has to carry it out."),
}


def refusal(code: ErasureRefusal) -> str:
    """Return why nothing is erased."""
    return words("refusal", _REFUSALS, code)
