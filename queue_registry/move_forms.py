"""Plain forms of moves that clean what people type; none of them saves."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.sources.definitions import DEFINITIONS
from queue_registry import ground_presenters, move_presenters, presenters
from queue_registry.rules.calendar import TIME_ZONE
from queue_registry.rules.categories import MAY_STAY

_LONGEST: Final = 300
_LONGEST_TEXT: Final = 4_000
_INPUT: Final = {"class": "govuk-input", "autocomplete": "off"}
_SELECT: Final = {"class": "govuk-select"}
# Where nobody wrote the time down: after all who are known to have come that day.
_END_OF_DAY: Final = time(23, 59, 59)
_NAME_THE_DOCUMENT: Final = _("Name the document")
_DOCUMENT: Final = _("Document")
_WHICH_DOCUMENT: Final = _("Its name, number and date.")
_CHOOSE: Final = _("Choose one of the list")


def _document(label: Any = _DOCUMENT, help_text: Any = _WHICH_DOCUMENT) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=_LONGEST,
        error_messages={"required": _NAME_THE_DOCUMENT},
        widget=forms.TextInput(attrs=_INPUT),
    )


def _words(label: Any, missing: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=_LONGEST_TEXT,
        error_messages={"required": missing},
        widget=forms.Textarea(attrs={"class": "govuk-textarea", "rows": 3}),
    )


def _choice(label: Any, missing: Any = _CHOOSE, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        error_messages={"required": missing, "invalid_choice": missing},
        widget=forms.Select(attrs=_SELECT),
        **kwargs,
    )


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        error_messages={"required": _("Enter the day"), "invalid": _("Enter the day as year, month, day")},
        widget=forms.DateInput(
            attrs={"type": "date", "class": "govuk-input govuk-input--width-10"}, format="%Y-%m-%d"
        ),
    )


class _WithChoices(forms.Form):
    """A form whose lists are put into words when the page is made: in the language of the page."""

    lists: dict[str, Callable[[], Sequence[tuple[str, str]]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in self.lists.items():
            self.choose_among(name, words())

    def choose_among(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        """Let a field choose among these."""
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(f"{name}: not a choice")
        field.choices = [("", "–"), *choices]


class OnEntry(_WithChoices):
    """An act on an entry: it carries what its page saw, so that a form sent twice acts once."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class Previewed(OnEntry):
    """An act whose effect on places is shown before: the form carries which effect the person saw."""

    previewed = forms.CharField(widget=forms.HiddenInput, required=False)

    def remember(self, shown: str) -> None:
        """Let the form carry what its page shows."""
        self.data = {name: self.data[name] for name in self.data} | {self.add_prefix("previewed"): shown}


def _sources() -> list[tuple[str, str]]:
    return [(code, presenters.source(code)) for code in DEFINITIONS]


class Proposal(OnEntry):
    """A removal that is proposed: its ground and its evidence, with the source and the day of it."""

    lists = {"ground": ground_presenters.removal_grounds, "evidence_source": _sources}

    ground = _choice(_("Ground"), _("Choose a ground"))
    evidence = _words(
        _("Evidence"), _("Say what proves the ground"), _("What document or register says what. No names.")
    )
    evidence_source = _choice(_("State register that says so"), required=False)
    evidence_on = _day(_("Day of the evidence"), required=False)

    def moment(self) -> datetime | None:
        """Return the moment for which the evidence vouches."""
        day = self.cleaned_data["evidence_on"]
        return datetime.combine(day, time(0), tzinfo=TIME_ZONE) if day else None


class Notification(forms.Form):
    """How the notice reached the household."""

    document = _document(
        _("How the notice was handed over"), _("For example: in person against signature, 01.09.2026.")
    )


class Objection(forms.Form):
    """What the household objects."""

    objection = _words(_("Objection"), _("Write down what the household objects"))


class Hearing(forms.Form):
    """What a hearing came to."""

    hearing = _words(_("What the hearing came to"), _("Write down what the hearing came to"))


class Decision(forms.Form):
    """A decision: which, and why; the buttons of the form say which."""

    decision = _words(
        _("Decision"), _("Say why, and name the document of the decision"), _("Why, with its document.")
    )


class Settlement(forms.Form):
    """Why a finding of a recheck leads to no case."""

    how = forms.CharField(
        label=_("How it is settled"),
        help_text=_("Why, with its document. No names."),
        max_length=_LONGEST,
        error_messages={"required": _("Say how it is settled")},
        widget=forms.Textarea(attrs={"class": "govuk-textarea", "rows": 3}),
    )


class Contest(_WithChoices):
    """A decision that is contested."""

    lists = {"source": move_presenters.contest_sources}

    source = _choice(_("Who contests it"), _("Choose who contests it"))
    claim = _words(_("What is claimed"), _("Write down what is claimed"))
    document = _document()


class Redating(Previewed):
    """Another registration moment."""

    lists = {"ground": ground_presenters.change_grounds}

    ground = _choice(_("Ground"), _("Choose a ground"))
    day = _day(_("Day of the registration"))
    time = forms.TimeField(
        label=_("Time of the registration"),
        help_text=_("Empty if the document has no time: the entry stands after all others of that day."),
        required=False,
        error_messages={"invalid": _("Enter the time as hours and minutes")},
        widget=forms.TimeInput(
            attrs={"type": "time", "class": "govuk-input govuk-input--width-10"}, format="%H:%M"
        ),
    )
    document = _document()

    def moment(self) -> datetime:
        """Return the moment in the country's time."""
        return datetime.combine(
            self.cleaned_data["day"], self.cleaned_data["time"] or _END_OF_DAY, tzinfo=TIME_ZONE
        )

    @property
    def time_known(self) -> bool:
        return self.cleaned_data["time"] is not None


class Suspension(OnEntry):
    """A suspension, or its end."""

    lists = {"ground": ground_presenters.suspension_grounds}

    ground = _choice(_("Ground"), _("Choose a ground"))
    document = _document()


class _Category(OnEntry):
    category = _choice(_("Category"), _("Choose a category"))
    document = _document()
    sticky = forms.BooleanField(
        label=_("Goes on counting after its end (art 73)"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "kz-check"}),
    )

    def clean(self) -> dict[str, Any]:
        """Say at once which categories stay."""
        cleaned = super().clean() or {}
        if cleaned.get("sticky") and (cleaned.get("to") or cleaned.get("category")) not in MAY_STAY:
            self.add_error("sticky", _("This category does not go on counting after its end"))
        return cleaned


class CategoryBegun(_Category):
    """A category that begins."""

    from_on = _day(_("From the day"))

    field_order = ("category", "from_on", "document", "sticky")


class CategoryEnded(_Category):
    """A category that ends."""

    until_on = _day(_("Up to the day"))

    field_order = ("category", "until_on", "document", "sticky")


class CategoryChanged(_Category, Previewed):
    """A category that takes the place of another."""

    to = _choice(_("New category"), _("Choose a category"))
    from_on = _day(_("From the day"))

    field_order = ("category", "to", "from_on", "document", "sticky")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].required = False
        self.fields["category"].label = _("Category until now")


class Passing(OnEntry):
    """The place passes to another member of the family."""

    lists = {"ground": ground_presenters.succession_grounds}

    ground = _choice(_("Ground"), _("Choose a ground"))
    successor = _choice(_("New applicant"), _("Choose the member to whom the place passes"))
    document = _document()
