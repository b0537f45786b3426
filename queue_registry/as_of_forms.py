"""What is asked of a past day: which list, which day, known then or corrected since, perhaps which entry."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queue_registry import presenters
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors.as_of import View

_LONGEST_NUMBER = 16


def _lists() -> list[tuple[str, str]]:
    return [(number.value, presenters.list_name(number)) for number in ListNumber]


class PastList(forms.Form):
    """A list and a day that is over or runs; `latest` is today."""

    list = forms.ChoiceField(
        label=_("List"), choices=_lists, widget=forms.Select(attrs={"class": "govuk-select"})
    )
    on = forms.DateField(
        label=_("At the end of the day"),
        widget=forms.DateInput(attrs={"class": "govuk-input", "type": "date"}, format="%Y-%m-%d"),
    )
    view = forms.ChoiceField(
        label=_("As it was"),
        choices=[(View.KNOWN.value, _("known on that day")), (View.CORRECTED.value, _("corrected since"))],
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    file_number = forms.CharField(
        label=_("File number, for one entry"),
        required=False,
        max_length=_LONGEST_NUMBER,
        widget=forms.TextInput(attrs={"class": "govuk-input", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, latest: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._latest = latest
        self.fields["on"].widget.attrs["max"] = latest.isoformat()

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self._latest:
            raise ValidationError(gettext("The day has not come yet"))
        return on
