"""Words of contracts: of a home, and of a loan place, where the bank is the other party."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from allocation.models import Dwelling, Tenancy
from queue_registry.presenters import words

_LOAN: Final = Dwelling.Kind.LOAN
_GROUNDS: Final = {
    "ORDER_BREACHED": _("The order of the lists was breached when the home was given"),
    "UNLAWFUL_ACTS": _("Officials acted unlawfully when the home was given"),
}
_STATES: Final = {
    "TO_CONCLUDE": _("Accepted, no contract yet"),
    "CONCLUDED": _("Contract concluded, keys not handed over"),
    "KEYS": _("Keys handed over"),
    "ANNULLED": _("Annulled"),
}
_TONES: Final = {"TO_CONCLUDE": "wait", "CONCLUDED": "wait", "KEYS": "good", "ANNULLED": "bad"}
_HOME_TERMS: Final = (
    _("The home is let for permanent use to the tenant and the members of the household named above."),
    _("The keys are handed over by an act, which both parties sign."),
    _("The tenant uses the home for living in, keeps it in order and pays for the use and the services."),
    _(
        "The contract can be annulled where the order of the lists was breached or officials acted "
        "unlawfully, in the term of article 82 of the Housing Law."
    ),
    _("Two copies are made, one for each party; the texts in Kazakh and in Russian have the same force."),
)
_LOAN_TERMS: Final = (
    _("The bank is asked to conclude a loan contract with the household under the terms of the programme."),
    _("The contract of the bank is brought to the akimat, and with it the entry in the queue ends."),
    _(
        "The referral can be annulled where the order of the lists was breached or officials acted "
        "unlawfully, in the term of article 82 of the Housing Law."
    ),
)


def title(kind: str) -> str:
    """Title of the paper, with a place for its number."""
    if kind == _LOAN:
        return gettext("Referral to the bank No %(number)s")
    return gettext("Tenancy contract No %(number)s")


def giver(kind: str) -> str:
    """Who gives."""
    return gettext("Local executive body") if kind == _LOAN else gettext("Landlord")


def taker(kind: str) -> str:
    """Who takes."""
    return gettext("Household that is referred") if kind == _LOAN else gettext("Tenant")


def terms(kind: str) -> list[str]:
    """The terms, a paragraph each."""
    return [gettext(text) for text in (_LOAN_TERMS if kind == _LOAN else _HOME_TERMS)]


def keys_document(kind: str) -> str:
    """Which paper ends the way: the act of the keys, or the bank's contract."""
    return gettext("Contract of the bank") if kind == _LOAN else gettext("Act of the keys")


def annulment_ground(code: str) -> str:
    """Why a contract was annulled."""
    return words("annulment_ground", _GROUNDS, code)


def state_of(tenancy: Tenancy | None) -> str:
    """Code of how far a contract has come."""
    if tenancy is None:
        return "TO_CONCLUDE"
    if tenancy.annulled_at is not None:
        return "ANNULLED"
    return "CONCLUDED" if tenancy.keys_at is None else "KEYS"


def state(code: str) -> str:
    """How far a contract has come, in words."""
    return words("tenancy_state", _STATES, code)


def tone(code: str) -> str:
    """Color class of a state; words always stand beside it."""
    return _TONES.get(code, "calm")
