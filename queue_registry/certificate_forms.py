"""What somebody types to check a certificate, or to get from it to the own place."""

from django import forms
from django.utils.translation import gettext_lazy as _

from queue_registry.forms import LookUp
from queue_registry.rules.certificates import read_code

_LONGEST_TYPED = 60
_NO_CODE = _("The code has 16 letters and digits, for example 7K2M-94QD-0XRA-V8TE")


class CertificateCode(forms.Form):
    """The code, typed or out of the QR code's address. Only the shape is told to be wrong."""

    code = forms.CharField(
        label=_("Code of the certificate"),
        help_text=_("16 letters and digits below the QR code, with or without hyphens."),
        max_length=_LONGEST_TYPED,
        error_messages={
            "required": _("Enter the code of the certificate"),
            "max_length": _NO_CODE,
            "null_characters_not_allowed": _NO_CODE,
        },
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input govuk-input--width-20",
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "characters",
            }
        ),
    )

    def clean_code(self) -> str:
        """Return the code as it is kept."""
        code = read_code(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(_NO_CODE)
        return code


class OwnCertificate(CertificateCode):
    """The code with the IIN of the applicant: together they open the place page."""

    iin = LookUp.base_fields["iin"]
    clean_iin = LookUp.clean_iin
