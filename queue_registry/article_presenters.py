"""The articles that acts and pages cite, in words, and what is not certain about one."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry.presenters import words
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.ground_articles import article_of, doubt_of
from queue_registry.rules.reasons import RemovalGround

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
    "Housing Law, art 74: the order of registration": _("Housing Law, art 74: the order of registration"),
    "Housing Law, art 77, 80: the decision on the protocol of the commission, then the contract.": _(
        "Housing Law, art 77, 80: the decision on the protocol of the commission, then the contract."
    ),
    "Law on personal data and their protection: nobody is asked about without consent": _(
        "Law on personal data and their protection: nobody is asked about without consent"
    ),
    "art 73(1)": _("art 73(1)"),
    "art 73(4)": _("art 73(4)"),
    "art 73": _("art 73"),
    "art 67, 71": _("art 67, 71"),
    "art 71": _("art 71"),
    "art 69, 71": _("art 69, 71"),
    "art 67, 68, 74(2)": _("art 67, 68, 74(2)"),
    "art 72": _("art 72"),
}
_SINCE_2025: Final = _(
    "We read art 73 in the edition of 2026 alone. That it has named this since 24 May 2025, when the Law of "
    "22 November 2024 No 138-VIII took effect, is ours."
)
# Why an article of an edition is not certain.
_DOUBTS: Final = {_SINCE_2025: _SINCE_2025}


def article(text: str) -> str:
    """An article in the language of the page."""
    return words("article", _ARTICLES, text)


def law_article(code: StrEnum, on: date | None) -> str:
    """The article of a ground on a day by itself, with its law where it is of the Housing Law."""
    text = article_of(code, on=_day(on))
    if text.startswith("art "):
        return gettext("Housing Law, %(article)s") % {"article": article(text)}
    return article(text)


def doubt(code: str, on: date | None = None) -> str:
    """Why the article of a removal on a day, or of today, is not certain; empty where it is."""
    why = doubt_of(RemovalGround(code), on=_day(on))
    return words("doubt", _DOUBTS, why) if why else ""


def with_article(text: str, code: StrEnum, on: date | None, *, stated: str = "") -> str:
    """
    A ground with its article: the one that a decision stated, or that of its day or moment; where nothing is
    decided yet, that of the newest edition.
    """
    return f"{text} ({article(stated or article_of(code, on=_day(on)))})"


def _day(on: date | None) -> date | None:
    return civil_day(on) if isinstance(on, datetime) else on
