"""What somebody types to see the rung of the affordability ladder; nothing of it is kept."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from queue_registry.models import Akimat

ADULTS: Final = 4
_MOST_MEMBERS: Final = 30
_DIGITS: Final = 14
_SPACES: Final = re.compile("[\\s\u00a0\u202f₸]+")
# "1,250,000.50": commas between groups of three digits.
_GROUPED: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_INPUT: Final = {"class": "govuk-input govuk-input--width-10", "autocomplete": "off"}


class Tenge(forms.DecimalField):
    """
    An amount as people write it: with spaces or without, with a comma or a dot before the tiyn, or with
    commas between groups. "1,250" is an amount in English alone: elsewhere the comma stands before the tiyn.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=Decimal(0),
            max_digits=_DIGITS,
            decimal_places=2,
            widget=forms.TextInput(attrs={**_INPUT, "inputmode": "decimal"}),
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        """Return the amount, or None where nothing was typed."""
        text = _SPACES.sub("", str(value or ""))
        text = text.replace(",", "" if _is_grouped(text) else ".")
        return super().clean(text if text.isascii() else "?")


def _is_grouped(text: str) -> bool:
    """Whether commas stand between groups of digits: surely, or by what English means with them."""
    sure = "." in text or text.count(",") > 1
    return _GROUPED.fullmatch(text) is not None and (sure or get_language() == "en")


class LadderHelp(forms.Form):
    """Akimat and day say which policy holds; people and incomes are what it is held against."""

    akimat = forms.ModelChoiceField(
        queryset=Akimat.objects.none(),
        label=_("Akimat"),
        help_text=_("Its policy says what the limits are."),
        error_messages={
            "required": _("Choose the akimat"),
            "invalid_choice": _("Choose the akimat from the list"),
        },
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    on = forms.DateField(
        label=_("Day"),
        help_text=_("The subsistence minimum of that day counts. Leave it as it is to see today."),
        error_messages={"required": _("Enter the day"), "invalid": _("The day is no date")},
        widget=forms.DateInput(
            format="%Y-%m-%d", attrs={"class": "govuk-input govuk-input--width-10", "type": "date"}
        ),
    )
    members = forms.IntegerField(
        label=_("People in the family"),
        help_text=_("Everybody who lives together, children and you included."),
        min_value=1,
        max_value=_MOST_MEMBERS,
        error_messages={
            "required": _("Enter how many people are in the family"),
            "invalid": _("The number of people is a whole number"),
            "min_value": _("There is at least one person in a family"),
            "max_value": _("The helper counts families of up to 30 people"),
        },
        widget=forms.TextInput(attrs={**_INPUT, "inputmode": "numeric"}),
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, today: date, typed: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        super().__init__(data, initial={"on": today, **{name: typed[name] for name in typed}})
        self._today = today
        akimats: Any = self.fields["akimat"]
        akimats.queryset = Akimat.objects.order_by("kato")
        for number in range(1, ADULTS + 1):
            self.fields[f"income_{number}"] = Tenge(
                label=_("Income of adult %(number)s over twelve months, in tenge") % {"number": number},
                help_text=_("Leave it empty if there are fewer adults.") if number > 1 else "",
                required=number == 1,
                error_messages=_all_errors(
                    _("Income of adult %(number)s: enter an amount of tenge, for example 1 250 000,50; or 0")
                    % {"number": number}
                ),
            )
        self.fields["benefits"] = Tenge(
            label=_("Benefits, allowances and pensions of all over twelve months, in tenge"),
            required=False,
            error_messages=_all_errors(
                _("Benefits: enter an amount of tenge, for example 250 000, or nothing")
            ),
        )

    def clean_on(self) -> date:
        """Return the day, which is not to come: nobody knows its minimum."""
        on: date = self.cleaned_data["on"]
        if on > self._today:
            raise forms.ValidationError(_("The day is not here yet: choose today or an earlier one"))
        return on

    def amounts(self) -> Iterator[Decimal]:
        """Return every amount that was typed."""
        for name in (*(f"income_{number}" for number in range(1, ADULTS + 1)), "benefits"):
            amount = self.cleaned_data.get(name)
            if amount is not None:
                yield amount


def _all_errors(sentence: Any) -> dict[str, Any]:
    """One sentence for whatever is wrong with an amount: it names the field and says what to type."""
    codes = ("required", "invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits")
    return dict.fromkeys(codes, sentence)
