"""The second factor in words."""

from base64 import b32encode
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from queue_registry.rules.second_factor import FactorRefusal

_GROUP: Final = 4
_REFUSALS: Final[dict[FactorRefusal, Promise]] = {
    FactorRefusal.WRONG_CODE: _("The code is wrong, or was used already. Wait for the next one and type it."),
    FactorRefusal.TOO_SOON: _("Wrong codes were given. Wait a little before the next try."),
    FactorRefusal.UNREADABLE: _(
        "Codes of telephones cannot be checked now; this is not your fault. Tell the administrator. A code "
        "that you keep on paper still lets you in."
    ),
    FactorRefusal.NOTHING_TIED: _("No telephone is tied to this sign-in."),
    FactorRefusal.REASON_MISSING: _("Say why the telephone is to be untied"),
    FactorRefusal.NO_ROLE_HERE: _("This person has no role in this akimat."),
    FactorRefusal.OWN_TELEPHONE: _("Nobody unties his own telephone."),
    FactorRefusal.OPEN_ALREADY: _("This has been proposed already and waits for another person."),
    FactorRefusal.DECIDED_ALREADY: _("This has been decided already."),
    FactorRefusal.ANOTHER_PERSON_NEEDED: _(
        "Another person than the one who proposed it, and than the one whose telephone it is, has to do it."
    ),
}


def refusal(code: FactorRefusal) -> str:
    """Return why in words."""
    return str(_REFUSALS[code])


def secret(key: bytes) -> str:
    """Return the secret of a telephone as people type it: letters in groups of four."""
    letters = b32encode(key).decode()
    return " ".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))
