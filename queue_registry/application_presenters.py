"""Intakes and applications in words: statuses, papers, consents, grounds, refusals, what is open."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import article_presenters, formats, presenters
from queue_registry.models import Notice
from queue_registry.rules.intakes import IntakeRefusal, IntakeRefused
from queue_registry.rules.reasons import RefusalGround

_STATUSES: Final = {
    "PENDING": _("Waits for the decision"),
    "ACCEPTED": _("Registered"),
    "REFUSED": _("Refused"),
    "WITHDRAWN": _("Withdrawn"),
}
_TONES: Final = {"PENDING": "wait", "ACCEPTED": "good", "REFUSED": "bad", "WITHDRAWN": "calm"}
_KINDS: Final = {
    "APPLICATION": _("Signed application"),
    "IDENTITY": _("Identity document"),
    "FAMILY": _("Document on the family"),
    "CATEGORY": _("Document on the category"),
    "RESIDENCE": _("Document on the residence"),
    "DECISION": _("Decision of a court or a body"),
    "OTHER": _("Another document"),
}
_CHANNELS: Final = {
    "EDS": _("electronic signature"),
    "SMS_1414": _("answer to the SMS of 1414"),
    "PAPER": _("signed on paper"),
    "PAGE": _("on the household's page, by a code"),
}
_GROUNDS: Final = {
    RefusalGround.NOT_CITIZEN: _("Not a citizen of Kazakhstan and not a kandas"),
    RefusalGround.NOT_RESIDENT: _("Does not live in this settlement"),
    RefusalGround.RESIDENCE_TOO_SHORT: _("Has not lived in the city long enough"),
    RefusalGround.OWNS_DWELLING: _("Owns a dwelling"),
    RefusalGround.CATEGORY_NOT_CONFIRMED: _("The category of the list is not confirmed"),
    RefusalGround.NEED_MADE_ON_PURPOSE: _("The need was made on purpose within five years"),
    RefusalGround.ALREADY_REGISTERED: _("Is registered already"),
    RefusalGround.FALSE_DATA: _("The data given are false"),
}
_REFUSALS: Final = {
    IntakeRefusal.NOT_AN_IIN: _("This is not an IIN: look at its twelve digits once more."),
    IntakeRefusal.CHANGED_MEANWHILE: _(
        "Somebody changed this in the meantime. The page shows how it stands now; do your change again if it "
        "is still needed."
    ),
    IntakeRefusal.INTAKE_CLOSED: _("This intake was filed or given up; it cannot be changed any more."),
    IntakeRefusal.NOT_OF_THE_HOUSEHOLD: _("This person is not of the household."),
    IntakeRefusal.CLAIMS_MISSING: _("Choose at least one list with its category."),
    IntakeRefusal.CATEGORY_OF_ANOTHER_LIST: _("Each list is claimed once, with a category of its own."),
    IntakeRefusal.SCAN_NOT_READABLE: _("The file is not a PDF, JPEG or PNG."),
    IntakeRefusal.SCAN_TOO_LARGE: _("The file is larger than 10 megabytes."),
    IntakeRefusal.NOT_YOUR_AKIMAT: _("This token is not good for this akimat."),
}
_NOTICES: Final = {
    "REGISTERED": _("Notice of the registration"),
    "REFUSED": _("Notice of the refusal"),
    "SUSPENDED": _("Notice of the suspension"),
    "REMOVAL_PROPOSED": _("Notice that a removal is proposed"),
    "DEREGISTERED": _("Notice of the removal"),
    "REINSTATED": _("Notice that the place was given back"),
    "REVIEW_DECIDED": _("Notice of the decision on the complaint"),
    "REDATED": _("Notice of a changed registration moment"),
    "SUCCESSION": _("Notice that the place passed on"),
    "DATA_DISPUTE_SETTLED": _("Answer to what was said to be wrong in the data"),
    "OFFER_MADE": _("Notice of the offer of a home"),
    "RESERVE_CALLED": _("Notice of a home from the reserve"),
    "OFFER_EXPIRED": _("Notice that an offer ended without an answer"),
    "OFFER_WITHDRAWN": _("Notice that an offer was taken back"),
    "HOUSED": _("Notice that the home was handed over"),
    "PASSED_OVER": _("Notice why no home was offered in a round"),
    "CONTRACT_DUE": _("Invitation to sign the contract"),
    "CONTRACT_NOT_SIGNED": _("Notice that a contract was not signed in time"),
    "TENANCY_ANNULLED": _("Notice that the contract was annulled"),
    "DEPARTED_FROM": _("Notice that the commission left the computed order"),
}
_TASKS: Final = {
    "DECISION": _("Decide on the application"),
    "REVIEW": _("Decide on the complaint"),
    "REMOVAL": _("Proceed with the removal"),
    "REDATING": _("Approve the changed registration moment"),
    "IMPORT": _("Decide a question of an old list"),
    "RECHECK": _("Look at what a recheck found"),
    "NOTICE": _("See to a notice that did not arrive"),
    "DISPUTE": _("Answer a household that says its data are wrong"),
}


def application_status(code: str) -> str:
    """Status of an application."""
    return presenters.words("application_status", _STATUSES, code)


def application_tone(code: str) -> str:
    """Color class of an application's status; words always stand beside it."""
    return _TONES.get(code, "calm")


