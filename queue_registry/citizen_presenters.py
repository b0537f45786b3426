"""What a household is told of its entry, in words: state, cause, legal basis, what to do and by when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from queue_registry import article_presenters, formats, ground_presenters
from queue_registry.models import PolicyVersion
from queue_registry.policy_acts import act
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.citizen_states import Action, CitizenState
from queue_registry.rules.policy import Policy, PolicyBroken
from queue_registry.rules.reasons import LegalBasis, RemovalGround, SuspensionGround
from queue_registry.rules.removals import complaint_until
from queue_registry.selectors.keepers import Elsewhere
from queue_registry.selectors.my_place import Office, Told
from queue_registry.selectors.served import Served

_STATES: Final = {
    CitizenState.ON_LIST: _("On the list"),
    CitizenState.ACTION_NEEDED: _("You have to do something"),
    CitizenState.FROZEN: _("Suspended, the place is kept"),
    CitizenState.OFFER_OPEN: _("A home is offered"),
    CitizenState.HOUSED: _("A home is provided"),
    CitizenState.REMOVED: _("Removed from the list"),
}
_TONES: Final = {
    CitizenState.ON_LIST: "good",
    CitizenState.ACTION_NEEDED: "bad",
    CitizenState.FROZEN: "wait",
    CitizenState.OFFER_OPEN: "good",
    CitizenState.HOUSED: "calm",
    CitizenState.REMOVED: "bad",
}
_TO_DO: Final = {
    CitizenState.ON_LIST: _(
        "You need to do nothing. The place changes when others get homes, leave the list or come back to it."
    ),
    CitizenState.OFFER_OPEN: _("Answer whether you accept the home: here, or at the housing department."),
    CitizenState.HOUSED: _("You need to do nothing: this entry has no place any more."),
    CitizenState.REMOVED: _(
        "If you do not agree, complain to the akimat or go to court. While the complaint is reviewed the "
        "registration moment stays as it is."
    ),
}
_WITH_CAUSE: Final[Mapping[str, str]] = {
    Action.REMOVAL_PROPOSED: _(
        "If you do not agree, tell the housing department so, in writing or in person. You keep your place "
        "until a decision, and you are heard before it."
    ),
    Action.CONSENT_MISSING: _(
        "Give the consent on the page of your data, or sign it at the housing department. You keep your "
        "place; without the consent no home can be offered."
    ),
    SuspensionGround.OWN_REQUEST: _(
        "Tell the housing department when you want to take part in distributions again."
    ),
    SuspensionGround.SECOND_REFUSAL: _(
        "Ask the housing department to let you take part in distributions again."
    ),
    SuspensionGround.DATA_CONTRADICT: _(
        "Bring the housing department the documents that show which of the data are right."
    ),
    SuspensionGround.DIGITIZATION: _(
        "The akimat compares your entry with the documents. If you have a document with the day of your "
        "registration, bring it to the housing department."
    ),
}
_ASK: Final = _("Ask the housing department what ends the suspension.")
# What rests on no ground of its own.
_BASES: Final = {
    CitizenState.ON_LIST: LegalBasis.ORDER_OF_REGISTRATION,
    CitizenState.HOUSED: LegalBasis.ORDER_OF_REGISTRATION,
    CitizenState.OFFER_OPEN: LegalBasis.PROVISION,
    Action.CONSENT_MISSING: LegalBasis.CONSENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusWords:
    """A state of the closed set in words; what is empty is not known or does not apply."""

    state: str
    tone: str
    words: str
    cause: str
    basis: str
    doubt: str
    keeps_place: bool
    to_do: str
    until: date | None
    note: str


def status(told: Told, version: PolicyVersion | None, *, on: date) -> StatusWords:
    """
    Return what a household is told of an entry on a day; `version` is the policy whose terms apply, if any
    does.
    """
    found = told.status
    return StatusWords(
        state=found.state,
        tone=_TONES[found.state],
        words=gettext(_STATES[found.state]),
        cause=_cause(told),
        basis=_basis(told, version, on),
        doubt=_doubt(told),
        keeps_place=found.keeps_place and found.state is not CitizenState.ON_LIST,
        to_do=_to_do(told),
        until=_until(told, version),
        note=_note(told),
    )


def _cause(told: Told) -> str:
    found = told.status
    if found.cause == Action.REMOVAL_PROPOSED:
        return gettext("The akimat proposes to remove the entry from the list. The ground: %(ground)s.") % {
            "ground": ground_presenters.ground(found.ground)
        }
    if found.cause == Action.CONSENT_MISSING:
        return gettext("Somebody of the family has not consented to the state registers being asked.")
    if found.state is CitizenState.REMOVED and told.removed is not None:
        return gettext("Decided on %(day)s. The ground: %(ground)s.") % {
            "day": formats.day(told.removed.decided_at),
            "ground": ground_presenters.ground(told.removed.ground),
        }
    if not found.cause:
        return ""
    since = formats.day(told.since) if told.since else ""
    ground = ground_presenters.ground(found.cause)
    return gettext("Since %(day)s: %(ground)s.") % {"day": since, "ground": ground} if since else ground


def _basis(told: Told, version: PolicyVersion | None, on: date) -> str:
    found = told.status
    if found.state is CitizenState.FROZEN:
        return _article(SuspensionGround, found.cause, told.since)
    if found.state is CitizenState.REMOVED and told.removed is not None:
        return _article(RemovalGround, told.removed.ground, told.removed.decided_at)
    if found.cause == Action.REMOVAL_PROPOSED:
        return _article(RemovalGround, found.ground, found.until)
    basis = _BASES.get(Action.CONSENT_MISSING if found.cause == Action.CONSENT_MISSING else found.state)
    text = article_presenters.law_article(basis, on) if basis else ""
    # The law says how a home is given; within how many days one answers, the policy's own source.
    term = _act(version, "offer", "working_days") if basis is LegalBasis.PROVISION else ""
    return f"{text} {term}." if term else text


def _doubt(told: Told) -> str:
    """Why the cited article of a removal is not certain, as staff reads it, too; mostly empty."""
    found = told.status
    if found.state is CitizenState.REMOVED and told.removed is not None:
        return _doubt_of(told.removed.ground, told.removed.decided_at)
    return _doubt_of(found.ground, found.until) if found.cause == Action.REMOVAL_PROPOSED else ""


def _doubt_of(code: str, on: date | None) -> str:
    return article_presenters.doubt(code, on) if code in list(RemovalGround) else ""


def _article(grounds: type[SuspensionGround] | type[RemovalGround], code: str, on: date | None) -> str:
    return article_presenters.law_article(grounds(code), on) if code in list(grounds) else ""


def _act(version: PolicyVersion | None, part: str, figure: str) -> str:
    """The act of a figure, as the policy in force names it."""
    found: Mapping[str, Any] = version.document.get(part, {}).get(figure, {}) if version else {}
    return act(found["act"]) if "act" in found else ""


def _to_do(told: Told) -> str:
    found = told.status
    if found.state is CitizenState.REMOVED and told.review is not None:
        return gettext("You need to do nothing: your complaint is being reviewed.")
    if found.state in {CitizenState.ACTION_NEEDED, CitizenState.FROZEN}:
        return gettext(_WITH_CAUSE.get(found.cause, _ASK))
    return gettext(_TO_DO[found.state])


def _until(told: Told, version: PolicyVersion | None) -> date | None:
    """The last day for what has to be done; of an offer its own card names it."""
    if told.status.state is not CitizenState.REMOVED:
        return told.status.until
    if told.review is not None or told.removed is None or version is None:
        return None
    try:
        return complaint_until(civil_day(told.removed.decided_at), Policy.from_document(version.document))
    except PolicyBroken:
        return None


def _note(told: Told) -> str:
    if told.review is None:
        return ""
    return gettext("Your complaint of %(day)s is decided by %(until)s.") % {
        "day": formats.day(told.review.opened_at),
        "until": formats.day(told.review.decide_by),
    }


def served(found: Served) -> tuple[str, str]:
    """Whom a list serves now: what happened, and no promise."""
    month = formats.month(f"{civil_day(found.registered_at):%Y-%m}")
    return (
        gettext("In your list registrations of this month are being served: %(month)s") % {"month": month},
        gettext("Families of your list who got a home in the last 12 months: %(housed)s")
        % {"housed": formats.whole(found.housed)},
    )


def keeper_name(keeper: Elsewhere) -> str:
    """Who keeps a queue in another installation, in the language of the page."""
    return keeper.name_ru if get_language() == "ru" else keeper.name_kk


def office_address(office: Office) -> str:
    """Where the housing department is, in the language of the page."""
    return office.address_ru if get_language() == "ru" else office.address_kk
