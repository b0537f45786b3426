"""Plain form of opening the answer of a state system."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from queue_registry import kept_answer_presenters

_LONGEST: Final = 300


class OpenAnswer(forms.Form):
    """What for, and on which document."""

    purpose = forms.ChoiceField(
        label=_("What it is opened for"),
        choices=kept_answer_presenters.purposes,
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    document = forms.CharField(
        label=_("Document"),
        help_text=_("Number and day of the order, the complaint or the request; no names."),
        max_length=_LONGEST,
        error_messages={"required": _("Enter the document on which the answer is opened")},
        widget=forms.TextInput(attrs={"class": "govuk-input", "autocomplete": "off"}),
    )
