"""Plain forms of answers to offers, at the desk and on the household's own page; none of them saves."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from queue_registry.forms import SPACES_AND_DASHES
from queue_registry.intake_forms import clean_scan

_INPUT: Final = {"class": "govuk-input", "autocomplete": "off"}
_LONGEST_TEXT: Final = 300
_LONGEST_REASON: Final = 60
ACCEPT, REFUSE, UNFIT = "ACCEPT", "REFUSE", "UNFIT"
IN_HOME, IN_OFFER = "IN_HOME", "IN_OFFER"


class Answer(forms.Form):
    """The household's answer, with the paper that it signed."""

    document = forms.CharField(
        label=_("Document of the answer"),
        help_text=_("For example: statement of 12.09.2026, No. 14"),
        max_length=_LONGEST_TEXT,
        error_messages={"required": _("Enter the document by which the household answered")},
        widget=forms.TextInput(attrs=_INPUT),
    )
    scan = forms.FileField(
        label=_("Scan of the signed answer"),
        help_text=_("PDF, JPEG or PNG, up to 10 megabytes."),
        error_messages={"required": _("Add the scan of the signed answer")},
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png", "class": "govuk-file-upload"}),
    )

    def clean_scan(self) -> Any:
        """Refuse what is too large, and what is no scan."""
        return clean_scan(self.cleaned_data["scan"])

    def given(self) -> dict[str, Any]:
        """What a valid form says, as the service takes it."""
        return {**self.cleaned_data, "scan": self.cleaned_data["scan"].read()}


class Refusal(Answer):
    """The household's refusal, with its reason."""

    field_order = ("reason", "unfit", "document", "scan")

    reason = forms.CharField(
        label=_("Reason of the refusal"),
        max_length=_LONGEST_REASON,
        error_messages={"required": _("Give the reason of the refusal")},
        widget=forms.TextInput(attrs=_INPUT),
    )
    unfit = forms.BooleanField(
        label=_("The household says that the home does not fit the family"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "govuk-checkboxes__input"}),
    )


class Withdrawal(forms.Form):
    """Why the akimat takes an offer back, and by which document."""

    fault = forms.ChoiceField(
        label=_("Why the offer is taken back"),
        choices=(
            (IN_HOME, _("A fault was found in the home: nobody gets it until it is put right")),
            (
                IN_OFFER,
                _("It should not have been offered to this household: the next family is called"),
            ),
        ),
        error_messages={"required": _("Say why the offer is taken back")},
        widget=forms.RadioSelect(attrs={"class": "govuk-radios__input"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("In a few words; the household can read it."),
        max_length=_LONGEST_REASON,
        error_messages={"required": _("Give a reason")},
        widget=forms.TextInput(attrs=_INPUT),
    )
    document = forms.CharField(
        label=_("Document"),
        help_text=_("For example: act of inspection of 14.09.2026, No. 3"),
        max_length=_LONGEST_TEXT,
        error_messages={"required": _("Enter the document by which the offer is taken back")},
        widget=forms.TextInput(attrs=_INPUT),
    )

    def given(self) -> dict[str, Any]:
        """What a valid form says, as the service takes it."""
        said = self.cleaned_data
        return {
            "reason": said["reason"],
            "document": said["document"],
            "faulty": said["fault"] == IN_HOME,
        }


class UnfitLook(forms.Form):
    """What a second look at a home that was refused as unfit came to."""

    document = forms.CharField(
        label=_("What was looked at"),
        help_text=_("For example: act of inspection of 14.09.2026, No. 3"),
        max_length=_LONGEST_TEXT,
        error_messages={"required": _("Say what was looked at")},
        widget=forms.TextInput(attrs=_INPUT),
    )


class CodedAnswer(forms.Form):
    """The household's answer on its own page, with the code from its telephone."""

    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=(
            (ACCEPT, _("I accept the home")),
            (REFUSE, _("I refuse the home")),
            (UNFIT, _("I refuse: the home does not fit my family")),
        ),
        error_messages={"required": _("Choose your answer")},
        widget=forms.RadioSelect(attrs={"class": "govuk-radios__input"}),
    )
    reason = forms.CharField(
        label=_("Why you refuse"),
        help_text=_("In a few words; only if you refuse."),
        max_length=_LONGEST_REASON,
        required=False,
        widget=forms.TextInput(attrs=_INPUT),
    )
    code = forms.CharField(
        label=_("Code from the message"),
        help_text=_("6 digits, sent to your telephone."),
        max_length=20,
        error_messages={"required": _("Enter the code from the message")},
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

    def clean(self) -> dict[str, Any]:
        """Who refuses says why."""
        data = super().clean() or self.cleaned_data
        refuses = data.get("answer") in {REFUSE, UNFIT}
        if refuses and not data.get("reason", "").strip() and "reason" not in self.errors:
            self.add_error("reason", _("Say in a few words why you refuse"))
        return data
