"""Plain forms of the guided way of a round."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from allocation import presenters
from allocation.forms import quota_field
from allocation.models import Dwelling
from queue_registry.models import PolicyVersion
from queue_registry.rules.calendar import TIME_ZONE
from queue_registry.rules.policy import Policy

_INPUT: Final = {"class": "govuk-input govuk-input--width-10", "autocomplete": "off"}


class PlanSitting(forms.Form):
    """When the commission is to sit; the announcement says it to everybody."""

    on = forms.DateField(
        label=_("Day of the sitting"),
        error_messages={"required": _("Enter the day"), "invalid": _("Enter the day")},
        widget=forms.DateInput(attrs={**_INPUT, "type": "date"}, format="%Y-%m-%d"),
    )
    time = forms.TimeField(
        label=_("Hour of the sitting"),
        error_messages={"required": _("Enter the hour"), "invalid": _("Enter the hour")},
        widget=forms.TimeInput(attrs={**_INPUT, "type": "time"}, format="%H:%M"),
    )

    @property
    def sits_at(self) -> datetime:
        """The moment, in Kazakhstan's time, of a valid form."""
        return datetime.combine(self.cleaned_data["on"], self.cleaned_data["time"], tzinfo=TIME_ZONE)


class WhatIf(forms.Form):
    """Another policy, other quotas, other homes; a quota that the chosen policy lacks is left out."""

    policy = forms.ModelChoiceField(
        label=_("Policy"),
        queryset=PolicyVersion.objects.none(),
        empty_label=None,
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    dwellings = forms.ModelMultipleChoiceField(
        label=_("Homes to distribute"),
        queryset=Dwelling.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        *args: Any,
        policies: "QuerySet[PolicyVersion]",
        homes: "QuerySet[Dwelling]",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("policy", policies), ("dwellings", homes)):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows
        self.fields["policy"].label_from_instance = (  # type: ignore[attr-defined]
            lambda version: f"{presenters.policy_name(version.code)} ({version.code})"
        )
        self._tiers = {version.pk: _quota_lists(version) for version in policies}
        for number in sorted({number for lists in self._tiers.values() for number in lists}):
            self.fields[f"quota_{number}"] = quota_field(number)

    def figures(self) -> Iterable[forms.BoundField]:
        """The fields but the homes, which a page shows as a table."""
        return [field for field in self if field.name != "dwellings"]

    def quotas(self) -> Mapping[str, Mapping[str, Any]]:
        """The quotas of a valid form, as the engine takes them; nobody needs a document for a what-if."""
        return {
            number: {"dwellings": self.cleaned_data[f"quota_{number}"], "document": "–"}
            for number in self._tiers[self.cleaned_data["policy"].pk]
        }


def _quota_lists(version: PolicyVersion) -> list[str]:
    policy = Policy.from_document(version.document)
    return ["+".join(tier["lists"]) for tier in policy.tiers if tier["kind"] == "quota"]
