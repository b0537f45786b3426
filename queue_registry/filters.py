"""Filters of the clerk's lists; what a person chose stays in the address, and never an IIN."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from queue_registry import presenters
from queue_registry.models import Assessment, QueueEntry
from queue_registry.rules.statuses import QueueEntryStatus
from queue_registry.rules.waiting_lists import ListNumber

NOT_ASSESSED = "NOT_ASSESSED"
_LONGEST_SEARCH = 120


def _lists() -> list[tuple[str, str]]:
    return [(number.value, presenters.list_name(number)) for number in ListNumber]


def _statuses() -> list[tuple[str, str]]:
    return [(status.value, presenters.entry_status(status)) for status in QueueEntryStatus]


def _verdicts() -> list[tuple[str, str]]:
    verdicts = [(code.value, presenters.eligibility(code)) for code in Assessment.Eligibility]
    return [*verdicts, (NOT_ASSESSED, presenters.reason(NOT_ASSESSED))]


class EntryFilter(django_filters.FilterSet):  # type: ignore[misc]
    """List, status, verdict, and a search by file number or name."""

    q = django_filters.CharFilter(
        label=_("File number or name"),
        method="search",
        max_length=_LONGEST_SEARCH,
        widget=forms.TextInput(
            attrs={"class": "govuk-input", "autocomplete": "off", "spellcheck": "false", "type": "search"}
        ),
    )
    list = django_filters.ChoiceFilter(
        label=_("List"),
        field_name="waiting_list__number",
        choices=_lists,
        empty_label=_("All lists"),
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"),
        choices=_statuses,
        empty_label=_("All statuses"),
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )
    verdict = django_filters.ChoiceFilter(
        label=_("Verdict"),
        choices=_verdicts,
        method="with_verdict",
        empty_label=_("All verdicts"),
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )

    class Meta:
        model = QueueEntry
        fields: list[str] = []

    def search(self, queryset: QuerySet[QueueEntry], _name: str, value: Any) -> QuerySet[QueueEntry]:
        """Each word must be part of the file number or of a name."""
        for word in str(value).split():
            queryset = queryset.filter(
                Q(file_number__icontains=word)
                | Q(applicant__last_name__icontains=word)
                | Q(applicant__first_name__icontains=word)
                | Q(applicant__middle_name__icontains=word)
            )
        return queryset

    def with_verdict(self, queryset: QuerySet[QueueEntry], _name: str, value: Any) -> QuerySet[QueueEntry]:
        """The verdict as last worked out, or none yet."""
        if value == NOT_ASSESSED:
            return queryset.filter(assessment__isnull=True)
        return queryset.filter(assessment__eligibility=value)
