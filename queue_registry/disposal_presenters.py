"""What had a term in words."""

from typing import Final

from django.utils.translation import gettext_noop as _

from queue_registry.models import Disposal
from queue_registry.presenters import words

_KINDS: Final = {
    Disposal.Kind.SESSIONS: _("Sessions that had ended"),
    Disposal.Kind.SIGN_IN_RECORDS: _("Records of sign-ins"),
    Disposal.Kind.ONE_TIME_CODES: _("Digests of one-time codes"),
    Disposal.Kind.STRAY_FILES: _("Files that belonged to no row"),
}


def kind(code: str) -> str:
    """Return what it was."""
    return words("disposal", _KINDS, code)
