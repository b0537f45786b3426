"""Plain forms of reconciliation, sample and gate; none of them saves."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from queue_registry import gate_presenters, import_presenters
from queue_registry.presenters import list_name
from queue_registry.rules.legacy.codes import Source
from queue_registry.rules.waiting_lists import ListNumber

_INPUT: Final = {"class": "govuk-input", "autocomplete": "off"}
_SHORT: Final = {**_INPUT, "class": "govuk-input govuk-input--width-10", "inputmode": "numeric"}
_SELECT: Final = {"class": "govuk-select"}
_MOST: Final = 2_000_000_000
_DOCUMENT: Final = _("Name the document: what it is, its number and date")
_COUNT: Final = _("Enter a whole number")


def _document(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=300,
        error_messages={"required": _DOCUMENT},
        widget=forms.TextInput(attrs=_INPUT),
    )


class StateTotal(forms.Form):
    """What an authority said a list counts."""

    list_number = forms.ChoiceField(
        label=_("List"),
        required=False,
        choices=lambda: [("", _("All lists"))] + [(one, list_name(one)) for one in ListNumber],
        widget=forms.Select(attrs=_SELECT),
    )
    source = forms.ChoiceField(
        label=_("Source"),
        required=False,
        choices=lambda: (
            [("", _("All sources"))] + [(one, import_presenters.legacy_source(one)) for one in Source]
        ),
        widget=forms.Select(attrs=_SELECT),
    )
    stated = forms.IntegerField(
        label=_("How many it states"),
        min_value=0,
        max_value=_MOST,
        error_messages={"required": _COUNT, "invalid": _COUNT, "min_value": _COUNT, "max_value": _COUNT},
        widget=forms.TextInput(attrs=_SHORT),
    )
    as_of = forms.DateField(
        label=_("On which day"),
        error_messages={"required": _("Enter the day"), "invalid": _("Enter the day")},
        widget=forms.DateInput(attrs={"class": "govuk-input govuk-input--width-10", "type": "date"}),
    )
    document = _document(_("Document"))


class Explain(forms.Form):
    """Why a line of the reconciliation differs, with the line and difference as the page showed them."""

    line = forms.CharField(max_length=80, widget=forms.HiddenInput)
    difference = forms.IntegerField(widget=forms.HiddenInput)
    explanation = forms.CharField(
        label=_("Why it differs"),
        max_length=2_000,
        error_messages={"required": _("Say why it differs")},
        widget=forms.Textarea(attrs={"class": "govuk-textarea", "rows": 3}),
    )
    document = _document(_("Document that shows it"))


class Draw(forms.Form):
    """How large a sample is; the seed is nobody's to give."""

    size = forms.IntegerField(
        label=_("How many entries"),
        min_value=1,
        max_value=_MOST,
        error_messages={"required": _COUNT, "invalid": _COUNT, "min_value": _COUNT, "max_value": _COUNT},
        widget=forms.TextInput(attrs=_SHORT),
    )


class Check(forms.Form):
    """What differs between an entry and its paper file; nothing chosen with "agrees"."""

    result = forms.ChoiceField(
        label=_("Does the entry agree with its paper file?"),
        choices=[("AGREES", _("It agrees")), ("DIFFERS", _("It differs"))],
        error_messages={"required": _("Say whether it agrees"), "invalid_choice": _("Say whether it agrees")},
        widget=forms.RadioSelect(attrs={"class": "govuk-radios__input"}),
    )
    differs = forms.MultipleChoiceField(
        label=_("What differs"),
        required=False,
        choices=gate_presenters.differences,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes__input"}),
    )
    note = forms.CharField(
        label=_("What the paper file says"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs=_INPUT),
    )

    def clean(self) -> dict[str, object]:
        """What differs is named exactly where something does."""
        data = super().clean() or self.cleaned_data
        if data.get("result") == "DIFFERS" and not data.get("differs"):
            self.add_error("differs", _("Choose what differs"))
        if data.get("result") == "AGREES" and data.get("differs"):
            self.add_error("result", _("An entry that agrees has nothing that differs"))
        return data


class Reason(forms.Form):
    """Why the gate is closed."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        error_messages={"required": _("Give a reason")},
        widget=forms.TextInput(attrs=_INPUT),
    )
