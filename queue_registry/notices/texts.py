"""
What a notice says, short and long, in one language: made of its kind and its facts.

Facts are codes, days and figures; words that somebody typed are left out, and any number that could be an IIN
is hidden, so that no notice names a person but the one to whom a letter is addressed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from queue_registry import (
    application_presenters,
    formats,
    ground_presenters,
    move_presenters,
    my_data_presenters,
    presenters,
)
from queue_registry.exports import masked
from queue_registry.models import Akimat, Notice
from queue_registry.rules.reasons import SuspensionGround

LANGUAGES: Final = ("kk", "ru")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A notice in words: its subject, a text for an SMS, paragraphs for an e-mail or a letter."""

    subject: str
    short: str
    paragraphs: tuple[str, ...]


def text_of(notice: Notice, *, language: str) -> Text:
    """Return what a notice says in a language. Its application comes with its akimat."""
    with translation.override(language):
        number, where = notice.application.file_number, akimat_name(notice.application.akimat)
        news = _NEWS[Notice.Kind(notice.kind)](notice.facts)
        paragraphs = (
            _("%(akimat)s tells you about your application for housing, file number %(number)s.")
            % {"akimat": where, "number": number},
            news.what,
            *news.details,
            *news.steps,
            _("Where to turn: %(akimat)s. Name the file number %(number)s.")
            % {"akimat": where, "number": number},
            _("Your place, and why it changed, with the file number and your IIN: %(address)s")
            % {"address": _page()},
        )
        return Text(
            subject=masked(f"{application_presenters.notice_kind(notice.kind)}, {number}"),
            short=masked(_short(news, number)),
            paragraphs=tuple(masked(one) for one in paragraphs),
        )


def akimat_name(akimat: Akimat) -> str:
    """Name of an akimat in the active language."""
    return akimat.name_ru if translation.get_language() == "ru" else akimat.name_kk


def _page() -> str:
    return f"{settings.PUBLIC_URL}{reverse('queue_registry_public:my_place')}"


def _data() -> str:
    return f"{settings.PUBLIC_URL}{reverse('queue_registry_public:my_data')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What happened, on what it rests, and what the household can do; `call` is the last in a few words."""

    what: str
    details: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    call: str = ""


def _short(news: News, number: str) -> str:
    parts = (_("File %(number)s.") % {"number": number}, news.what, news.call, _page())
    return " ".join(part for part in parts if part)


Facts = Mapping[str, Any]


def day_of(facts: Facts, name: str) -> str:
    """A day among the facts, or nothing where an older notice does not have it."""
    return formats.day(date.fromisoformat(facts[name])) if facts.get(name) else ""


def _moment(facts: Facts, name: str) -> str:
    return formats.moment(datetime.fromisoformat(facts[name]))


def _ground(words: str) -> str:
    return _("Ground: %(ground)s.") % {"ground": words}


def list_line(facts: Facts) -> tuple[str, ...]:
    return (_("List: %(list)s.") % {"list": presenters.list_name(facts["list"])},) if "list" in facts else ()


def contest(facts: Facts) -> tuple[str, ...]:
    """How a decision is contested: at the akimat within the term, or in court."""
    until = day_of(facts, "complaint_until")
    if not until:
        return (_("If you do not agree, complain to the akimat, or go to court."),)
    return (
        _("If you do not agree, complain to the akimat in writing until %(day)s, or go to court.")
        % {"day": until},
        *_decided_in(facts),
    )


def _decided_in(facts: Facts) -> Iterator[str]:
    if facts.get("complaint_decided"):
        yield _("Working days in which a complaint is decided: %(days)s.") % {
            "days": facts["complaint_decided"]
        }


def call_to_contest(facts: Facts) -> str:
    until = day_of(facts, "complaint_until")
    return _("Last day to contest: %(day)s") % {"day": until} if until else ""


def _registered(facts: Facts) -> News:
    lists = tuple(_("List: %(list)s.") % {"list": presenters.list_name(number)} for number in facts["lists"])
    moment = _("Registration moment: %(moment)s.") % {"moment": _moment(facts, "registered_at")}
    return News(
        what=_("You are registered as in need of housing."),
        details=(*lists, moment, _("Your turn is counted from this moment and comes by itself.")),
    )


def _refused(facts: Facts) -> News:
    return News(
        what=_("Your application is refused."),
        details=(
            _ground(application_presenters.refusal_ground(facts["ground"], stated=facts.get("article", ""))),
        ),
        steps=contest(facts),
        call=call_to_contest(facts),
    )


def _suspended(facts: Facts) -> News:
    return News(
        what=_("Your entry is suspended; you keep your place."),
        details=(
            _ground(ground_presenters.suspension_ground(facts["ground"], stated=facts.get("article", ""))),
            *list_line(facts),
        ),
        steps=(_way_back(facts["ground"]), *contest(facts)),
        call=call_to_contest(facts),
    )


