"""Plain forms of signatures, of the akimat's decision and of contracts; none of them saves."""

import base64
import binascii
import re
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from allocation import tenancy_presenters
from allocation.rules.annulments import AnnulmentGround
from queue_registry.intake_forms import clean_scan

_INPUT: Final = {"class": "govuk-input", "autocomplete": "off"}
_LONGEST: Final = 300
_LONGEST_NUMBER: Final = 40
# A signature with its certificate and time stamp has a few kilobytes.
_LARGEST_CMS: Final = 200_000
_PEM: Final = re.compile(rb"-----(?:BEGIN|END) [A-Z0-9 ]+-----")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=\s]+")


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        error_messages={"required": _("Enter the day"), "invalid": _("Enter the day as year, month, day")},
        widget=forms.DateInput(
            attrs={"type": "date", "class": "govuk-input govuk-input--width-10"}, format="%Y-%m-%d"
        ),
    )


def _text(label: Any, *, required: Any, longest: int = _LONGEST, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        error_messages={"required": required},
        widget=forms.TextInput(attrs=_INPUT),
        **kwargs,
    )


class SignatureFile(forms.Form):
    """A detached signature and the digest of what the page gave to sign."""

    signed_sha256 = forms.CharField(widget=forms.HiddenInput)
    cms = forms.FileField(
        label=_("File of your signature"),
        help_text=_("A detached CMS with a time stamp, made by your key for signing: .p7s, .cms or .sig."),
        error_messages={"required": _("Choose the file of your signature")},
        widget=forms.FileInput(attrs={"accept": ".p7s,.cms,.sig,.p7m", "class": "govuk-file-upload"}),
    )

    def clean_cms(self) -> bytes:
        """Return the signature's bytes; text (PEM, base64) becomes what it stands for."""
        upload = self.cleaned_data["cms"]
        if (upload.size or 0) > _LARGEST_CMS:
            raise forms.ValidationError(_("The file is too large to be a signature"))
        content: bytes = upload.read()
        text = _PEM.sub(b"", content)
        if not _BASE64.fullmatch(text):
            return content
        try:
            return base64.b64decode(b"".join(text.split()), validate=True)
        except binascii.Error:
            return content


class DecisionAct(forms.Form):
    """The akimat's act: number, day, scan."""

    number = _text(
        _("Number of the decision"),
        required=_("Enter the number as it stands on the decision"),
        longest=_LONGEST_NUMBER,
    )
    decided_on = _day(_("Day of the decision"))
    scan = forms.FileField(
        label=_("Scan of the decision"),
        help_text=_("PDF, JPEG or PNG, up to 10 megabytes."),
        error_messages={"required": _("Add the scan of the decision")},
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png", "class": "govuk-file-upload"}),
    )

    def clean_scan(self) -> Any:
        """Refuse what is too large, and what is no scan."""
        return clean_scan(self.cleaned_data["scan"])


class Conclude(forms.Form):
    """The day of a contract."""

    concluded_on = _day(_("Day of the contract"))


class NotSigned(forms.Form):
    """What says that the household did not come to sign."""

    document = _text(
        _("Document"),
        required=_("Enter the document that says that the household did not come"),
        help_text=_("For example: note of 16.09.2026, No. 3"),
    )


class Keys(forms.Form):
    """The act of the keys, or the bank's contract."""

    keys_on = _day(_("Day on the document"))
    document = _text(
        _("Document"),
        required=_("Enter the document by which the home was handed over"),
        help_text=_("For example: act of 12.09.2026, No. 14"),
    )


class Annul(forms.Form):
    """On which ground and by which act a contract is annulled."""

    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=lambda: [(one, tenancy_presenters.annulment_ground(one)) for one in AnnulmentGround],
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    annulled_on = _day(_("Day of the act"))
    document = _text(
        _("Document of the annulment"), required=_("Enter the act by which the contract was annulled")
    )
