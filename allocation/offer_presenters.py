"""Offers in words: the home, what each answer means, why a code was not taken."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from allocation.models import Offer
from queue_registry import ground_presenters
from queue_registry.presenters import words
from queue_registry.rules.policy import Policy
from queue_registry.rules.reasons import EntryGround

_FINISHES: Final = {
    "": _("finish: not recorded"),
    "FINISHED": _("finished"),
    "ROUGH": _("rough finish"),
    "UNFINISHED": _("without finish"),
}
# What stands in the place of a reason where an accepted home went back.
_CODED: Final = frozenset({EntryGround.TENANCY_ANNULLED, EntryGround.CONTRACT_NOT_SIGNED})
_CONSEQUENCES: Final = (
    _("If you accept, the home is kept for you; the contract and the keys follow the akimat's decision."),
    _("If you refuse, you keep your place, and the home goes to the next family."),
    _("If you do not answer in time, you keep your place, and the home goes to the next family."),
    _("If the home does not fit your family, say so: once the akimat has confirmed it, it is no refusal."),
)
_ANSWERED: Final = {
    "ACCEPT": _(
        "Your acceptance is recorded. The home is kept for you; the akimat calls you for the contract."
    ),
    "REFUSE": _("Your refusal is recorded. You keep your place, and the home goes to the next family."),
    "UNFIT": _(
        "Your refusal is recorded. You keep your place; the akimat looks whether the home fits your family."
    ),
}


def finish(code: str) -> str:
    """How far a home is finished."""
    return words("finish", _FINISHES, code)


def answers() -> tuple[str, ...]:
    """What each answer to an offer means for the household."""
    return tuple(gettext(one) for one in _CONSEQUENCES)


def consequences(policy: Policy) -> tuple[str, ...]:
    """What each answer to an offer means for the household, with the rule of the second refusal."""
    meanings = list(answers())
    if policy.refusals_before_hold and policy.refusals_within_months:
        meanings.append(
            gettext(
                "Refusals of a fitting home within %(months)s months that hold your entry until you ask to "
                "return: %(count)s. You keep your place then, too."
            )
            % {"months": policy.refusals_within_months, "count": policy.refusals_before_hold}
        )
    return tuple(meanings)


def high_floor(floor: int) -> str:
    """A warning where somebody of the household has a disability and the home lies high."""
    return gettext(
        "Attention: somebody in the family has a disability, and the home is on floor %(floor)s. The family "
        "may say that it does not fit."
    ) % {"floor": floor}


def why_withdrawn(offer: Offer) -> str:
    """Why an offer came to nothing by the akimat: the words of a code, or what was written."""
    return ground_presenters.ground(offer.reason) if offer.reason in _CODED else offer.reason


def answered(answer: str) -> str:
    """What is recorded of the household's own answer."""
    return words("answered", _ANSWERED, answer)
