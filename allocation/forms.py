"""Plain forms of the desk that clean what people type; none of them saves."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from allocation import presenters
from allocation.models import AllocationRound, Dwelling
from allocation.rules.periods import Period
from queue_registry.rules.policy import Policy

_LONGEST_TEXT: Final = 300
_LONGEST_REASON: Final = 60
_INPUT: Final = {"class": "govuk-input", "autocomplete": "off"}
_DAY: Final = {"class": "govuk-input govuk-input--width-10", "autocomplete": "off", "type": "date"}


def quota_field(number: str) -> forms.IntegerField:
    """How many homes of a round a program gives to a list."""
    return forms.IntegerField(
        label=_("Homes for list %(number)s by the program") % {"number": number},
        min_value=0,
        error_messages={
            "required": _("Enter how many homes the program gives; 0 is a number, too"),
            "invalid": _("Enter a whole number of homes"),
            "min_value": _("The number of homes cannot be below 0"),
        },
        widget=forms.TextInput(
            attrs={**_INPUT, "class": "govuk-input govuk-input--width-4", "inputmode": "numeric"}
        ),
    )


class AccountPeriod(forms.Form):
    """The period of a round's running account: two days, or none for the calendar year of its freeze."""

    period_from = forms.DateField(
        label=_("First day of the account's period"),
        help_text=_(
            "Which confirmed rounds the running account counts: those of this period. Leave both days empty "
            "for the calendar year in which the candidates are fixed."
        ),
        required=False,
        error_messages={"invalid": _("Enter the day")},
        widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
    )
    period_until = forms.DateField(
        label=_("Last day of the account's period"),
        required=False,
        error_messages={"invalid": _("Enter the day")},
        widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        """A period has both of its days, or none."""
        cleaned = super().clean() or self.cleaned_data
        for one, other in (("period_from", "period_until"), ("period_until", "period_from")):
            if cleaned.get(other) and one not in self.errors and not cleaned.get(one):
                self.add_error(one, gettext("Enter both days of the period, or none"))
        return cleaned

    def period(self) -> Period | None:
        """The period of a valid form; None: the calendar year of the freeze."""
        first, last = self.cleaned_data["period_from"], self.cleaned_data["period_until"]
        return Period(first=first, last=last) if first and last else None


class Quotas(forms.Form):
    """For each tier of a policy with an outside quota its number of homes and the document."""

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.quota_lists = ["+".join(tier["lists"]) for tier in policy.tiers if tier["kind"] == "quota"]
        for number in self.quota_lists:
            self._add_quota(number)

    @staticmethod
    def values_of(quotas: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """What a round says, as the fields take it."""
        return {
            f"{field}_{number}": quota[name]
            for number, quota in quotas.items()
            for field, name in (("quota", "dwellings"), ("document", "document"))
        }

    def _add_quota(self, number: str) -> None:
        self.fields[f"quota_{number}"] = quota_field(number)
        self.fields[f"document_{number}"] = forms.CharField(
            label=_("Document of the program"),
            help_text=_("Its name, number and date. The protocol prints it."),
            max_length=_LONGEST_TEXT,
            error_messages={"required": _("Enter the document that sets this number")},
            widget=forms.TextInput(attrs=_INPUT),
        )

    def quota_fields(self) -> Iterable[forms.BoundField]:
        """The fields of the quotas, in the order of the policy."""
        for number in self.quota_lists:
            yield self[f"quota_{number}"]
            yield self[f"document_{number}"]

    def quotas(self) -> Mapping[str, Mapping[str, Any]]:
        """The quotas of a valid form, as the service takes them."""
        return {
            number: {
                "dwellings": self.cleaned_data[f"quota_{number}"],
                "document": self.cleaned_data[f"document_{number}"],
            }
            for number in self.quota_lists
        }


class Homes(forms.Form):
    """Which of the ready homes go into a round."""

    dwellings = forms.ModelMultipleChoiceField(
        label=_("Homes to distribute"),
        queryset=Dwelling.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": _("A chosen home is not ready any more. Choose again."),
            "required": _("Choose at least one home"),
        },
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, ready: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["dwellings"]
        if not isinstance(field, forms.ModelMultipleChoiceField):
            raise TypeError("dwellings: not a choice of rows")
        field.queryset = ready


class MoreHomes(Homes):
    """Homes that are put into a round besides those that it has: at least one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["dwellings"].required = True


class OpenRound(Homes, Quotas, AccountPeriod):
    """Homes of a new round, and for each tier with an outside quota its number of homes and document."""

    mode = forms.ChoiceField(
        label=_("How the round is decided"),
        help_text=_("Automatic only while the gate to automatic distribution is green."),
        required=False,
        choices=lambda: [(mode, presenters.mode(mode)) for mode in AllocationRound.Mode],
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )


class Reason(forms.Form):
    """Why a round is given up, or an offer refused."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=_LONGEST_REASON,
        error_messages={"required": _("Give a reason")},
        widget=forms.TextInput(attrs=_INPUT),
    )
