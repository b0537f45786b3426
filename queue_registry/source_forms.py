"""Plain forms of the page of state systems."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.sources.definitions import DEFINITIONS
from queue_registry import presenters

LONGEST: Final = 300
_CHOOSE: Final = _("Choose a system")


class Holding(forms.Form):
    """Which system is held or let go, and why."""

    source = forms.ChoiceField(
        label=_("System"),
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )

    why = forms.CharField(
        label=_("Why"),
        max_length=LONGEST,
        error_messages={"required": _("Say why")},
        widget=forms.TextInput(attrs={"class": "govuk-input", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the systems in the language of the page."""
        super().__init__(*args, **kwargs)
        names = [(code, presenters.source(code)) for code, one in DEFINITIONS.items() if one.enabled]
        field = self.fields["source"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "–"), *names]
