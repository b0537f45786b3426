"""Notices, their deliveries and ways to reach people in words."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from queue_registry import formats
from queue_registry.models import ContactPoint, NoticeDelivery
from queue_registry.presenters import words
from queue_registry.rules.contacts import ContactRefused
from queue_registry.rules.notices import NoticeRefused

_CHANNELS: Final = {"SMS": _("SMS"), "EMAIL": _("e-mail"), "LETTER": _("letter")}
_STATES: Final = {
    "DUE": _("waits to be sent"),
    "HANDED_OVER": _("handed to the provider"),
    "DELIVERED": _("delivered"),
    "UNDELIVERED": _("did not arrive"),
}
_LETTER_STATES: Final = {
    "DUE": _("waits to be printed and posted"),
    "HANDED_OVER": _("posted"),
    "DELIVERED": _("received"),
    "UNDELIVERED": _("did not arrive"),
}
_TONES: Final = {"DUE": "wait", "HANDED_OVER": "wait", "DELIVERED": "good", "UNDELIVERED": "bad"}
_REASONS: Final = {
    "DEAD_ADDRESS": _("the number or address is dead"),
    "REFUSED": _("the provider refused the message"),
    "NOT_FOR_THIS_PROVIDER": _("the provider does not carry to this number or address"),
    "ATTEMPTS_OVER": _("every attempt failed"),
    "TERM_OVER": _("every attempt failed until the last day of the notice"),
    "NO_REPORT": _("the provider never said that it arrived"),
    "CONTACT_ENDED": _("the number or address was ended meanwhile"),
    "RETURNED": _("the post brought it back"),
}
_CONTACT_REFUSALS: Final = {
    "NOT_A_PHONE": _("Enter a telephone as +7 and ten digits, for example +7 700 000 12 34."),
    "NOT_AN_EMAIL": _("Enter an e-mail such as name@example.kz."),
}
_REFUSALS: Final = {
    "NO_CONTACT": _("Nothing is on record by which this could be sent. Record it first, or send a letter."),
    "ON_ITS_WAY": _("This notice is on its way by this channel already."),
    "CHANGED_MEANWHILE": _(
        "Somebody changed this in the meantime. The page shows how it stands now; do your change again if it "
        "is still needed."
    ),
    "HOW_MISSING": _("Say it in words."),
    "NOTHING_CHOSEN": _("Choose at least one letter."),
}
_LANGUAGES: Final = {"kk": _("Kazakh"), "ru": _("Russian")}


def channel(code: str) -> str:
    """By what a notice goes."""
    return words("notice_channel", _CHANNELS, code)


def language(code: str) -> str:
    """In which language a person is written to."""
    return words("notice_language", _LANGUAGES, code)


def delivery_state(delivery: NoticeDelivery) -> str:
    """Where a delivery stands, with the cause if it did not arrive."""
    table = _LETTER_STATES if delivery.channel == "LETTER" else _STATES
    state = words("notice_delivery", table, delivery.state)
    if not delivery.reason:
        return state
    return f"{state}: {words('undelivered', _REASONS, delivery.reason)}"


def delivery_tone(delivery: NoticeDelivery) -> str:
    """Color class of a delivery; words always stand beside it."""
    return "calm" if delivery.settled_at else _TONES.get(delivery.state, "wait")


def delivery_when(delivery: NoticeDelivery) -> str:
    """The moment of a delivery's last step."""
    return formats.moment(delivery.closed_at or delivery.handed_over_at or delivery.created_at)


def hidden(contact: ContactPoint | None) -> str:
    """A telephone or e-mail for people who look and do not send: its end is hidden."""
    if contact is None:
        return ""
    if contact.channel == "SMS":
        return f"{contact.value[:-4]}••••"
    name, _at, domain = contact.value.partition("@")
    return f"{name[:1]}•••@{domain}"


def contact_refusal(refused: ContactRefused) -> str:
    """Why what was typed is no telephone or e-mail."""
    return words("contact_refusal", _CONTACT_REFUSALS, refused.code.value)


def notice_refusal(refused: NoticeRefused) -> str:
    """Why an act on a notice was refused."""
    return words("notice_refusal", _REFUSALS, refused.code.value)


def electronic_channels() -> list[tuple[str, str]]:
    """What a person can be reached by without a letter."""
    return [("SMS", gettext("telephone, for SMS")), ("EMAIL", gettext(_CHANNELS["EMAIL"]))]


def channels() -> list[tuple[str, str]]:
    """Everything by which a notice can be sent."""
    return [(code, gettext(text)) for code, text in _CHANNELS.items()]


def languages() -> list[tuple[str, str]]:
    """The languages of notices."""
    return [(code, gettext(text)) for code, text in _LANGUAGES.items()]
