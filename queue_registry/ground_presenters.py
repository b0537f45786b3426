"""Grounds in words, those that a decision states with the article on which they rest."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry.presenters import words
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.ground_articles import article_of
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
# Articles that are not of the Housing Law alone are said in words.
_ARTICLES: Final = {
    "ours: the Law is silent": _("the Law is silent; our rule"),
    "art 73(1), a decision of the court": _("art 73(1), a decision of the court"),
    "art 73 of the edition in force since 2025": _("art 73 of the edition in force since 2025"),
    "APC, a review or a decision of the court": _("APC, a review or a decision of the court"),
    "art 71, orphans who move inside the oblast": _("art 71, orphans who move inside the oblast"),
    "ours: an error of digitization against the source document": _(
        "our rule: an error of digitization against the source document"
    ),
    "art 73: protected until housed": _("art 73: protected until housed"),
    "art 73(1)": _("art 73(1)"),
    "art 73(4)": _("art 73(4)"),
    "art 73": _("art 73"),
    "art 67, 71": _("art 67, 71"),
    "art 71": _("art 71"),
    "art 69, 71": _("art 69, 71"),
    "art 67, 68, 74(2)": _("art 67, 68, 74(2)"),
    "art 72": _("art 72"),
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


def article(text: str) -> str:
    """An article in the language of the page."""
    return words("article", _ARTICLES, text)


def law_article(code: StrEnum, on: date | None) -> str:
    """The article of a ground on a day by itself, with its law where it is of the Housing Law."""
    text = article_of(code, on=_day(on))
    if text.startswith("art "):
        return gettext("Housing Law, %(article)s") % {"article": article(text)}
    return article(text)


def with_article(text: str, code: StrEnum, on: date | None, *, stated: str = "") -> str:
    """
    A ground with its article: the one that a decision stated, or that of its day or moment; where nothing is
    decided yet, that of the newest edition.
    """
    return f"{text} ({article(stated or article_of(code, on=_day(on)))})"


def _day(on: date | None) -> date | None:
    return civil_day(on) if isinstance(on, datetime) else on


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
