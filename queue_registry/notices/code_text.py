"""What the message with a one-time code says, in one language."""

from django.utils import translation
from django.utils.translation import gettext as _

from queue_registry import formats
from queue_registry.models import OneTimeCode


def text_of(kept: OneTimeCode, code: str, *, language: str) -> str:
    """Return the words of an SMS: the code, what it serves, until when."""
    with translation.override(language):
        return _(
            "Code %(code)s to answer the offer of a home, file %(number)s. Valid until %(moment)s. Tell it "
            "to nobody; the akimat never asks for it."
        ) % {
            "code": code,
            "number": kept.application.file_number,
            "moment": formats.moment(kept.expires_at),
        }
