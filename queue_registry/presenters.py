"""
Codes of the register as words for people: one function per kind, in the language of the page.

A code that nobody put into words yet is shown as it is and logged: a page never fails for want of a word.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import structlog
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from integrations.sources.definitions import DEFINITIONS
from queue_registry import formats
from queue_registry.models import QueueEntry, QueueEntryEvent
from queue_registry.rules.legacy.dates import has_time

logger = structlog.get_logger(__name__)

_LISTS: Final = {
    "1": _("List 1: veterans of the Great Patriotic War"),
    "2": _("List 2: orphans and children left without parental care"),
    "3": _("List 3: mothers awarded for many children, large families"),
    "4": _("List 4: socially vulnerable people"),
    "5": _("List 5: civil servants, staff of budget organizations, the military"),
    "6": _("List 6: citizens whose only dwelling is recognized as emergency"),
}
_STATUSES: Final = {
    "WAITING": _("On the list"),
    "SUSPENDED": _("Suspended, the place is kept"),
    "OFFERED": _("A home is offered"),
    "HOUSED": _("A home is provided"),
    "DEREGISTERED": _("Removed from the list"),
}
_STATUS_TONES: Final = {
    "WAITING": "good",
    "SUSPENDED": "wait",
    "OFFERED": "good",
    "HOUSED": "calm",
    "DEREGISTERED": "bad",
}
_ELIGIBILITIES: Final = {
    "ELIGIBLE": _("Eligible"),
    "INELIGIBLE": _("Not eligible"),
    "UNKNOWN": _("Not known yet"),
}
_VERDICTS: Final = {"PASS": _("Met"), "FAIL": _("Not met"), "UNKNOWN": _("Not known yet")}
_VERDICT_TONES: Final = {
    "PASS": "good",
    "FAIL": "bad",
    "UNKNOWN": "wait",
    "ELIGIBLE": "good",
    "INELIGIBLE": "bad",
}
_REASONS: Final = {
    "DECEASED": _("the applicant has died"),
    "NOT_CITIZEN": _("not a citizen of Kazakhstan and not a kandas"),
    "NO_REGISTRATION": _("no registration at a place of residence"),
    "NOT_RESIDENT": _("registered in another settlement"),
    "RESIDENCE_TOO_SHORT": _("has not lived in the city long enough"),
    "OWNS_DWELLING": _("owns a dwelling or a share of one"),
    "CATEGORY_NOT_CONFIRMED": _("no register confirms the category of the list"),
    "INCOME_OVER_CEILING": _("the income is above the ceiling"),
    "SUSPENDED": _("the entry is suspended"),
    "OFFER_OPEN": _("a home is already offered"),
    "HOUSED_ON_OTHER_LIST": _("the family has a home through another list"),
    "FILTERED": _("a condition of the policy is not met"),
    "SOURCE_UNANSWERED": _("a state register has not answered yet"),
    "NO_CONSENT": _("there is no consent to ask the registers"),
    "IDENTITY_MISMATCH": _("the population register names another person under this IIN"),
    "NOT_IN_REGISTER": _("the population register does not know this IIN"),
    "NOT_ASSESSED": _("the checks have not been made yet"),
}
_RULES: Final = {
    "IDENTITY": _("The person is the one in the population register"),
    "ALIVE": _("The applicant is alive"),
    "CITIZEN": _("Citizen of Kazakhstan or kandas"),
    "REGISTERED": _("Registered at a place of residence"),
    "RESIDENT": _("Registered in the settlement of this akimat"),
    "RESIDENCE_LONG_ENOUGH": _("Has lived in the city long enough"),
    "OWNS_NO_DWELLING": _("Owns no dwelling"),
    "CATEGORY": _("A register confirms the category of the list"),
    "INCOME_UNDER_CEILING": _("The income is not above the ceiling"),
    "SOLD_WITHIN_5_YEARS": _("Note: a dwelling was sold in the last years"),
    "INCOME_GAP": _("Note: a month without income, counted as 0"),
    "INCOME_UNANSWERED": _("Note: the income of this person is not known"),
    "MEMBER_DECEASED": _("Note: a member of the household has died and is not counted"),
    "MEMBER_NOT_IN_REGISTER": _(
        "Note: the population register does not know a named member, who is not counted"
    ),
    "MARRIAGE_ON_ONE_SIDE": _("Note: the civil acts name this marriage on one side only"),
}
_GROUNDS_OF_CATEGORY: Final = {
    "wwii_veteran": _("veteran of the Great Patriotic War"),
    "orphan": _("orphan"),
    "large_family_mother": _("mother awarded for many children"),
    "large_family": _("four or more minor children"),
    "pensioner": _("old-age pensioner"),
    "kandas": _("kandas"),
    "chronic_illness": _("severe chronic illness of the list"),
    "single_parent": _("single-parent family"),
    "budget_worker": _("works for a budget organization"),
    "civil_servant": _("civil servant"),
    "military": _("in military service"),
    "emergency_dwelling": _("the dwelling is recognized as emergency"),
    "disability": _("disability of group 1 or 2"),
    "disabled_child": _("child with a disability"),
    # What registers tell besides; it puts nobody on a list.
    "employee": _("works under a labor contract"),
    "unemployed": _("registered as unemployed"),
    "sole_trader": _("sole trader"),
    "founder": _("founder or head of a legal entity"),
}
_RUNGS: Final = {
    "rent": _("rental housing from the state"),
    "loan_2": _("soft loan at 2 %"),
    "loan_5": _("soft loan at 5 %"),
    "none": _("no state support: the income is above the last rung"),
    "": _("not known: the income of the household is not known"),
}
_RELATIONS: Final = {
    "APPLICANT": _("applicant"),
    "SPOUSE": _("spouse"),
    "CHILD": _("child"),
    "PARENT": _("parent"),
    "OTHER": _("other member"),
}
_ORIGINS: Final = {
    "IMPORT": _("from an old list"),
    "DESK": _("at the akimat's desk"),
    "PORTAL": _("from the e-government portal"),
}
_ROLES: Final = {
    "CLERK": _("clerk"),
    "SUPERVISOR": _("supervisor"),
    "SECRETARY": _("secretary of the commission"),
    "MEMBER": _("member of the commission"),
    "CHAIR": _("chair of the commission"),
    "AUDITOR": _("auditor"),
    "ADMINISTRATOR": _("administrator"),
}
_OUTCOMES: Final = {
    "FOUND": _("found"),
    "NOT_FOUND_CONFIRMED": _("nothing found"),
    "IDENTITY_MISMATCH": _("another person"),
    "NO_CONSENT": _("no consent"),
}
_EVENT_GROUNDS: Final = {
    "DIGITIZATION": _("correction by the source document in digitization"),
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
    "SECOND_REFUSAL": _("second refusal of a fitting home within a year"),
    "OWN_REQUEST": _("at the household's own request"),
    "DATA_CONTRADICT": _("data of registers contradict each other"),
    "GROUNDS_CEASED": _("the grounds for being on the list ceased"),
    "MOVED_AWAY": _("moved to another settlement"),
    "FALSE_DATA": _("false data"),
    "FALSE_DATA_BY_COURT": _("false data, established by a court"),
    "ACQUIRED_DWELLING": _("built or bought a dwelling"),
    "HOUSING_RECEIVED": _("received housing from the state"),
    "DECEASED": _("the applicant died and no family remains"),
    "CITIZENSHIP_LOST": _("lost the citizenship"),
    "REINSTATEMENT": _("reinstated by a review or a court"),
    "GROUNDS_AROSE_LATER": _("the grounds arose later than the registration"),
    "ORPHAN_TRANSFER": _("transfer of an orphan inside the oblast"),
    "DEATH": _("death of the applicant"),
    "DEPARTURE": _("departure of the applicant"),
    "CATEGORY_CHANGED": _("the category changed"),
    "IIN_CHANGED": _("the IIN of the applicant was changed"),
}
_MOVES: Final = {
    ("WAITING", "SUSPENDED"): _("Suspended; the place is kept"),
    ("SUSPENDED", "WAITING"): _("The suspension ended"),
    ("WAITING", "OFFERED"): _("A home was offered"),
    ("OFFERED", "WAITING"): _("Waits again at the former place"),
    ("OFFERED", "HOUSED"): _("A home was provided"),
    ("WAITING", "HOUSED"): _("A home was provided through another list"),
    ("SUSPENDED", "HOUSED"): _("A home was provided through another list"),
    ("HOUSED", "WAITING"): _("Waits again at the former place"),
    ("HOUSED", "SUSPENDED"): _("Stands again at the former place, suspended as before"),
    ("WAITING", "DEREGISTERED"): _("Removed from the list"),
    ("SUSPENDED", "DEREGISTERED"): _("Removed from the list"),
    ("DEREGISTERED", "WAITING"): _("Put back on the list"),
}


def words(kind: str, table: Mapping[Any, str], code: Any) -> str:
    """Return the words of a code in the page's language; an unknown code is shown as it is and logged."""
    text = table.get(code)
    if text is None:
        logger.warning("presenters.unknown_code", kind=kind, code=str(code))
        return " → ".join(code) if isinstance(code, tuple) else str(code)
    return gettext(text)


