"""Consents in words: by what somebody was contacted and what came of it, whom a consent covers."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import presenters

_CONTACTS: Final = {
    "PHONE": _("by telephone"),
    "SMS": _("by SMS"),
    "EMAIL": _("by e-mail"),
    "LETTER": _("by letter"),
    "VISIT": _("at a visit"),
}
_RESULTS: Final = {
    "TOLD": _("was told"),
    "NOT_REACHED": _("was not reached"),
    "PROMISED": _("promised to consent"),
    "DECLINED": _("declined"),
}


def contact_channel(code: str) -> str:
    """By what somebody was contacted."""
    return presenters.words("contact_channel", _CONTACTS, code)


def contact_result(code: str) -> str:
    """What came of a contact."""
    return presenters.words("contact_result", _RESULTS, code)


def contact_channels() -> list[tuple[str, str]]:
    """Every way to contact somebody."""
    return [(code, gettext(text)) for code, text in _CONTACTS.items()]


def contact_results() -> list[tuple[str, str]]:
    """Everything that may come of a contact."""
    return [(code, gettext(text)) for code, text in _RESULTS.items()]
