"""Filters of the working list; what a person chose stays in the address."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from queue_registry import application_presenters, presenters
from queue_registry.models import Application
from queue_registry.rules.waiting_lists import ListNumber

OVERDUE, TODAY, LATER = "OVERDUE", "TODAY", "LATER"
_SELECT = {"class": "govuk-select"}


def _lists() -> list[tuple[str, str]]:
    return [(number.value, presenters.list_name(number)) for number in ListNumber]


class WorkFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What is to be done, by when, on which list."""

    task = django_filters.ChoiceFilter(
        label=_("Task"),
        choices=application_presenters.tasks,
        method="with_task",
        empty_label=_("All tasks"),
        widget=forms.Select(attrs=_SELECT),
    )
    term = django_filters.ChoiceFilter(
        label=_("Term"),
        choices=((OVERDUE, _("Overdue")), (TODAY, _("Ends today")), (LATER, _("Ends later"))),
        method="with_term",
        empty_label=_("All terms"),
        widget=forms.Select(attrs=_SELECT),
    )
    list = django_filters.ChoiceFilter(
        label=_("List"),
        choices=_lists,
        method="on_list",
        empty_label=_("All lists"),
        widget=forms.Select(attrs=_SELECT),
    )

    class Meta:
        model = Application
        fields: list[str] = []

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._on = on

    def with_task(self, rows: QuerySet[Application], _name: str, value: str) -> QuerySet[Application]:
        """Cases in which this is open."""
        chosen = {
            "DECISION": Q(status=Application.Status.PENDING),
            "REVIEW": Q(review_by__isnull=False),
            "REMOVAL": Q(has_removal=True),
            "REDATING": Q(has_change=True),
            "IMPORT": Q(has_import_case=True),
            "RECHECK": Q(recheck__isnull=False),
            "NOTICE": Q(notice_by__isnull=False),
            "DISPUTE": Q(dispute__isnull=False),
        }
        return rows.filter(chosen[value])

    def with_term(self, rows: QuerySet[Application], _name: str, value: str) -> QuerySet[Application]:
        """By the nearest day on which a term ends."""
        chosen = {
            OVERDUE: Q(deadline__lt=self._on),
            TODAY: Q(deadline=self._on),
            LATER: Q(deadline__gt=self._on),
        }
        return rows.filter(chosen[value])

    def on_list(self, rows: QuerySet[Application], _name: str, value: str) -> QuerySet[Application]:
        """Claimed, or stood on."""
        stands = rows.model.objects.filter(entries__waiting_list__number=value).values("pk")
        return rows.filter(Q(claims__contains=[{"list": value}]) | Q(pk__in=stands))