def list_name(number: str) -> str:
    """Name of a separate list, 1-6."""
    return words("list", _LISTS, number)


def entry_status(code: str) -> str:
    """Status of an entry."""
    return words("entry_status", _STATUSES, code)


def tone(code: str) -> str:
    """Color class of a status or a verdict: good, wait, bad or calm. Words always stand beside it."""
    return (_STATUS_TONES | _VERDICT_TONES).get(code, "calm")


def eligibility(code: str) -> str:
    """Verdict on an entry."""
    return words("eligibility", _ELIGIBILITIES, code)


def verdict(code: str) -> str:
    """Verdict of one rule."""
    return words("verdict", _VERDICTS, code)


def reason(code: str) -> str:
    """Why an entry is not eligible, or why that is not known."""
    return words("reason", _REASONS, code)


def rule(code: str) -> str:
    """A rule, or a note beside the rules."""
    return words("rule", _RULES, code)


def rung(code: str) -> str:
    """Rung of the affordability ladder; empty where the income is not known."""
    return words("rung", _RUNGS, code)


def category(code: str) -> str:
    """A status of a person: most put a household on a list."""
    return words("category", _GROUNDS_OF_CATEGORY, code)


def relation(code: str) -> str:
    """Who a member of the household is to the applicant."""
    return words("relation", _RELATIONS, code.upper())


