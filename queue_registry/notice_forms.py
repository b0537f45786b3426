"""Plain forms of contacts and notices that clean what clerks type; none of them saves."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from queue_registry import notice_presenters
from queue_registry.models import NoticeChannel
from queue_registry.rules import contacts as rules

_INPUT: Final = {"class": "govuk-input", "autocomplete": "off", "spellcheck": "false"}
_SELECT: Final = {"class": "govuk-select"}
_LONGEST: Final = 300
_LONGEST_SLIP: Final = 64
_NORMALIZED: Final[dict[str, Callable[[str], str]]] = {
    NoticeChannel.SMS: rules.phone,
    NoticeChannel.EMAIL: rules.email,
}


class _Chosen(forms.ChoiceField):
    """One of a list that is put into words when the page is made: in the language of the page."""

    def __init__(self, words: Callable[[], list[tuple[str, str]]], **kwargs: Any) -> None:
        wrong = _("Choose one of the list")
        super().__init__(
            choices=words,
            error_messages={"required": wrong, "invalid_choice": wrong},
            widget=forms.Select(attrs=_SELECT),
            **kwargs,
        )


class Contact(forms.Form):
    """By what somebody is reached, and in which language he is written to."""

    channel = _Chosen(notice_presenters.electronic_channels, label=_("Reached by"))
    value = forms.CharField(
        label=_("Telephone or e-mail"),
        max_length=rules.LONGEST,
        error_messages={"required": _("Enter the telephone or the e-mail")},
        widget=forms.TextInput(attrs=_INPUT),
    )
    language = _Chosen(notice_presenters.languages, label=_("Language of notices"))

    def clean(self) -> dict[str, Any]:
        """The value in its one form, or why it is none."""
        cleaned: dict[str, Any] = super().clean() or {}
        normalized = _NORMALIZED.get(cleaned.get("channel", ""))
        if normalized is not None and cleaned.get("value"):
            try:
                cleaned["value"] = normalized(cleaned["value"])
            except rules.ContactRefused as refused:
                self.add_error("value", notice_presenters.contact_refusal(refused))
        return cleaned


class EndContact(forms.Form):
    """Which way to reach a person ends."""

    channel = _Chosen(notice_presenters.electronic_channels)


class SendAgain(forms.Form):
    """By what a notice is sent once more."""

    channel = _Chosen(notice_presenters.channels, label=_("Send again by"))


class Settlement(forms.Form):
    """What was done about a notice that did not arrive."""

    how = forms.CharField(
        label=_("What was done"),
        max_length=_LONGEST,
        error_messages={"required": _("Say what was done")},
        widget=forms.TextInput(attrs=_INPUT),
    )


class Report(forms.Form):
    """What became of a posted letter, and what shows it."""

    document = forms.CharField(
        label=_("What shows it"),
        help_text=_("Number of the return slip, or the signature. No names."),
        max_length=_LONGEST_SLIP,
        error_messages={"required": _("Name what shows it")},
        widget=forms.TextInput(attrs=_INPUT),
    )
