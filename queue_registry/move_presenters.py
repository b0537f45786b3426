"""Moves of an entry in words: states of cases, who contests, why an act was refused."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import formats, presenters
from queue_registry.article_presenters import article
from queue_registry.models import RegistrationChange, RemovalCase, Review
from queue_registry.presenters import words
from queue_registry.rules.categories import LISTS
from queue_registry.rules.move_refusals import MoveRefused
from queue_registry.rules.reasons import ReviewSource
from queue_registry.rules.waiting_lists import ListNumber

_SOURCES: Final = {"CITIZEN": _("complaint of a citizen"), "COURT": _("decision of a court")}
_OUTCOMES: Final = {
    "REMOVED": _("removed from the list"),
    "DROPPED": _("dropped: stays on the list"),
    "UPHELD": _("the decision stands"),
    "OVERTURNED": _("the decision fell"),
}
_CASE_STATES: Final = {
    "PROPOSED": _("proposed, the household is not told yet"),
    "NOTIFIED": _("the household was told; its term runs"),
    "OBJECTED": _("the household objected"),
    "HEARD": _("heard"),
    "REMOVED": _("removed from the list"),
    "DROPPED": _("dropped: stays on the list"),
}
_CHANGE_STATES: Final = {
    "OPEN": _("waits for a second person"),
    "APPROVED": _("approved"),
    "DROPPED": _("given up"),
}
_TONES: Final = {
    "REMOVED": "bad",
    "DROPPED": "calm",
    "OVERTURNED": "good",
    "UPHELD": "calm",
    "APPROVED": "good",
}
_REFUSALS: Final = {
    "CHANGED_MEANWHILE": _(
        "Something happened to this entry since you opened the page. Look at it as it is now, then decide."
    ),
    "DOCUMENT_MISSING": _("Name the document."),
    "REASON_MISSING": _("Say it in words."),
    "SECOND_PERSON_NEEDED": _(
        "Another person has to do this: not who proposed or opened it, nor who decided before."
    ),
    "ENTRY_OFFERED": _("A home is offered to this household. Close the offer first."),
    "ENTRY_NOT_ACTIVE": _("This entry has no place any more: %(status)s."),
    "ENTRY_NOT_SUSPENDED": _("This entry is not suspended: %(status)s."),
    "ENTRY_SUSPENDED_ALREADY": _("This entry is suspended already."),
    "ANOTHER_LIVE_ENTRY": _("This person stands on the list by another application already."),
    "CASE_OPEN": _("A removal of this entry is proposed already. Go on with that case."),
    "CASE_DECIDED": _("This case is decided already: %(outcome)s."),
    "PROTECTED": _("Protected until housed: %(category)s (%(article)s). This ground does not hold here."),
    "PROTECTION_NOT_KNOWN": _(
        "Whether this household is protected is not known yet: %(source)s has not answered."
    ),
    "NOTICE_MISSING": _("The household was not told yet."),
    "NOTICE_ON_ITS_WAY": _("The notice of this case was sent already. What did not arrive is sent again."),
    "NOTICE_NOT_DELIVERED": _("This notice did not reach the household, so that no term can run from it."),
    "NOTICE_GIVEN": _("The household was told already; the term runs from that day."),
    "TERM_RUNS": _("The household's term still runs. The first day of a decision: %(decision_from)s."),
    "OBJECTION_TERM_OVER": _("The last day for objections was %(objections_until)s."),
    "OBJECTION_RECORDED": _("The objection is recorded already."),
    "HEARING_MISSING": _("The household objected and was not heard yet."),
    "HEARING_RECORDED": _("The hearing is recorded already."),
    "FINDING_SETTLED": _("This finding does not wait for anybody any more."),
    "NOTHING_TO_CONTEST": _("There is no decision here that could be contested."),
    "REVIEW_OPEN": _("This decision is contested already. Go on with that review."),
    "REVIEW_DECIDED": _("This review is decided already: %(outcome)s."),
    "COMPLAINT_TERM_OVER": _("The last day for a complaint was %(until)s. A court has no such term."),
    "ENTRY_NOT_REMOVED": _("This entry is not removed: %(status)s."),
    "CHANGE_OPEN": _("A change of this registration moment waits for a second person already."),
    "CHANGE_CLOSED": _("This change was approved or given up already."),
    "MOMENT_IN_FUTURE": _("The registration moment cannot lie in the future."),
    "MOMENT_TOO_EARLY": _("The registration moment cannot lie before the year %(earliest)s."),
    "MOMENT_THE_SAME": _("This is the registration moment that the entry has."),
    "ONLY_LATER": _("On this ground the registration moment can only become later."),
    "ONLY_FOR_ORPHANS": _("This ground is for orphans, list 2, alone."),
    "CATEGORY_NOT_LAWFUL": _("The Law knows no such category."),
    "CATEGORY_NOT_HELD": _("This category has no open period here."),
    "CATEGORY_HELD": _("This category is recorded already and has not ended."),
    "CATEGORY_OF_ANOTHER_LIST": _(
        "This category belongs to another list: %(list)s. Change the category instead."
    ),
    "CATEGORY_DOES_NOT_STAY": _("This category does not go on counting after its end."),
    "DAY_IN_FUTURE": _("The day cannot lie in the future."),
    "DAY_BEFORE_PERIOD": _("The day has to come after the beginning of the period, %(from_on)s."),
    "ALREADY_ON_LIST": _("This application has an entry there already: %(list)s."),
    "NOBODY_REMAINS": _(
        "No living adult of the co-registered family remains, so the place passes to nobody (art 73)."
    ),
    "NOT_A_SUCCESSOR": _("The place passes to a living adult of the co-registered family alone."),
    "SUCCESSOR_AGE_NOT_KNOWN": _(
        "The population register has not said how old this person is. Ask it first."
    ),
}


def contest_source(code: str) -> str:
    """Who contests a decision."""
    return words("review_source", _SOURCES, code)


def move_outcome(code: str) -> str:
    """How a case or a review ended; empty while it runs."""
    return words("outcome", _OUTCOMES, code) if code else ""


def move_tone(code: str) -> str:
    """Color class of a case, a change or a review; words always stand beside it."""
    return _TONES.get(code, "wait")


def case_state(case: RemovalCase) -> str:
    """Code of where a removal case stands."""
    if case.outcome:
        return case.outcome
    if case.heard_at is not None:
        return "HEARD"
    if case.objected_at is not None:
        return "OBJECTED"
    return "PROPOSED" if case.notified_at is None else "NOTIFIED"


def case_state_words(case: RemovalCase) -> str:
    """Where a removal case stands."""
    return words("case_state", _CASE_STATES, case_state(case))


def change_state(change: RegistrationChange) -> str:
    """Code of where a change of a registration moment stands."""
    if change.approved_at is not None:
        return "APPROVED"
    return "OPEN" if change.dropped_at is None else "DROPPED"


def change_state_words(change: RegistrationChange) -> str:
    """Where a change of a registration moment stands."""
    return words("change_state", _CHANGE_STATES, change_state(change))


def review_state_words(review: Review) -> str:
    """How a review ended, or that it runs."""
    return move_outcome(review.outcome) or gettext("is being reviewed")


def refusal(refused: MoveRefused) -> str:
    """Why a move was refused, with its figures."""
    figures = {name: _figure(name, value) for name, value in refused.detail.items()}
    text = words("move_refusal", _REFUSALS, refused.code.value)
    return text % figures if figures else text


def _figure(name: str, value: Any) -> str:
    if isinstance(value, date):
        return formats.day(value)
    say = {
        "status": presenters.entry_status,
        "category": presenters.category,
        "source": presenters.source,
        "article": article,
        "outcome": move_outcome,
        "list": _list,
    }.get(name)
    return say(str(value)) if say and value else str(value)


def _list(number: str) -> str:
    return presenters.list_name(ListNumber(number).value)


def contest_sources() -> list[tuple[str, str]]:
    """Who may contest a decision."""
    return [(source.value, contest_source(source)) for source in ReviewSource]


def categories(codes: Iterable[str] = ()) -> list[tuple[str, str]]:
    """These categories, or every one that the Law knows, each with its list, in the order of the lists."""
    chosen = sorted(codes or LISTS, key=lambda code: (LISTS[code], code))
    return [(code, f"{LISTS[code].value}: {presenters.category(code)}") for code in chosen]
