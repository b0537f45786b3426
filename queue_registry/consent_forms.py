"""Plain forms of consents that clean what clerks type; none of them saves."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from queue_registry import application_presenters, consent_presenters

_INPUT: Final = {"class": "govuk-input", "autocomplete": "off", "spellcheck": "false"}
_SELECT: Final = {"class": "govuk-select"}
_LONGEST: Final = 300
_CHOOSE: Final = _("Choose one of the list")

Choices = list[tuple[str, str]]


def _chosen(label: Any, choices: Callable[[], Choices]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
        widget=forms.Select(attrs=_SELECT),
    )


def _text(label: Any, *, required: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=_LONGEST,
        required=required is not None,
        error_messages={"required": required} if required is not None else {},
        help_text=help_text,
        widget=forms.TextInput(attrs=_INPUT),
    )


class _OfPerson(forms.Form):
    """A form about somebody of the household."""

    person_label: Any = _("Who")

    def __init__(self, *args: Any, people: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = forms.TypedChoiceField(
            label=self.person_label,
            coerce=int,
            choices=list(people),
            error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
            widget=forms.Select(attrs=_SELECT),
        )
        self.fields = {"person": person, **self.fields}


class Consent(_OfPerson):
    """Who agreed to the registers being asked, how, for whom, until when, and what shows it."""

    person_label = _("Who agrees")
    channel = _chosen(_("How it was given"), application_presenters.channels)
    evidence = _text(
        _("Evidence"),
        required=_("Enter what shows the consent"),
        help_text=_("Number of the signed form, of the SMS answer or of the signature."),
    )
    for_household = forms.BooleanField(
        label=_("All adults of the household signed this paper"), required=False
    )
    until = forms.DateField(
        label=_("The day on which it ends, if it has one"),
        required=False,
        help_text=_("From this day on nobody is asked by it."),
        error_messages={"invalid": _("This is not a day")},
        widget=forms.DateInput(attrs={**_INPUT, "type": "date"}),
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._on = on

    def clean_until(self) -> datetime | None:
        """The first moment without the consent; a day that has begun is no end of one given today."""
        day: date | None = self.cleaned_data["until"]
        if day is None:
            return None
        if day <= self._on:
            raise forms.ValidationError(_("The day has to be after today"))
        return timezone.make_aware(datetime.combine(day, time()))

    def clean(self) -> dict[str, Any]:
        """Only a paper bears several signatures."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("for_household") and cleaned.get("channel") not in {None, "PAPER"}:
            self.add_error("for_household", _("Several people sign together on paper only"))
        return cleaned


class Withdrawal(_OfPerson):
    """Who takes back what they agreed to, how, and what shows it."""

    person_label = _("Who takes the consent back")
    channel = _chosen(_("How it was taken back"), application_presenters.channels)
    evidence = _text(
        _("Evidence"),
        required=_("Enter what shows the withdrawal"),
        help_text=_("Number of the statement, of the SMS or of the signature."),
    )


class ListConsents(forms.Form):
    """The paper by which the people of an old list let the registers be asked."""

    document = _text(
        _("Paper with their consents"),
        required=None,
        help_text=_("Left empty, no state register is asked about the people of this file."),
    )


class Contact(_OfPerson):
    """An attempt to reach somebody whose consent is missing."""

    person_label = _("Who was contacted")
    channel = _chosen(_("How"), consent_presenters.contact_channels)
    result = _chosen(_("What came of it"), consent_presenters.contact_results)
    note = _text(_("Note"), required=None)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
