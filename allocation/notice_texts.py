"""What notices of a distribution say: the offer, its end, why a household was passed over."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from allocation import offer_presenters, presenters, tenancy_presenters
from queue_registry import formats
from queue_registry.models import Notice
from queue_registry.notices.texts import Facts, News, add_news, call_to_contest, contest, list_line
from queue_registry.presenters import list_name


def _home(facts: Facts) -> tuple[str, ...]:
    """All of a home that one has to know before an answer; a loan place has no walls."""
    home = facts["home"]
    if not home["address_kk"]:
        return (_("A place of the loan programme: %(programme)s.") % {"programme": home["programme"]},)
    address = home["address_ru" if translation.get_language() == "ru" else "address_kk"]
    return (
        _("Address: %(address)s.") % {"address": address},
        _("Rooms: %(rooms)s; useful area: %(area)s m²; floor: %(floor)s; %(lift)s; %(finish)s.")
        % {
            "rooms": home["rooms"],
            "area": home["area"],
            "floor": home["floor"],
            "lift": _("with a lift") if home["lift"] else _("without a lift"),
            "finish": offer_presenters.finish(home["finish"]),
        },
    )


def _day(facts: Facts, name: str) -> str:
    return formats.day(date.fromisoformat(facts[name]))


def _offer(facts: Facts, what: str) -> News:
    return News(
        what=what,
        details=(*_home(facts), *list_line(facts), _round(facts)),
        steps=(
            _("Answer until %(day)s: on the page of offers or at the akimat.")
            % {"day": _day(facts, "answer_by")},
            _("Your page of the offer, with the file number and your IIN: %(address)s")
            % {"address": f"{settings.PUBLIC_URL}{reverse('allocation_public:offer')}"},
            *offer_presenters.answers(),
        ),
        call=_("Answer until %(day)s.") % {"day": _day(facts, "answer_by")},
    )


def _round(facts: Facts) -> str:
    return _("Round %(number)s; everything of it can be checked: %(address)s") % {
        "number": facts["round"],
        "address": f"{settings.PUBLIC_URL}{reverse('allocation_public:round', args=[facts['round_id']])}",
    }


def _made(facts: Facts) -> News:
    return _offer(facts, _("A home is offered to you."))


def _called(facts: Facts) -> News:
    return _offer(facts, _("A home is offered to you from the reserve: it became free before your turn."))


def _expired(facts: Facts) -> News:
    return News(
        what=_("Your offer ended without an answer. You keep your place."),
        details=(
            _("The home went to the next family. It does not count as a refusal."),
            *list_line(facts),
            _round(facts),
        ),
        steps=contest(facts),
        call=call_to_contest(facts),
    )


def _withdrawn(facts: Facts) -> News:
    return News(
        what=_("The akimat took an offer back. You keep your place."),
        details=(*_why_withdrawn(facts), *list_line(facts), _round(facts)),
        steps=contest(facts),
        call=call_to_contest(facts),
    )


def _why_withdrawn(facts: Facts) -> tuple[str, ...]:
    """Earlier notices did not say it."""
    if not facts.get("reason"):
        return ()
    reason = _("Reason: %(reason)s.") % {"reason": facts["reason"].rstrip(".")}
    return (_("A fault was found in the home."), reason) if facts["faulty"] else (reason,)


def _housed(facts: Facts) -> News:
    return News(
        what=_("The home was handed over to you."),
        details=(
            _("Contract: %(number)s.") % {"number": facts["contract"]},
            _("Your place in the queue ended with it, on every list."),
            _round(facts),
        ),
    )


def _contract_due(facts: Facts) -> News:
    return News(
        what=_("The contract on the home that you accepted waits for your signature."),
        details=(*_home(facts), *list_line(facts), _round(facts)),
        steps=(
            _("Come to the akimat until %(day)s and sign it.") % {"day": _day(facts, "sign_by")},
            _("If you do not come, the home goes to the next family, and you keep your place."),
        ),
        call=_("Sign until %(day)s.") % {"day": _day(facts, "sign_by")},
    )


def _contract_not_signed(facts: Facts) -> News:
    return News(
        what=_("The contract was not signed in time. You keep your place."),
        details=(
            _("The home went to the next family. It does not count as a refusal."),
            *list_line(facts),
            _round(facts),
        ),
        steps=contest(facts),
        call=call_to_contest(facts),
    )


def _tenancy_annulled(facts: Facts) -> News:
    return News(
        what=_("The contract on your home was annulled. You stand again at your former place."),
        details=(
            _("Contract: %(number)s.") % {"number": facts["contract"]},
            _("Ground: %(ground)s (Housing Law art 82).")
            % {"ground": tenancy_presenters.annulment_ground(facts["ground"])},
            *list_line(facts),
            _round(facts),
        ),
        steps=contest(facts),
        call=call_to_contest(facts),
    )


def _passed_over(facts: Facts) -> News:
    reasons = tuple(
        _("%(list)s, place %(place)s: %(reason)s.")
        % {
            "list": list_name(row["list"]),
            "place": row["place"],
            "reason": presenters.passed_over(row["code"]),
        }
        for row in facts["lines"]
    )
    return News(
        what=_("No home was offered to you in round %(number)s. You keep your place.")
        % {"number": facts["round"]},
        details=(*reasons, _round(facts)),
        steps=contest(facts),
        call=call_to_contest(facts),
    )


def _departed_from(facts: Facts) -> News:
    return News(
        what=_("The commission gave a home past you, out of the computed order."),
        details=(
            _("Ground: %(ground)s.") % {"ground": presenters.departure_ground(facts["ground"])},
            *list_line(facts),
            _round(facts),
        ),
        steps=contest(facts),
        call=call_to_contest(facts),
    )


_NEWS: Final[Mapping[Notice.Kind, Callable[[Facts], News]]] = {
    Notice.Kind.OFFER_MADE: _made,
    Notice.Kind.RESERVE_CALLED: _called,
    Notice.Kind.OFFER_EXPIRED: _expired,
    Notice.Kind.OFFER_WITHDRAWN: _withdrawn,
    Notice.Kind.HOUSED: _housed,
    Notice.Kind.PASSED_OVER: _passed_over,
    Notice.Kind.DEPARTED_FROM: _departed_from,
    Notice.Kind.CONTRACT_DUE: _contract_due,
    Notice.Kind.CONTRACT_NOT_SIGNED: _contract_not_signed,
    Notice.Kind.TENANCY_ANNULLED: _tenancy_annulled,
}


def install() -> None:
    """Let the register say the notices of a distribution in words."""
    add_news(_NEWS)
