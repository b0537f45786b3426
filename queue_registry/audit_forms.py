"""What an auditor asks the trail by. An IIN is typed into a form that is posted, never into an address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from queue_registry import trail_words
from queue_registry.models import Akimat, Application
from queue_registry.rules.file_number import NotAFileNumber, parse_file_number
from queue_registry.rules.iin import is_iin
from queue_registry.selectors import oversight
from queue_registry.services.exports import Kind

_LONGEST = 160


def _text(width: str = "govuk-input--width-10") -> forms.TextInput:
    return forms.TextInput(
        attrs={"class": f"govuk-input {width}", "autocomplete": "off", "spellcheck": "false"}
    )


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", "class": "govuk-input"}, format="%Y-%m-%d")


class Period(forms.Form):
    """From one day up to and with another."""

    since = forms.DateField(label=_("From the day"), required=False, widget=_day())
    until = forms.DateField(label=_("Up to the day"), required=False, widget=_day())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            raise forms.ValidationError(_("The first day is later than the last"))
        return cleaned


class TrailQuery(Period):
    """Who, which act, of which case, from when to when."""

    actor = forms.CharField(label=_("User name"), required=False, max_length=_LONGEST, widget=_text())
    event = forms.ChoiceField(
        label=_("Act"), required=False, widget=forms.Select(attrs={"class": "govuk-select"})
    )
    file_number = forms.CharField(label=_("File number"), required=False, max_length=60, widget=_text())

    field_order = ("file_number", "actor", "event", "since", "until")

    def __init__(self, *args: Any, akimat: Akimat, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._akimat = akimat
        event = self.fields.get("event")
        if isinstance(event, forms.ChoiceField):
            event.choices = [("", _("All acts")), *trail_words.acts()]

    def clean_file_number(self) -> str:
        """Return the number in its form; the case that it names is `application`."""
        typed = self.cleaned_data["file_number"]
        if not typed.strip():
            return ""
        try:
            return parse_file_number(typed)
        except NotAFileNumber as error:
            raise forms.ValidationError(_("This is not a file number")) from error

    def filters(self) -> dict[str, Any]:
        """For `oversight.list_trail`."""
        cleaned = dict(self.cleaned_data)
        number = cleaned.pop("file_number")
        if number:
            application = Application.objects.filter(akimat=self._akimat, file_number=number).first()
            cleaned["targets"] = oversight.targets_of_case(application) if application else frozenset()
        return cleaned


class PersonQuery(forms.Form):
    """The IIN of a person whose cases are looked for."""

    iin = forms.CharField(label=_("IIN"), max_length=12, widget=_text("govuk-input--width-20"), strip=True)

    def clean_iin(self) -> str:
        """Return a number of the right form."""
        typed: str = self.cleaned_data["iin"]
        if not is_iin(typed):
            raise forms.ValidationError(_("The IIN has 12 digits, and these are not one"))
        return typed


class LooksQuery(TrailQuery):
    """Who looked, at which case, from when to when."""

    event = None  # type: ignore[assignment]

    def filters(self) -> dict[str, Any]:
        """For `oversight.list_looks`."""
        cleaned = super().filters()
        cleaned["by"] = cleaned.pop("actor")
        return cleaned


class ExportKind(forms.Form):
    """What an export holds."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in Kind])
