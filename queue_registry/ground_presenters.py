"""Grounds in words, those that a decision states with the article on which they rest."""

from datetime import date
from typing import Final

from django.utils.translation import gettext_noop as _

from queue_registry.article_presenters import with_article
from queue_registry.presenters import words
from queue_registry.rules.reasons import (
    RegistrationChangeGround,
    RemovalGround,
    SuccessionGround,
    SuspensionGround,
)

_REMOVALS: Final = {
    "GROUNDS_CEASED": _("the grounds for being on the list ceased"),
    "MOVED_AWAY": _("moved to another settlement"),
    "FALSE_DATA": _("false data"),
    "FALSE_DATA_BY_COURT": _("false data, established by a court"),
    "ACQUIRED_DWELLING": _("built or bought a dwelling"),
    "HOUSING_RECEIVED": _("received housing from the state"),
    "DECEASED": _("the applicant died and no family remains"),
    "CITIZENSHIP_LOST": _("lost the citizenship"),
    "OWN_REQUEST": _("at the household's own request"),
}
_SUSPENSIONS: Final = {
    "OWN_REQUEST": _("at the household's own request"),
    "DATA_CONTRADICT": _("data of registers contradict each other"),
    "DIGITIZATION": _("correction by the source document in digitization"),
    "SECOND_REFUSAL": _("second refusal of a fitting home within a year"),
}
_CHANGES: Final = {
    "GROUNDS_AROSE_LATER": _("the grounds arose later than the registration"),
    "REINSTATEMENT": _("reinstated by a review or a court"),
    "ORPHAN_TRANSFER": _("transfer of an orphan inside the oblast"),
    "DIGITIZATION": _("correction by the source document in digitization"),
}
_SUCCESSIONS: Final = {"DEATH": _("death of the applicant"), "DEPARTURE": _("departure of the applicant")}
# Of every move and change of an entry, as its events keep it.
_GROUNDS: Final = {
    "APPLICATION": _("by application"),
    "IMPORT": _("taken over from an old list"),
    "OFFER_MADE": _("a home was offered"),
    "OFFER_ACCEPTED": _("the home was accepted"),
    "KEYS_HANDED": _("the keys were handed over"),
    "HOUSED_ON_OTHER_LIST": _("the household got a home through another list"),
    "TENANCY_ANNULLED": _("the tenancy contract was annulled"),
    "CONTRACT_NOT_SIGNED": _("the contract was not signed in time"),
    "OFFER_REFUSED": _("the home was refused"),
    "OFFER_EXPIRED": _("no answer in time"),
    "OFFER_WITHDRAWN": _("the akimat took the offer back"),
    "CATEGORY_CHANGED": _("the category changed"),
    "IIN_CHANGED": _("the IIN of the applicant was changed"),
    **_SUSPENSIONS,
    **_REMOVALS,
    **_CHANGES,
    **_SUCCESSIONS,
}


def ground(code: str) -> str:
    """Ground of a move of an entry; empty where there is none."""
    return words("ground", _GROUNDS, code) if code else ""


def removal_ground(code: str, on: date | None = None, *, stated: str = "") -> str:
    """Ground of a removal with its article."""
    return with_article(words("removal_ground", _REMOVALS, code), RemovalGround(code), on, stated=stated)


def suspension_ground(code: str, on: date | None = None, *, stated: str = "") -> str:
    """Ground of a suspension with its article."""
    return with_article(
        words("suspension_ground", _SUSPENSIONS, code), SuspensionGround(code), on, stated=stated
    )


def change_ground(code: str, on: date | None = None, *, stated: str = "") -> str:
    """Ground of a change of a registration moment with its article."""
    return with_article(
        words("change_ground", _CHANGES, code), RegistrationChangeGround(code), on, stated=stated
    )


def succession_ground(code: str, on: date | None = None, *, stated: str = "") -> str:
    """Ground of a succession with its article."""
    return with_article(
        words("succession_ground", _SUCCESSIONS, code), SuccessionGround(code), on, stated=stated
    )


def removal_grounds() -> list[tuple[str, str]]:
    """Every ground of a removal with its words."""
    return [(one.value, removal_ground(one)) for one in RemovalGround]


def suspension_grounds() -> list[tuple[str, str]]:
    """Every ground of a suspension with its words."""
    return [(one.value, suspension_ground(one)) for one in SuspensionGround]


def change_grounds() -> list[tuple[str, str]]:
    """Every ground of a change of a registration moment with its words."""
    return [(one.value, change_ground(one)) for one in RegistrationChangeGround]


def succession_grounds() -> list[tuple[str, str]]:
    """Both grounds of a succession with their words."""
    return [(one.value, succession_ground(one)) for one in SuccessionGround]