def origin(code: str) -> str:
    """How an application came."""
    return words("origin", _ORIGINS, code)


def role(code: str) -> str:
    """Role of a person of staff."""
    return words("role", _ROLES, code)


def outcome(code: str) -> str:
    """What a source's answer came to."""
    return words("outcome", _OUTCOMES, code)


def ground(code: str) -> str:
    """Ground of a move of an entry; empty where there is none."""
    return words("ground", _EVENT_GROUNDS, code) if code else ""


def source(code: str) -> str:
    """Name of a state system in the page's language."""
    definition = DEFINITIONS.get(code)
    if definition is None:
        logger.warning("presenters.unknown_code", kind="source", code=code)
        return code
    return definition.title_ru if get_language() == "ru" else definition.title_kk


def event(row: QueueEntryEvent) -> str:
    """One event of an entry as a sentence."""
    moment = formats.registration_moment(row.registered_at, time_known=has_time(row.registered_at))
    if row.kind == QueueEntryEvent.Kind.REGISTERED:
        return gettext("Put on the list with the registration moment %(moment)s") % {"moment": moment}
    if row.kind == QueueEntryEvent.Kind.REGISTERED_AT_CHANGED:
        return gettext("The registration moment became %(moment)s") % {"moment": moment}
    if row.kind == QueueEntryEvent.Kind.LIST_CHANGED:
        return gettext("The list became: %(list)s") % {"list": list_name(row.list_number)}
    if row.kind == QueueEntryEvent.Kind.APPLICANT_CHANGED and row.ground == "IIN_CHANGED":
        return gettext("The applicant bears another IIN now")
    if row.kind == QueueEntryEvent.Kind.APPLICANT_CHANGED:
        return gettext("The place passed to another member of the family")
    return words("move", _MOVES, (row.moved_from, row.moved_to))


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
        rule=words("rule", _RULES, code),
        required=_required(code, document.get("required") or ""),
        actual=_actual(code, document.get("actual") or ""),
        verdict=verdict(document["verdict"]),
        tone=tone(document["verdict"]),
        source=source(document["source"]) if document.get("source") else "",
        as_of=datetime.fromisoformat(document["as_of"]) if document.get("as_of") else None,
        person=document.get("person"),
        reason=reason(document["code"]) if document.get("code") else "",
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
    "CATEGORY": list_name,
    "INCOME_UNDER_CEILING": _tenge,
    "SOLD_WITHIN_5_YEARS": _within,
}
_ACTUAL: Final[Mapping[str, Callable[[str], str]]] = {
    "ALIVE": _died,
    "RESIDENCE_LONG_ENOUGH": _since,
    "CITIZEN": _citizenship,
    "CATEGORY": category,
    "OWNS_NO_DWELLING": _shares,
    "INCOME_UNDER_CEILING": _tenge,
    "INCOME_GAP": formats.month,
    "SOLD_WITHIN_5_YEARS": _sold,
}


def findings_of(entry: QueueEntry) -> list[FindingWords]:
    """The findings kept with an entry's verdict, in words; none before the first verdict."""
    assessment = getattr(entry, "assessment", None)
    return [finding(document) for document in assessment.findings] if assessment else []
