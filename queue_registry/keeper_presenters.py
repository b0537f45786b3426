"""Keepers of a queue in words."""

from typing import Final

from django.utils.translation import gettext_noop as _

from queue_registry.presenters import words
from queue_registry.rules.keepers import KeeperRefusal, KeeperStanding

_STANDINGS: Final = {
    KeeperStanding.PROPOSED: _("waits for another person"),
    KeeperStanding.TO_COME: _("approved, its day has not come"),
    KeeperStanding.IN_FORCE: _("keeps the queue"),
    KeeperStanding.PAST: _("kept the queue before"),
    KeeperStanding.DROPPED: _("taken back"),
}
_TONES: Final = {
    KeeperStanding.PROPOSED: "wait",
    KeeperStanding.TO_COME: "wait",
    KeeperStanding.IN_FORCE: "good",
    KeeperStanding.PAST: "",
    KeeperStanding.DROPPED: "",
}
_REFUSALS: Final = {
    KeeperRefusal.NOT_IN_FUTURE: _("The day has to lie in the future, also when it is approved."),
    KeeperRefusal.PROPOSED_ALREADY: _("A keeper is proposed already: it is approved or taken back first."),
    KeeperRefusal.NOTHING_PROPOSED: _("This proposal is no longer open. Read the list again."),
    KeeperRefusal.ANOTHER_PERSON_NEEDED: _("Another person than the one who proposed it has to approve it."),
    KeeperRefusal.DAY_TAKEN: _("A keeper is approved from this very day already."),
    KeeperRefusal.IN_FORCE: _("Its day has come: nothing is taken back any more."),
}


def standing(code: KeeperStanding) -> str:
    """Return how a keeper stands."""
    return words("standing", _STANDINGS, code)


def tone(code: KeeperStanding) -> str:
    """Return the color of a standing."""
    return _TONES[code]


def refusal(code: KeeperRefusal) -> str:
    """Return why nothing was changed."""
    return words("refusal", _REFUSALS, code)
