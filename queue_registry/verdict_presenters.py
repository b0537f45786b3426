"""What the rules found about an entry in words: what is required, what is, and who says so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext

from queue_registry import formats, presenters
from queue_registry.models import QueueEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingWords:
    """
    One finding in words; `person` is the key of whom it is about, `as_of` the moment the source vouches
    for, `fresh_until` the last at which something adverse may rest on it; none while its source is `held`.
    """

    rule: str
    required: str
    actual: str
    verdict: str
    tone: str
    source: str
    as_of: datetime | None
    person: int | None
    reason: str
    fresh_until: datetime | None
    held: bool


def finding(document: Mapping[str, Any]) -> FindingWords:
    """A finding, as kept beside a verdict, in words."""
    code = str(document["rule"])
    return FindingWords(
        rule=presenters.rule(code),
        required=_required(code, document.get("required") or ""),
        actual=_actual(code, document.get("actual") or ""),
        verdict=presenters.verdict(document["verdict"]),
        tone=presenters.tone(document["verdict"]),
        source=presenters.source(document["source"]) if document.get("source") else "",
        as_of=datetime.fromisoformat(document["as_of"]) if document.get("as_of") else None,
        person=document.get("person"),
        reason=presenters.reason(document["code"]) if document.get("code") else "",
        fresh_until=datetime.fromisoformat(document["fresh_until"]) if document.get("fresh_until") else None,
        held=bool(document.get("held")),
    )


def _required(rule: str, figure: str) -> str:
    say = _REQUIRED.get(rule)
    return say(figure) if say and figure else figure


def _actual(rule: str, figure: str) -> str:
    say = _ACTUAL.get(rule)
    return say(figure) if say and figure else figure


def _died(iso: str) -> str:
    return gettext("died on %(day)s") % {"day": _day(iso)}


def _since(iso: str) -> str:
    return gettext("since %(day)s") % {"day": _day(iso)}


def _citizenship(code: str) -> str:
    return {"KAZ": gettext("citizen of Kazakhstan"), "kandas": gettext("kandas")}.get(code, code)


def _shares(shares: str) -> str:
    return gettext("share of a dwelling: %(shares)s") % {"shares": shares}


def _sold(figure: str) -> str:
    sold, _comma, share = figure.partition(", ")
    return gettext("sold on %(day)s, share %(share)s") % {"day": _day(sold), "share": share}


def _tenge(figure: str) -> str:
    return formats.tenge(Decimal(figure))


def _years(figure: str) -> str:
    return gettext("%(years)s years") % {"years": figure}


def _territory(digits: str) -> str:
    return gettext("KATO begins with %(digits)s") % {"digits": digits}


def _citizen_or_kandas(_figure: str) -> str:
    return gettext("citizen of Kazakhstan or kandas")


def _within(figure: str) -> str:
    return gettext("within %(years)s years") % {"years": figure}


def _day(iso: str) -> str:
    return formats.day(date.fromisoformat(iso))


_REQUIRED: Final[Mapping[str, Callable[[str], str]]] = {
    "RESIDENCE_LONG_ENOUGH": _years,
    "RESIDENT": _territory,
    "CITIZEN": _citizen_or_kandas,
    "CATEGORY": presenters.list_name,
    "INCOME_UNDER_CEILING": _tenge,
    "SOLD_WITHIN_5_YEARS": _within,
}
_ACTUAL: Final[Mapping[str, Callable[[str], str]]] = {
    "ALIVE": _died,
    "RESIDENCE_LONG_ENOUGH": _since,
    "CITIZEN": _citizenship,
    "CATEGORY": presenters.category,
    "OWNS_NO_DWELLING": _shares,
    "INCOME_UNDER_CEILING": _tenge,
    "INCOME_GAP": formats.month,
    "SOLD_WITHIN_5_YEARS": _sold,
}


def findings_of(entry: QueueEntry) -> list[FindingWords]:
    """The findings kept with an entry's verdict, in words; none before the first verdict."""
    assessment = getattr(entry, "assessment", None)
    return [finding(document) for document in assessment.findings] if assessment else []
