"""Plain forms of rechecks."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST: Final = 100_000
_MISSING: Final = _("Enter how many, from 1 to 100,000")


class BeforeAllocation(forms.Form):
    """How deep into each list a recheck before a distribution goes."""

    first = forms.IntegerField(
        label=_("How many of each list, from its top"),
        help_text=_("As many as the homes can reach, with a reserve for those who are passed over."),
        min_value=1,
        max_value=LONGEST,
        error_messages={
            "required": _MISSING,
            "invalid": _MISSING,
            "min_value": _MISSING,
            "max_value": _MISSING,
        },
        widget=forms.NumberInput(attrs={"class": "govuk-input govuk-input--width-5", "autocomplete": "off"}),
    )