def document_kind(code: str) -> str:
    """Kind of a document."""
    return presenters.words("document_kind", _KINDS, code)


def consent_channel(code: str) -> str:
    """How a consent was given."""
    return presenters.words("consent_channel", _CHANNELS, code)


def refusal_ground(code: str, on: date | None = None, *, stated: str = "") -> str:
    """Ground of a refusal with its article, as `article_presenters.with_article`."""
    ground = RefusalGround(code)
    words = presenters.words("refusal_ground", _GROUNDS, ground)
    return article_presenters.with_article(words, ground, on, stated=stated)


def notice_kind(code: str) -> str:
    """Kind of a notice."""
    return presenters.words("notice", _NOTICES, code)


def task_kind(code: str) -> str:
    """What is open in a case."""
    return presenters.words("task", _TASKS, code)


def kinds() -> list[tuple[str, str]]:
    """Every kind of a document with its words."""
    return [(code, gettext(text)) for code, text in _KINDS.items()]


def channels() -> list[tuple[str, str]]:
    """Every way to give a consent that a clerk records, with its words."""
    return [(code, gettext(text)) for code, text in _CHANNELS.items() if code != "PAGE"]


def grounds() -> list[tuple[str, str]]:
    """Every ground of a refusal with its words and article."""
    return [(ground.value, refusal_ground(ground)) for ground in RefusalGround]


def tasks() -> list[tuple[str, str]]:
    """Everything that may be open in a case."""
    return [(code, gettext(text)) for code, text in _TASKS.items()]


def consent_text() -> str:
    """The text that a member of the household agrees to; its version stands in every consent."""
    return gettext(
        "I agree that the akimat asks the state registers about my person, family, dwellings, income and "
        "social status, when I am registered, in every later check and before a home is provided."
    )


def intake_refusal(refused: IntakeRefused, names: Mapping[int, str] | None = None) -> str:
    """Why an act was refused, in words; `names` are of the people whom the clerk sees on the page."""
    detail = refused.detail
    match refused.code:
        case IntakeRefusal.ALREADY_REGISTERED:
            return _already(detail["file_number"])
        case IntakeRefusal.INTAKE_OPEN:
            return _open(detail["intake"])
        case IntakeRefusal.IN_ANOTHER_HOUSEHOLD:
            return _in_another(detail["file_number"])
        case IntakeRefusal.INCOMPLETE:
            return gettext("These are missing: %(missing)s.") % {
                "missing": ", ".join(_missing(detail["papers"], detail["consents"], names or {}))
            }
        case IntakeRefusal.ALREADY_DECIDED:
            return gettext("This application was decided already: %(status)s, by %(by)s.") % {
                "status": application_status(detail["status"]),
                "by": detail["by"],
            }
        case IntakeRefusal.REASON_MISSING:
            return _reason_missing(detail["against"])
        case IntakeRefusal.FACTS_NOT_FRESH:
            return _not_fresh(detail["sources"])
    return presenters.words("intake_refusal", _REFUSALS, refused.code)


def _already(file_number: str) -> str:
    if not file_number:
        return gettext("This person stands in the queue of another akimat already.")
    return gettext("This household is known already: file number %(number)s.") % {"number": file_number}


def _open(intake: int | None) -> str:
    if intake is None:
        return gettext("Another akimat is entering an application of this person.")
    return gettext("An application of this household is being entered already: intake %(number)s.") % {
        "number": intake
    }


def _in_another(file_number: str) -> str:
    where = file_number or gettext("of another akimat")
    return gettext(
        "This person is a member of a household that is known already: file number %(number)s. If the person "
        "applies apart from it, give the reason."
    ) % {"number": where}


def _missing(papers: Iterable[str], consents: Iterable[int], names: Mapping[int, str]) -> list[str]:
    wanted = [document_kind(str(paper)) for paper in papers]
    wanted += [
        gettext("consent of %(name)s") % {"name": names.get(person) or gettext("a member")}
        for person in consents
    ]
    return wanted


def missing(papers: Iterable[str], consents: Iterable[int], names: Mapping[int, str]) -> list[str]:
    """What an application lacks before it can be filed, each in words."""
    return _missing(papers, consents, names)


def _reason_missing(against: str) -> str:
    if against in _GROUNDS or against == "OWN_REQUEST":
        return gettext("Say on which document or fact it rests.")
    return gettext(
        "The registers say: %(reason)s. Refuse the application, or say which document outweighs it."
    ) % {"reason": presenters.reason(against)}


def _not_fresh(sources: Iterable[str]) -> str:
    return gettext(
        "No refusal rests on an answer that is no longer fresh, or on a system that is being looked at: "
        "%(sources)s. Ask again first."
    ) % {"sources": ", ".join(presenters.source(code) for code in sources)}


def notice_facts(notice: Notice) -> list[str]:
    """What a notice tells beside its kind."""
    facts: Mapping[str, Any] = notice.facts
    lines = []
    if notice.kind == Notice.Kind.REFUSED:
        lines.append(refusal_ground(facts["ground"], stated=facts["article"]))
        lines.append(
            gettext("It can be contested until %(day)s; the complaint is decided in %(days)s working days.")
            % {
                "day": formats.day(date.fromisoformat(facts["complaint_until"])),
                "days": facts["complaint_decided"],
            }
        )
    return lines
