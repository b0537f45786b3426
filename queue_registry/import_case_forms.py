"""Plain forms of decisions on old lists: one per question, one for many cases; none of them saves."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from queue_registry import import_case_presenters, import_presenters, presenters
from queue_registry.intake_forms import clean_scan, optional_scan
from queue_registry.models import User
from queue_registry.rules.legacy.codes import Code
from queue_registry.rules.legacy.decision_values import CHOICES, IN_BULK, SOME_OF_ROWS
from queue_registry.rules.legacy.mapping import MappedCategory
from queue_registry.rules.waiting_lists import ListNumber

_LONGEST: Final = 300
_INPUT: Final = {"class": "govuk-input", "autocomplete": "off", "spellcheck": "false"}
_NARROW: Final = {**_INPUT, "class": "govuk-input govuk-input--width-20", "inputmode": "numeric"}
_SELECT: Final = {"class": "govuk-select"}


def _text(label: Any, *, attrs: Any = _INPUT, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=_LONGEST, widget=forms.TextInput(attrs=attrs), **kwargs
    )


class _Decision(forms.Form):
    """What all decisions have: an answer of the code, why, by which document."""

    def __init__(self, *args: Any, code: Code, answers: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prefix = code.lower()
        self.code, self.answers = code, answers
        if len(answers) > 1:
            self.fields["answer"] = forms.ChoiceField(
                label=_("Answer"),
                choices=[("", "–"), *((one, import_case_presenters.answer(one)) for one in answers)],
                error_messages={"required": _("Choose one answer")},
                widget=forms.Select(attrs=_SELECT),
            )
        if "lists" in answers:
            self.fields["lists"] = forms.MultipleChoiceField(
                label=_("Lists"),
                required=False,
                choices=[(number.value, presenters.list_name(number)) for number in ListNumber],
                widget=forms.CheckboxSelectMultiple,
            )

    def _add_grounds(self) -> None:
        self.fields["reason"] = _text(_("Why"), help_text=_("What you compared and found. No names."))
        self.fields["document"] = _text(_("Document"), help_text=_("Its name, number, page and date."))

    def given(self) -> str:
        """Return the answer that was chosen, or the only one."""
        return str(self.cleaned_data.get("answer") or self.answers[0])

    def value(self) -> dict[str, Any]:
        """Return the value as the decision keeps it."""
        given = self.given()
        return {given: list(self.cleaned_data["lists"]) if given == "lists" else True}

    def told(self) -> dict[str, Any]:
        """Return what the service is told of a valid form; the scan comes beside it."""
        data = self.cleaned_data
        return {
            "code": self.code,
            "value": self.value(),
            "reason": data["reason"],
            "document": data["document"],
        }


class CaseDecision(_Decision):
    """The answer to one question of one application."""

    def __init__(
        self,
        *args: Any,
        code: Code,
        rows: Sequence[tuple[str, str]] = (),
        cells: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, code=code, answers=CHOICES[code], **kwargs)
        self.fields["seen"] = forms.CharField(widget=forms.HiddenInput)
        self.cell_names = list(cells or {}) if "cells" in self.answers else []
        if "iin" in self.answers:
            self.fields["iin"] = _text(_("Right IIN"), attrs=_NARROW)
        if "day" in self.answers:
            day = forms.TextInput(attrs={"type": "date", "class": "govuk-input govuk-input--width-10"})
            at = forms.TextInput(attrs={"type": "time", "class": "govuk-input govuk-input--width-5"})
            self.fields["day"] = forms.CharField(label=_("Day"), required=False, widget=day)
            self.fields["time"] = forms.CharField(
                label=_("Time, if the document has one"), required=False, widget=at
            )
        if code in SOME_OF_ROWS and len(rows) > 1:
            self.fields["only"] = forms.MultipleChoiceField(
                label=_("Rows that count for nobody; the others stand"),
                required=False,
                choices=list(rows),
                widget=forms.CheckboxSelectMultiple,
            )
        for name, text in (cells or {}).items():
            if "cells" in self.answers:
                self.fields[f"cell_{name}"] = _text(import_presenters.column(name), initial=text)
        self._add_grounds()
        self.fields["scan"] = optional_scan()

    def clean_scan(self) -> Any:
        """Refuse what is too large before it is read, and what is no scan by its first bytes."""
        scan = self.cleaned_data["scan"]
        return clean_scan(scan) if scan else None

    def value(self) -> dict[str, Any]:
        """Return the value as the decision keeps it; the service says what is wrong with it."""
        given, data = self.given(), self.cleaned_data
        if given == "iin":
            return {"iin": data["iin"].replace(" ", "").replace("-", "")}
        if given == "day":
            return {"day": data["day"]} | ({"time": data["time"]} if data["time"] else {})
        if given == "cells":
            return {"cells": {name: data[f"cell_{name}"] for name in self.cell_names}}
        only = {"only": data["only"]} if given == "set_aside" and data.get("only") else {}
        return super().value() | only


class BulkDecision(_Decision):
    """The same answer to one question of many applications."""

    def __init__(self, *args: Any, code: Code, **kwargs: Any) -> None:
        answers = [one for one in CHOICES[code] if one in IN_BULK]
        super().__init__(*args, code=code, answers=answers, **kwargs)
        self._add_grounds()


def may_be_bulk(code: Code) -> bool:
    """Say whether there is an answer to the code that may be given to many cases at once."""
    return code in CHOICES and not IN_BULK.isdisjoint(CHOICES[code])


class Assignment(forms.Form):
    """To whom cases are given."""

    to = forms.ModelChoiceField(
        label=_("Give the chosen cases to"),
        queryset=User.objects.none(),
        error_messages={"required": _("Choose somebody"), "invalid_choice": _("Choose somebody")},
        widget=forms.Select(attrs=_SELECT),
    )

    def __init__(self, *args: Any, clerks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = clerks  # type: ignore[attr-defined]


class Dropping(forms.Form):
    """Why a decision is taken back or not approved."""

    why = _text(_("Why"))


_LISTED: Final = [("", _("a person decides")), *((number.value, number.value) for number in ListNumber)]


class MappingLine(forms.Form):
    """One wording, its list, the article that says so."""

    wording = _text(_("Wording"), attrs={**_INPUT, "aria-label": _("Wording")})
    number = forms.ChoiceField(
        label=_("List"),
        required=False,
        choices=_LISTED,
        widget=forms.Select(attrs={**_SELECT, "aria-label": _("List")}),
    )
    article = _text(_("Article"), attrs={**_INPUT, "aria-label": _("Article")})

    def line(self) -> MappedCategory | None:
        """Return the line, or None if its wording was emptied: it leaves the table."""
        data = self.cleaned_data
        if not data.get("wording"):
            return None
        number = ListNumber(data["number"]) if data["number"] else None
        return MappedCategory(wording=data["wording"], number=number, article=data["article"])


MappingLines = forms.formset_factory(MappingLine, extra=5)


class MappingAct(forms.Form):
    """By which act the table is as it is."""

    act = forms.CharField(
        label=_("Legal act"),
        help_text=_("The law or decision that the table rests on, with its number and date."),
        max_length=_LONGEST,
        error_messages={"required": _("Name the act")},
        widget=forms.TextInput(attrs=_INPUT),
    )
