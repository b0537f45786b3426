"""What a citizen types to find the permanent file number by the number of an old list."""

import re
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from queue_registry.forms import LookUp
from queue_registry.rules.legacy.codes import Source

_NOT_DIGITS: Final = re.compile("[^0-9]+", re.ASCII)
_LONGEST: Final = 60
_NO_DIGIT: Final = _("The old number has at least one digit, for example 271-2019-000123")


class OldNumber(LookUp):
    """
    System, old number and IIN. Only the shape is told to be wrong; of the number its digits count, because
    letters and signs around them were written in many ways.
    """

    file_number = None  # type: ignore[assignment]
    source = forms.ChoiceField(
        label=_("Where the old number comes from"),
        choices=[
            (Source.PAPER.value, _("A paper list, until 2013")),
            (Source.RSHEP.value, _("Regional Gateway of e-government (РШЭП), 2014–2019")),
            (Source.SPP.value, _("Service product (СПП), 2019–2021")),
        ],
        error_messages={
            "required": _("Choose where the old number comes from"),
            "invalid_choice": _("Choose where the old number comes from"),
        },
        widget=forms.RadioSelect(attrs={"class": "govuk-radios__input"}),
    )
    number = forms.CharField(
        label=_("Old number"),
        help_text=_("As it stands in the old paper: of a paper list, the number of your row."),
        max_length=_LONGEST,
        error_messages={
            "required": _("Enter the old number"),
            "max_length": _NO_DIGIT,
            "null_characters_not_allowed": _NO_DIGIT,
        },
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input govuk-input--width-20",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )
    field_order = ("source", "number", "iin")

    def clean_number(self) -> str:
        """Return the digits of the old number, leading zeros aside."""
        digits = _NOT_DIGITS.sub("", self.cleaned_data["number"])
        if not digits:
            raise forms.ValidationError(_NO_DIGIT)
        return digits.lstrip("0") or "0"