def _way_back(ground: str) -> str:
    if ground == SuspensionGround.SECOND_REFUSAL:
        return _("Ask the akimat in writing to return; then homes are offered to you again at your place.")
    return _("Ask the akimat what ends the suspension.")


def _removal_proposed(facts: Facts) -> News:
    details = [_ground(ground_presenters.removal_ground(facts["ground"], stated=facts.get("article", "")))]
    if facts.get("evidence_source"):
        source = presenters.source(facts["evidence_source"])
        details.append(_("It rests on data of: %(source)s.") % {"source": source})
    if facts.get("evidence_as_of"):
        details.append(_("As of: %(day)s") % {"day": formats.day(_as_of(facts))})
    return News(
        what=_("The akimat proposes to take you off the list. Nothing is decided; you keep your place."),
        details=tuple(details),
        steps=(*_terms_to_object(facts), _("If you object, you are heard before anything is decided.")),
        call=_("You can object at the akimat."),
    )


def _as_of(facts: Facts) -> datetime:
    return datetime.fromisoformat(facts["evidence_as_of"])


def _terms_to_object(facts: Facts) -> tuple[str, ...]:
    """Days where the notice was handed over; else how many, since they run from the day when it arrives."""
    if facts.get("objections_until"):
        return (
            _("Last day to object: %(until)s; first day of a decision: %(decision)s")
            % {"until": day_of(facts, "objections_until"), "decision": day_of(facts, "decision_from")},
        )
    return (
        _(
            "You can object at the akimat. Working days for it, counted from the day after this notice "
            "reached you: %(days)s."
        )
        % {"days": facts["objections_days"]},
        _("Before any decision these working days have to pass after this notice reached you: %(days)s.")
        % {"days": facts["removal_notice_days"]},
    )


def _deregistered(facts: Facts) -> News:
    return News(
        what=_("You are taken off the list."),
        details=(
            _ground(ground_presenters.removal_ground(facts["ground"], stated=facts.get("article", ""))),
            *list_line(facts),
        ),
        steps=(*contest(facts), _("If the decision falls, you get your place back.")),
        call=call_to_contest(facts),
    )


def _reinstated(facts: Facts) -> News:
    moment = _("Registration moment: %(moment)s.") % {"moment": _moment(facts, "registered_at")}
    return News(
        what=_("Your place on the list is given back to you."),
        details=(_review(facts), *list_line(facts), moment),
    )


def _review(facts: Facts) -> str:
    return _("It rests on: %(source)s.") % {"source": move_presenters.contest_source(facts["source"])}


def _review_decided(facts: Facts) -> News:
    outcome = move_presenters.move_outcome(facts["outcome"])
    return News(
        what=_("What you contested is decided: %(outcome)s.") % {"outcome": outcome},
        details=(_review(facts),),
        steps=(_("If you do not agree, go to court."),),
    )


def _redated(facts: Facts) -> News:
    change = {"was": _moment(facts, "was"), "now": _moment(facts, "registered_at")}
    return News(
        what=_("Your registration moment is changed."),
        details=(
            _("It was %(was)s and is now %(now)s.") % change,
            _ground(ground_presenters.change_ground(facts["ground"], stated=facts.get("article", ""))),
        ),
        steps=contest(facts),
        call=call_to_contest(facts),
    )


def _succession(facts: Facts) -> News:
    return News(
        what=_("The place on the list passed on to you."),
        details=(
            _ground(ground_presenters.succession_ground(facts["ground"], stated=facts.get("article", ""))),
        ),
        steps=contest(facts),
    )


def _data_dispute_settled(facts: Facts) -> News:
    said_on = day_of(facts, "said_on")
    return News(
        what=_("What you said on %(day)s to be wrong in your data is answered. %(outcome)s")
        % {"day": said_on, "outcome": my_data_presenters.dispute_outcome(facts["outcome"])},
        details=(
            _("Why, you read beside the row on the page of your data: %(address)s") % {"address": _data()},
        ),
        steps=contest(facts),
        call=call_to_contest(facts),
    )


_NEWS: Final[dict[Notice.Kind, Callable[[Facts], News]]] = {
    Notice.Kind.REGISTERED: _registered,
    Notice.Kind.REFUSED: _refused,
    Notice.Kind.SUSPENDED: _suspended,
    Notice.Kind.REMOVAL_PROPOSED: _removal_proposed,
    Notice.Kind.DEREGISTERED: _deregistered,
    Notice.Kind.REINSTATED: _reinstated,
    Notice.Kind.REVIEW_DECIDED: _review_decided,
    Notice.Kind.REDATED: _redated,
    Notice.Kind.SUCCESSION: _succession,
    Notice.Kind.DATA_DISPUTE_SETTLED: _data_dispute_settled,
}


def add_news(made: Mapping[Notice.Kind, Callable[[Facts], News]]) -> None:
    """Take in kinds of notices whose words an application above the register knows."""
    _NEWS.update(made)
