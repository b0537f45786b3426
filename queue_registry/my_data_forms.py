"""Plain forms of the household's own data: the code, what is wrong, and the clerk's answer; none saves."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from queue_registry import my_data_presenters
from queue_registry.forms import SPACES_AND_DASHES

_LONGEST_CLAIM: Final = 1000
_LONGEST_DECISION: Final = 1000
GIVE: Final = "GIVE"
TAKE_BACK: Final = "TAKE_BACK"
_CHOOSE: Final = _("Choose one of the list")
_TOO_LONG: Final = _("Say it in at most %(limit_value)s characters; bring longer papers to the akimat")


class Code(forms.Form):
    """The code from the telephone."""

    code = forms.CharField(
        label=_("Code from the message"),
        help_text=_("6 digits, sent to your telephone."),
        max_length=20,
        error_messages={
            "required": _("Enter the code from the message"),
            "max_length": _("The code has 6 digits"),
            "null_characters_not_allowed": _("The code has 6 digits"),
        },
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input govuk-input--width-10",
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
            }
        ),
    )

    def clean_code(self) -> str:
        """Return the digits alone."""
        return SPACES_AND_DASHES.sub("", self.cleaned_data["code"])


class OwnConsent(Code):
    """What an adult says of his own consent, with the code from his telephone."""

    field_order = ("choice", "code")

    choice = forms.ChoiceField(
        label=_("Your answer"),
        choices=((GIVE, _("I consent")), (TAKE_BACK, _("I take my consent back"))),
        error_messages={"required": _("Choose your answer"), "invalid_choice": _("Choose your answer")},
        widget=forms.RadioSelect(attrs={"class": "govuk-radios__input"}),
    )


class Dispute(forms.Form):
    """What is wrong in a row, in the household's own words."""

    claim = forms.CharField(
        label=_("What is wrong, and what would be right"),
        help_text=_("If you have a paper that shows it, say which. Do not write an IIN here."),
        max_length=_LONGEST_CLAIM,
        error_messages={
            "required": _("Say what is wrong and what would be right"),
            "max_length": _TOO_LONG,
            "null_characters_not_allowed": _("Say what is wrong and what would be right"),
        },
        widget=forms.Textarea(attrs={"class": "govuk-textarea", "rows": 5}),
    )


class Settlement(forms.Form):
    """What a clerk answers to a dispute."""

    outcome = forms.ChoiceField(
        label=_("What it came to"),
        choices=my_data_presenters.dispute_outcomes,
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    decision = forms.CharField(
        label=_("What was looked at, and what follows"),
        help_text=_("The household reads it on its page."),
        max_length=_LONGEST_DECISION,
        error_messages={
            "required": _("Say what was looked at and what it came to"),
            "max_length": _("Say it in at most %(limit_value)s characters"),
        },
        widget=forms.Textarea(attrs={"class": "govuk-textarea", "rows": 5}),
    )
