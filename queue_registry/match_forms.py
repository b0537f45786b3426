"""What a person decides on applications of old lists that may be one person's."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from queue_registry.forms import SPACES_AND_DASHES
from queue_registry.intake_forms import clean_scan, optional_scan
from queue_registry.models import MatchGroup

_LONGEST_DOCUMENT: Final = 300
_LONGEST_TYPED: Final = 60


class MatchDecision(forms.Form):
    """
    Which of the group, whether they are one person's, by which document; and whose, where nobody knows it.
    """

    members = forms.TypedMultipleChoiceField(
        label=_("Which of them"),
        coerce=int,
        error_messages={"required": _("Choose at least two applications")},
        widget=forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes__input"}),
    )
    outcome = forms.ChoiceField(
        label=_("Whose they are"),
        choices=[
            (MatchGroup.Outcome.SAME.value, _("One person's: their numbers lead to one application")),
            (MatchGroup.Outcome.DIFFERENT.value, _("Different people's: they stay apart")),
        ],
        error_messages={"required": _("Choose one of the answers")},
        widget=forms.RadioSelect(attrs={"class": "govuk-radios__input"}),
    )
    iin = forms.CharField(
        label=_("IIN by the document"),
        help_text=_("Needed only if they are one person's: no list and no register says yet whose."),
        required=False,
        max_length=_LONGEST_TYPED,
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input govuk-input--width-20",
                "autocomplete": "off",
                "spellcheck": "false",
                "inputmode": "numeric",
            }
        ),
    )
    document = forms.CharField(
        label=_("Document"),
        help_text=_("What shows it: kind, number, date, where it is kept."),
        max_length=_LONGEST_DOCUMENT,
        error_messages={"required": _("Name the document that shows it")},
        widget=forms.TextInput(attrs={"class": "govuk-input", "autocomplete": "off"}),
    )
    scan = optional_scan()

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        members: Iterable[tuple[int, str]],
        is_anybody_known: bool,
    ) -> None:
        super().__init__(data, files, initial={"members": [key for key, _ in members]})
        self.fields["members"].choices = list(members)  # type: ignore[attr-defined]
        if is_anybody_known:
            del self.fields["iin"]

    def clean_scan(self) -> Any:
        """Refuse what is too large before it is read, and what is no scan by its first bytes."""
        scan = self.cleaned_data["scan"]
        return clean_scan(scan) if scan else None

    def clean_iin(self) -> str:
        """Return the IIN without spaces and hyphens; whether it is one, the act tells."""
        return SPACES_AND_DASHES.sub("", self.cleaned_data["iin"])
