"""Plain forms of the stock that clean what people type; none of them saves."""

import base64
import binascii
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from allocation import offer_presenters, presenters, stock_presenters
from allocation.models import Dwelling
from allocation.rules.stock import LARGEST_FILE, MOST_PLACES, GoneGround

_INPUT: Final = {"class": "govuk-input", "autocomplete": "off"}
_SELECT: Final = {"class": "govuk-select"}
# The ground of an event holds a code before the document.
_LONGEST: Final = 250


def _text(label: Any, *, longest: int, required: Any = "", **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=bool(required),
        error_messages={"required": required},
        widget=forms.TextInput(attrs=_INPUT),
        **kwargs,
    )


_KEPT: Final = _("Its name, number and date; the history of the home keeps it.")


def _document(help_text: Any = _KEPT) -> forms.CharField:
    return _text(
        _("Document"),
        longest=_LONGEST,
        required=_("Enter the document by which it is done"),
        help_text=help_text,
    )


def _number(label: Any, **limits: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        error_messages={"required": _("Enter a whole number"), "invalid": _("Enter a whole number")},
        widget=forms.TextInput(
            attrs={**_INPUT, "class": "govuk-input govuk-input--width-4", "inputmode": "numeric"}
        ),
        **limits,
    )


def _yes_or_no(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[("", "–"), ("yes", _("yes")), ("no", _("no"))],
        coerce=lambda value: value == "yes",
        error_messages={"required": _("Say yes or no")},
        widget=forms.Select(attrs=_SELECT),
    )


def _choice(label: Any, choices: Any, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.Select(attrs=_SELECT), **kwargs)


def _programme(help_text: Any) -> forms.ChoiceField:
    return _choice(
        _("Program"),
        stock_presenters.home_programme_choices,
        required=False,
        help_text=help_text,
        error_messages={"invalid_choice": _("Choose a program of the list")},
    )


class _Area(forms.DecimalField):
    """A figure with a comma or a point, as people write it in either language."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class _Figures(forms.Form):
    """What a home is; the fields are those of `stock_corrections.Figures`."""

    address_kk = _text(_("Address in Kazakh"), longest=300, required=_("Enter the address in Kazakh"))
    address_ru = _text(_("Address in Russian"), longest=300, required=_("Enter the address in Russian"))
    rooms = _number(_("Rooms"), min_value=1, max_value=20)
    area = _Area(
        label=_("Useful area, m²"),
        min_value=Decimal("0.01"),
        max_digits=7,
        decimal_places=2,
        error_messages={"required": _("Enter the useful area"), "invalid": _("Enter a number")},
        widget=forms.TextInput(
            attrs={**_INPUT, "class": "govuk-input govuk-input--width-5", "inputmode": "decimal"}
        ),
    )
    floor = _number(_("Floor"), min_value=-1, max_value=99)
    lift = _yes_or_no(_("Lift"))
    accessible = _yes_or_no(_("Accessible for a wheelchair"))
    finish = _choice(
        _("Finish"),
        lambda: [("", "–"), *((one, offer_presenters.finish(one)) for one in Dwelling.Finish.values)],
        required=False,
    )
    cadastral_number = _text(_("Cadastral number"), longest=40)
    rka = _text(_("Code in the register of addresses"), longest=16)


class NewHome(_Figures):
    """One home to be taken in; the fields are those of `NewDwelling`, and the document."""

    number = _text(_("Inventory number"), longest=40, required=_("Enter the inventory number"))
    state = _choice(
        _("State"), lambda: [(one, presenters.dwelling_state(one)) for one in ("READY", "BUILDING")]
    )
    programme = _programme(_("Only rounds of the program give it."))
    budget_line = _text(_("Line of the budget"), longest=60)
    document = _document()

    field_order = ("number", "state")


class Correct(_Figures):
    """The figures as they are right, why they were wrong, and what says so."""

    reason = _text(_("Reason"), longest=_LONGEST, required=_("Say why the figures were wrong"))
    document = _document()

    @classmethod
    def of(cls, dwelling: Dwelling) -> "Correct":
        """Return the form with the figures that stand."""
        figures = {name: getattr(dwelling, name) for name in _Figures.base_fields}
        figures |= {name: "yes" if figures[name] else "no" for name in ("lift", "accessible")}
        return cls(initial=figures)


class StockFile(forms.Form):
    """A spreadsheet of homes."""

    file = forms.FileField(
        label=_("Spreadsheet of homes"),
        help_text=_("xlsx, xls, ods or csv, up to 1 megabyte. Every home stands in a row of its own."),
        error_messages={"required": _("Choose the file"), "empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"class": "govuk-file-upload", "accept": ".xlsx,.xls,.ods,.csv"}),
    )


class TakeIn(forms.Form):
    """The file that was looked at, as the page carries it, and the document; it is checked once more."""

    file_name = forms.CharField(max_length=255, widget=forms.HiddenInput)
    content = forms.CharField(max_length=LARGEST_FILE * 4 // 3 + 4, widget=forms.HiddenInput)
    document = _document(_("By which these homes came to the akimat: its name, number and date."))

    def clean_content(self) -> bytes:
        """Return the bytes of the file."""
        try:
            return base64.b64decode(self.cleaned_data["content"], validate=True)
        except (binascii.Error, ValueError):
            raise forms.ValidationError(_("Choose the file once more")) from None


class LoanPlaces(forms.Form):
    """So many places of a program that lends."""

    programme = _choice(_("Program"), [], error_messages={"invalid_choice": _("Choose a program")})
    count = _number(_("Number of places"), min_value=1, max_value=MOST_PLACES)
    document = _document(_("By which these places came to the akimat: its name, number and date."))

    def __init__(self, *args: Any, programmes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [(code, code) for code in programmes]  # type: ignore[attr-defined]


class Ready(forms.Form):
    """A home that was being built is handed over."""

    document = _document()


class Vacate(forms.Form):
    """Since when nobody lives there."""

    since = forms.DateField(
        label=_("Vacant since"),
        error_messages={"required": _("Enter the day"), "invalid": _("Enter the day as year, month, day")},
        widget=forms.DateInput(
            attrs={"type": "date", "class": "govuk-input govuk-input--width-10"}, format="%Y-%m-%d"
        ),
    )
    document = _document()


class TakeOut(forms.Form):
    """Why a home leaves the stock."""

    ground = _choice(_("Ground"), lambda: [(one, stock_presenters.gone_ground(one)) for one in GoneGround])
    document = _document()


class HandTo(forms.Form):
    """The program that a home is handed to."""

    programme = _programme(_("Without a program it is given back, and any round may give it."))
    budget_line = _text(_("Line of the budget"), longest=60)
    document = _document()
