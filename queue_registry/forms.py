"""Plain forms that clean what people type; none of them saves."""

import re
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

SPACES_AND_DASHES: Final = re.compile("[\\s\\-\u2010-\u2015\u2212]+")
_LONGEST_TYPED: Final = 60
_NOT_14_DIGITS: Final = _("The file number has 14 digits, for example 271010-0001234-5")
_NOT_12_DIGITS: Final = _("The IIN has 12 digits")


class LookUp(forms.Form):
    """
    What a citizen types to see his place: the file number and his IIN.

    Only the shape is told to be wrong. Whether a well-formed number exists, or has a right check digit, is
    answered by the same page as a pair that does not belong together.
    """

    file_number = forms.CharField(
        label=_("File number"),
        help_text=_("For example 271010-0001234-5. It is in the notice of your registration."),
        max_length=_LONGEST_TYPED,
        error_messages={
            "required": _("Enter the file number"),
            "max_length": _NOT_14_DIGITS,
            "null_characters_not_allowed": _NOT_14_DIGITS,
        },
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input govuk-input--width-20",
                "autocomplete": "off",
                "spellcheck": "false",
                "inputmode": "numeric",
            }
        ),
    )
    iin = forms.CharField(
        label=_("IIN of the applicant"),
        help_text=_("12 digits, as in the identity card."),
        max_length=_LONGEST_TYPED,
        error_messages={
            "required": _("Enter the IIN"),
            "max_length": _NOT_12_DIGITS,
            "null_characters_not_allowed": _NOT_12_DIGITS,
        },
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input govuk-input--width-20",
                "autocomplete": "off",
                "spellcheck": "false",
                "inputmode": "numeric",
            }
        ),
    )

    def clean_file_number(self) -> str:
        """Return the file number with its hyphens in place."""
        digits = _digits(self.cleaned_data["file_number"])
        if digits is None or len(digits) != 14:
            raise forms.ValidationError(_NOT_14_DIGITS)
        return f"{digits[:6]}-{digits[6:13]}-{digits[13]}"

    def clean_iin(self) -> str:
        """Return the IIN's digits alone."""
        digits = _digits(self.cleaned_data["iin"])
        if digits is None or len(digits) != 12:
            raise forms.ValidationError(_NOT_12_DIGITS)
        return digits


class OwnLookUp(LookUp):
    """What an adult of a family types to act for himself: the family's file number and his own IIN."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file_number"].help_text = _("The one of your family, for example 271010-0001234-5.")
        self.fields["iin"].label = _("Your own IIN")


def _digits(text: str) -> str | None:
    """
    Return the ASCII digits of a typed number without spaces and hyphens, or None if there is anything else.
    """
    bare = SPACES_AND_DASHES.sub("", text)
    return bare if bare.isascii() and bare.isdigit() else None
