"""Plain forms of changed IINs that clean what people type; none of them saves."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

_LONGEST: Final = 300


class Confirmation(forms.Form):
    """The document that shows that both numbers are one person's."""

    document = forms.CharField(
        label=_("Document"),
        help_text=_("Its name, number and date."),
        max_length=_LONGEST,
        error_messages={"required": _("Name the document")},
        widget=forms.TextInput(attrs={"class": "govuk-input", "autocomplete": "off"}),
    )


class GivingUp(forms.Form):
    """Why the person stays under the old number."""

    why = forms.CharField(
        label=_("Why it is given up"),
        help_text=_("No names and no numbers of people."),
        max_length=_LONGEST,
        error_messages={"required": _("Say why it is given up")},
        widget=forms.Textarea(attrs={"class": "govuk-textarea", "rows": 3}),
    )
