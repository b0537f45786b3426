"""Plain forms of intake and decision that clean what clerks type; none of them saves."""

import re
from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from queue_registry import application_presenters, presenters
from queue_registry.models import HouseholdMember
from queue_registry.rules.iin import is_iin
from queue_registry.rules.intakes import LARGEST_SCAN, categories_of, scan_type
from queue_registry.rules.waiting_lists import ListNumber

_INPUT: Final = {"class": "govuk-input", "autocomplete": "off", "spellcheck": "false"}
_NARROW: Final = {**_INPUT, "class": "govuk-input govuk-input--width-20"}
_SELECT: Final = {"class": "govuk-select"}
_SPACES_AND_DASHES: Final = re.compile("[\\s\\-\u2010-\u2015\u2212]+")
_LONGEST: Final = 300
_NOT_AN_IIN: Final = _("This is not an IIN: look at its twelve digits once more")


class IinField(forms.CharField):
    """Twelve ASCII digits with the right check digit; spaces and hyphens are forgiven."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=60,
            widget=forms.TextInput(attrs={**_NARROW, "inputmode": "numeric"}),
            error_messages={
                "required": _("Enter the IIN"),
                "max_length": _NOT_AN_IIN,
                "null_characters_not_allowed": _NOT_AN_IIN,
            },
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        bare = _SPACES_AND_DASHES.sub("", super().clean(value))
        if not is_iin(bare):
            raise forms.ValidationError(_NOT_AN_IIN)
        return bare


def _text(label: Any, *, required: Any, longest: int = _LONGEST, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required is not None,
        error_messages={"required": required} if required is not None else {},
        widget=forms.TextInput(attrs=_INPUT),
        **kwargs,
    )


def optional_scan() -> forms.FileField:
    """The field of a scan that a decision may come with."""
    return forms.FileField(
        label=_("Scan, if there is one"),
        required=False,
        help_text=_("PDF, JPEG or PNG, up to 10 megabytes."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png", "class": "govuk-file-upload"}),
    )


def clean_scan(scan: "UploadedFile[bytes]") -> "UploadedFile[bytes]":
    """Refuse what is too large before it is read, and what is no scan by its first bytes."""
    if (scan.size or 0) > LARGEST_SCAN:
        raise forms.ValidationError(_("The file is larger than 10 megabytes"))
    start = scan.read(16)
    scan.seek(0)
    if scan_type(start) is None:
        raise forms.ValidationError(_("The file is not a PDF, JPEG or PNG"))
    return scan


class OpenIntake(forms.Form):
    """Whose application it is."""

    iin = IinField(label=_("IIN of the applicant"), help_text=_("12 digits, as in the identity card."))
    apart = _text(
        _("Reason to apply apart from a known household"),
        required=None,
        help_text=_("Only if the person is a member of one: for example a divorce, with its document."),
    )


class Member(forms.Form):
    """One more member of the household."""

    iin = IinField(label=_("IIN of the member"))
    relation = forms.ChoiceField(label=_("Who it is to the applicant"), widget=forms.Select(attrs=_SELECT))
    apart = _text(_("Reason to leave another household"), required=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["relation"] = forms.ChoiceField(
            label=_("Who it is to the applicant"),
            choices=[(code.value, presenters.relation(code)) for code in HouseholdMember.Relation],
            widget=forms.Select(attrs=_SELECT),
        )


def _claims() -> list[Any]:
    groups: list[Any] = [("", "–")]
    for number in ListNumber:
        options = [(f"{number}:{code}", presenters.category(code)) for code in categories_of(number)]
        groups.append((presenters.list_name(number), options))
    return groups


class Claims(forms.Form):
    """Up to two lists, each with a category of its own."""

    first = forms.ChoiceField(
        label=_("List and category"),
        choices=_claims,
        error_messages={"required": _("Choose a list with its category")},
        widget=forms.Select(attrs=_SELECT),
    )
    second = forms.ChoiceField(
        label=_("A second list, if there are grounds"),
        choices=_claims,
        required=False,
        widget=forms.Select(attrs=_SELECT),
    )

    def claims(self) -> list[dict[str, str]]:
        """The claims of a valid form, as the service takes them."""
        chosen = [self.cleaned_data[name] for name in ("first", "second") if self.cleaned_data[name]]
        return [dict(zip(("list", "category"), one.split(":"), strict=True)) for one in chosen]


class ConsentForm(forms.Form):
    """Who agreed to the registers being asked, how, and what shows it."""

    person = forms.TypedChoiceField(label=_("Who agrees"), coerce=int, widget=forms.Select(attrs=_SELECT))
    channel = forms.ChoiceField(label=_("How it was given"), widget=forms.Select(attrs=_SELECT))
    evidence = _text(
        _("Evidence"),
        required=_("Enter what shows the consent"),
        help_text=_("Number of the signed form, of the SMS answer or of the signature."),
    )

    def __init__(self, *args: Any, people: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = forms.TypedChoiceField(
            label=_("Who agrees"), coerce=int, choices=list(people), widget=forms.Select(attrs=_SELECT)
        )
        self.fields["person"] = person
        self.fields["channel"] = forms.ChoiceField(
            label=_("How it was given"),
            choices=application_presenters.channels(),
            widget=forms.Select(attrs=_SELECT),
        )


class Document(forms.Form):
    """A scan of a document."""

    kind = forms.ChoiceField(label=_("Document"), widget=forms.Select(attrs=_SELECT))
    title = _text(
        _("Its name, number and date"), required=_("Enter the document's name, number and date"), longest=200
    )
    scan = forms.FileField(
        label=_("Scan"),
        help_text=_("PDF, JPEG or PNG, up to 10 megabytes."),
        error_messages={"required": _("Choose the file of the scan"), "empty": _("The file is empty")},
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png", "class": "govuk-file-upload"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("Document"),
            choices=application_presenters.kinds(),
            widget=forms.Select(attrs=_SELECT),
        )

    def clean_scan(self) -> "UploadedFile[bytes]":
        """Refuse what is no scan."""
        return clean_scan(self.cleaned_data["scan"])


class Acceptance(forms.Form):
    """The decision to register."""

    decision = _text(
        _("What outweighs the registers"),
        required=None,
        help_text=_("Only if a register speaks against the application: the document that outweighs it."),
    )


class ApplicationRefusal(forms.Form):
    """The decision not to register: its ground, and on what it rests."""

    ground = forms.ChoiceField(label=_("Ground"), widget=forms.Select(attrs=_SELECT))
    decision = _text(
        _("On which document or fact it rests"), required=_("Say on which document or fact it rests")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ground"] = forms.ChoiceField(
            label=_("Ground"),
            choices=[("", "–"), *application_presenters.grounds()],
            error_messages={"required": _("Choose the ground")},
            widget=forms.Select(attrs=_SELECT),
        )


class Withdrawal(forms.Form):
    """The household takes its application back."""

    document = _text(_("Statement of the household"), required=_("Enter the statement's number and date"))


class Search(forms.Form):
    """File number, IIN or name: sent in the body of a request, so that none of them stands in an address."""

    text = forms.CharField(
        label=_("File number, IIN or name"),
        max_length=160,
        error_messages={"required": _("Enter a file number, an IIN or a name")},
        widget=forms.TextInput(attrs={**_INPUT, "type": "search", "accesskey": "f"}),
    )


class Version(forms.Form):
    """The version that the clerk saw."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
