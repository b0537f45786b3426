"""What the message with a one-time code says, in one language."""

from collections.abc import Mapping
from typing import Final

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import formats
from queue_registry.models import OneTimeCode
from queue_registry.rules.one_time_codes import Purpose

_TEXTS: Final[Mapping[Purpose, str]] = {
    Purpose.OFFER_ANSWER: _(
        "Code %(code)s to answer the offer of a home, file %(number)s. Valid until %(moment)s. Tell it "
        "to nobody; the akimat never asks for it."
    ),
    Purpose.MY_DATA: _(
        "Code %(code)s to see what the state knows of your family, file %(number)s. Valid until %(moment)s. "
        "Tell it to nobody; the akimat never asks for it."
    ),
    Purpose.CONSENT: _(
        "Code %(code)s for your own consent to the registers being asked, file %(number)s. Valid until "
        "%(moment)s. Tell it to nobody, not even in the family; the akimat never asks for it."
    ),
}


def text_of(kept: OneTimeCode, code: str, *, language: str) -> str:
    """Return the words of an SMS: the code, what it serves, until when."""
    with translation.override(language):
        return gettext(_TEXTS[Purpose(kept.purpose)]) % {
            "code": code,
            "number": kept.application.file_number,
            "moment": formats.moment(kept.expires_at),
        }
