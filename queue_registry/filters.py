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
from queue_registry.selectors.applications import people_named

NOT_ASSESSED = "NOT_ASSESSED"
UNKNOWN = "UNKNOWN"
_LONGEST_SEARCH = 120


def _lists() -> list[tuple[str, str]]:
    return [(number.value, presenters.list_name(number)) for number in ListNumber]


def _statuses() -> list[tuple[str, str]]:
    return [(status.value, presenters.entry_status(status)) for status in QueueEntryStatus]


def _verdicts() -> list[tuple[str, str]]:
    verdicts = [(code.value, presenters.eligibility(code)) for code in Assessment.Eligibility]
    return [*verdicts, (NOT_ASSESSED, presenters.reason(NOT_ASSESSED))]


def _rungs() -> list[tuple[str, str]]:
    rungs = [(code, presenters.rung(code)) for code in ("rent", "loan_2", "loan_5", "none")]
    return [*rungs, (UNKNOWN, presenters.rung(""))]


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

    rung = django_filters.ChoiceFilter(
        label=_("Rung of the ladder"),
        choices=_rungs,
        method="on_rung",
        empty_label=_("All rungs"),
        widget=forms.Select(attrs={"class": "govuk-select"}),
    )

    class Meta:
        model = QueueEntry
        fields: list[str] = []

    def search(self, queryset: QuerySet[QueueEntry], _name: str, value: Any) -> QuerySet[QueueEntry]:
        """Each word must be part of the file number, or of a name of the applicant."""
        for word in str(value).split():
            part = Q(applicant__in=people_named(word))
            if any(sign.isdigit() for sign in word):
                part |= Q(file_number__contains=word)
            queryset = queryset.filter(part)
        return queryset

    def with_verdict(self, queryset: QuerySet[QueueEntry], _name: str, value: Any) -> QuerySet[QueueEntry]:
        """The verdict as last worked out, or none yet."""
        if value == NOT_ASSESSED:
            return queryset.filter(assessment__isnull=True)
        return queryset.filter(assessment__eligibility=value)

    def on_rung(self, queryset: QuerySet[QueueEntry], _name: str, value: Any) -> QuerySet[QueueEntry]:
        """The rung as last worked out; unknown is where the income is, or nobody has looked yet."""
        if value == UNKNOWN:
            return queryset.filter(Q(assessment__isnull=True) | Q(assessment__rung=""))
        return queryset.filter(assessment__rung=value)
