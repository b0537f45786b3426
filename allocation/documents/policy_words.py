"""The figures of a policy with the basis of each, as a protocol prints them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from allocation.documents import words
from allocation.documents.figures import joined, number
from queue_registry import presenters
from queue_registry.policy_acts import act
from queue_registry.presenters import list_name
from queue_registry.rules.policy import figures

_BASES: Final = {
    "law": lazy("law"),
    "letter": lazy("letter of the Prime Minister"),
    "press": lazy("press reports"),
    "ours": lazy("setting of this system"),
}
# In the order in which they are read.
_FIGURES: Final = {
    "tiers": lazy("Tier of the distribution"),
    "fit.min_area": lazy("Least area a person, m²"),
    "fit.max_area": lazy("Greatest area a person, m²"),
    "fit.surplus": lazy("Surplus allowed, m²"),
    "fit.separate_sexes_from_age": lazy("Separate rooms by sex from the age of"),
    "fit.max_floor_mobility": lazy("Highest floor for the mobility-impaired"),
    "income.below": lazy("Income below, in subsistence minimums, by list"),
    "income.exempt_flags": lazy("Exempt from the income test"),
    "ceilings": lazy("Ceiling of income, in subsistence minimums"),
    "subsistence_minimum": lazy("Subsistence minimum, tenge a month"),
    "ladder": lazy("Rung of the ladder, limit in subsistence minimums"),
    "support.kind": lazy("Kind of support"),
    "support.rung": lazy("Rung of the ladder that is served"),
    "residence.years": lazy("Least years of residence, by territory"),
    "residence.kato_digits": lazy("Digits of the territory's code compared for residence"),
    "need.share_is_bar": lazy("A share of a dwelling is a bar"),
    "need.sold_within_years": lazy("Dwellings sold are looked at for, years"),
    "commission.quorum": lazy("Quorum of the commission"),
    "commission.members_min": lazy("Fewest voting members"),
    "commission.members_max": lazy("Most voting members"),
    "offer.working_days": lazy("Working days to answer an offer"),
    "offer.refusals_before_hold": lazy("Refusals of a fitting home that hold an entry"),
    "offer.refusals_within_months": lazy("Months within which refusals of a fitting home are counted"),
    "terms.decide_by_registers": lazy("Working days to decide on an application by the registers alone"),
    "terms.decide_with_papers": lazy("Working days to decide on an application with papers"),
    "terms.decide_with_inquiry": lazy("Working days to decide where a register has not answered"),
    "terms.notice_days": lazy("Days in which a notice is sent"),
    "terms.complaint_months": lazy("Months in which a decision can be contested"),
    "terms.data_dispute": lazy("Working days in which disputed data are looked at"),
    "terms.verified_within": lazy(
        "Days within which the registers must have confirmed what a home is given on"
    ),
    "terms.ask_silent_days": lazy(
        "Working days on which a silent register is asked before candidates are sealed"
    ),
    "terms.recheck_speaks_hours": lazy(
        "Hours for which what a recheck before a distribution does not ask anew still speaks"
    ),
    "terms.publish_housed": lazy("Working days in which those housed are published"),
    "terms.sign_contract": lazy("Working days to sign the contract on an accepted home, once invited"),
    "terms.annul_years": lazy("Years in which a tenancy contract can be annulled"),
    "terms.complaint_decided": lazy("Working days in which a complaint is decided"),
    "terms.removal_notice": lazy("Working days between the notice of a removal and its decision"),
    "terms.objections": lazy("Working days to object to a removal"),
    "terms.earliest_year": lazy("Earliest year of a registration moment"),
}
# A year is no number of anything: its digits stand together.
_YEARS: Final = frozenset({"terms.earliest_year"})
_PERIODS: Final = {"batch": lazy("counted by round"), "year": lazy("counted by year")}
_COUNTS: Final = {"active": lazy("all active entries"), "eligible": lazy("only those who pass the filter")}


def basis(code: str) -> str:
    """What a figure rests on."""
    return str(_BASES[code])


def rows(document: Mapping[str, Any], on: date) -> list[tuple[str, str, str]]:
    """
    Return (figure, value, basis with act) of every figure of a policy document that holds on the day; the
    tiers first.
    """
    order = list(_FIGURES)
    found = sorted(_figures(document, on), key=lambda pair: order.index(pair[0]))
    return [
        (str(_FIGURES[name]), _value(name, figure), f"{basis(figure['basis'])}: {act(figure['act'])}")
        for name, figure in found
    ]


def _figures(document: Mapping[str, Any], on: date) -> Iterator[tuple[str, Mapping[str, Any]]]:
    minimum = _subsistence_minimum_in_force(document, on)
    for path, figure in figures(document):
        name = path.partition("[")[0]
        if name != "subsistence_minimum" or figure is minimum:
            yield name, figure


def _subsistence_minimum_in_force(document: Mapping[str, Any], on: date) -> Mapping[str, Any] | None:
    held = [row for row in document.get("subsistence_minimum", ()) if date.fromisoformat(row["from"]) <= on]
    return max(held, key=lambda row: str(row["from"]), default=None)


def _value(name: str, figure: Mapping[str, Any]) -> str:
    if name == "tiers":
        return _tier(figure)
    if name == "ladder":
        return f"{presenters.rung(figure['rung'])}: {number(figure['limit'])}"
    if name == "ceilings":
        return _("people: %(members)s; limit: %(limit)s") % {
            "members": figure["members"],
            "limit": number(figure["limit"]),
        }
    if name == "subsistence_minimum":
        return _("%(tenge)s since %(day)s") % {
            "tenge": number(figure["tenge"]),
            "day": date.fromisoformat(figure["from"]).strftime("%d.%m.%Y"),
        }
    if name == "income.below":
        return "; ".join(
            f"{list_name(key)}: {number(limit)}" for key, limit in sorted(figure["value"].items())
        )
    if name in _YEARS:
        return str(figure["value"])
    return _plain(figure["value"])


def _tier(figure: Mapping[str, Any]) -> str:
    parts = [words.tier(figure)]
    if "share" in figure:
        parts.append(str(figure["share"]))
    if "count" in figure:
        parts.append(str(_COUNTS[figure["count"]]))
    if "period" in figure:
        parts.append(str(_PERIODS[figure["period"]]))
    return joined(parts)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return joined(f"{key}: {_plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return joined(_plain(item) for item in value)
    if value in (None, ""):
        return "–"
    text = str(value)
    return number(text) if text[:1].isdigit() else _word(text)


def _word(value: str) -> str:
    return _("families with a disabled child") if value == "disabled_child" else presenters.rung(value)
