"""
Codes of the register as words for people: one function per kind, in the language of the page.

A code that nobody put into words yet is shown as it is and logged: a page never fails for want of a word.
"""

from collections.abc import Mapping
from typing import Any, Final

import structlog
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from integrations.sources.definitions import DEFINITIONS
from queue_registry import formats
from queue_registry.models import QueueEntryEvent
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
    "CONSENT_EXPIRED": _("the consent had expired"),
    "ACCESS_DENIED": _("access denied"),
    "TEMPORARY": _("timeout or fault"),
    "RATE_LIMITED": _("too many questions"),
    "CIRCUIT_OPEN": _("left alone"),
    "CONTRACT_VIOLATION": _("unreadable answer"),
    "PERMANENT": _("question refused"),
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
    """What a question to a source came to."""
    return words("outcome", _OUTCOMES, code)


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
