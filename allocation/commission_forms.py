"""The forms of the commission's desk; they clean what people type, and none of them saves."""

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from allocation import presenters
from allocation.models import Decision, Departure, Sitting, Vote
from allocation.round_forms import PlanSitting
from queue_registry.intake_forms import clean_scan
from queue_registry.presenters import list_name
from queue_registry.rules.calendar import TIME_ZONE

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

_INPUT: Final = {"class": "govuk-input", "autocomplete": "off"}
_TEXT: Final = {"class": "govuk-textarea", "rows": 4, "cols": 40}
_MOST_POINTS: Final = 20
# As many of those who could get a home instead are named beside the form.
TAKERS_SHOWN: Final = 10


class Ballot(forms.Form):
    """One vote: the choice, the reason, and the digest of the result that the member saw."""

    choice = forms.ChoiceField(
        label=_("Your vote"),
        widget=forms.RadioSelect(attrs={"class": "govuk-radios__input"}),
        choices=[
            (Vote.Choice.FOR, _("For")),
            (Vote.Choice.AGAINST, _("Against")),
            (Vote.Choice.ABSTAINED, _("I abstain")),
        ],
        error_messages={"required": _("Choose how you vote."), "invalid_choice": _("Choose how you vote.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("A vote against must say why. The reason is printed in the protocol."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs=_TEXT),
    )
    result_sha256 = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("choice") == Vote.Choice.AGAINST and not cleaned.get("reason"):
            self.add_error("reason", gettext("Say why you vote against."))
        return cleaned


class Closing(forms.Form):
    """The closing of the vote: the outcome that the page named, the digest of the result."""

    outcome = forms.ChoiceField(choices=[(outcome, outcome) for outcome in Decision.Outcome])
    result_sha256 = forms.CharField()


class Invitation(PlanSitting):
    """When and where the commission sits, and the points of its agenda beside the round."""

    place = forms.CharField(
        label=_("Where"),
        max_length=200,
        widget=forms.TextInput(attrs=_INPUT),
        error_messages={"required": _("Say where it sits.")},
    )
    agenda = forms.CharField(
        label=_("Further points of the agenda"),
        help_text=_("One a line. The round is the first point."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs=_TEXT),
    )

    def clean_agenda(self) -> list[str]:
        points = [line.strip() for line in self.cleaned_data["agenda"].splitlines() if line.strip()]
        if len(points) > _MOST_POINTS:
            raise forms.ValidationError(gettext("There are too many points."))
        return points


def invited(sitting: Sitting) -> dict[str, Any]:
    """Return the invitation of a sitting as the form begins with it."""
    at = (sitting.sits_at or sitting.convened_at).astimezone(TIME_ZONE)
    agenda = "\n".join(sitting.agenda)
    return {"on": at.date(), "time": at.time(), "place": sitting.place, "agenda": agenda}


class Presence(forms.Form):
    """Whom the secretary enters as there, or as gone."""

    user = forms.IntegerField(widget=forms.HiddenInput)


class Interest(forms.Form):
    """What a member's own interest is, which no register knows."""

    text = forms.CharField(
        label=_("What is your interest?"),
        help_text=_("It is printed in the protocol. Name no IIN. From then on you do not vote."),
        max_length=500,
        widget=forms.Textarea(attrs={**_TEXT, "rows": 3}),
        error_messages={"required": _("Say what your interest is.")},
    )


class Proposal(forms.Form):
    """A departure: its ground and document, and who gets the home instead."""

    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=lambda: [
            ("", gettext("Choose")),
            *((ground, presenters.departure_ground(ground)) for ground in Departure.Ground),
        ],
        widget=forms.Select(attrs={"class": "govuk-select"}),
        error_messages={"required": _("Choose a ground.")},
    )
    explanation = forms.CharField(
        label=_("Explanation"),
        max_length=2000,
        widget=forms.Textarea(attrs=_TEXT),
        error_messages={"required": _("Explain why the order is left.")},
    )
    instead = forms.CharField(
        label=_("File number of the family that gets the home instead"),
        help_text=_("Of the same list. Empty: the home stays in the stock."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs=_INPUT),
    )
    title = forms.CharField(
        label=_("Document"),
        help_text=_("Kind, number and date."),
        max_length=300,
        widget=forms.TextInput(attrs=_INPUT),
        error_messages={"required": _("Name the document.")},
    )
    scan = forms.FileField(
        label=_("Scan of the document"),
        help_text=_("PDF, JPEG or PNG, up to 10 megabytes."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png", "class": "govuk-file-upload"}),
        error_messages={"required": _("Add the scan of the document: PDF, JPEG or PNG.")},
    )

    def clean_scan(self) -> "UploadedFile[bytes]":
        return clean_scan(self.cleaned_data["scan"])


class PassedOverFilter(forms.Form):
    """Which of those passed over are shown: by code, by list."""

    def __init__(self, data: Any, *, codes: list[str], lists: list[str]) -> None:
        super().__init__(data)
        everything = ("", gettext("All"))
        self.fields["code"] = forms.ChoiceField(
            label=_("Reason"),
            required=False,
            choices=[everything, *((code, presenters.passed_over(code)) for code in codes)],
        )
        self.fields["list_number"] = forms.ChoiceField(
            label=_("List"),
            required=False,
            choices=[everything, *((number, list_name(number)) for number in lists)],
        )
