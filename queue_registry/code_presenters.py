"""One-time codes in words: why none was sent, or one was not taken."""

from typing import Final

from django.utils.translation import gettext_noop as _

from queue_registry.presenters import words
from queue_registry.rules.one_time_codes import CodeRefused

_REFUSALS: Final = {
    "NO_TELEPHONE": _(
        "No telephone is known to which a code can be sent. Go to the housing department of the akimat."
    ),
    "SENT_TOO_OFTEN": _("Codes were sent too often. Wait an hour, or go to the akimat."),
    "NOT_SENT": _("The code could not be sent. Try again later, or go to the akimat."),
    "NONE_SENT": _("No code is waiting for you. Ask for a new one."),
    "OVER": _("The code is too old. Ask for a new one."),
    "TRIES_OVER": _("The code was mistyped too often. Ask for a new one."),
    "WRONG": _("The code is wrong. Tries left: %(left)s"),
}


def code_refusal(refused: CodeRefused) -> str:
    """Why no code was sent, or one was not taken."""
    return words("code_refusal", _REFUSALS, refused.code) % dict(refused.detail)
