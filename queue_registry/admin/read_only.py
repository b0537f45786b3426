"""A list at which a person may look by role and akimat, and do nothing else; its columns."""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from queue_registry import formats
from queue_registry.models import Akimat, User
from queue_registry.permissions import Permission, akimats_with
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock
from queue_registry.services import audit

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

_EMPTY = "–"


def column(
    field: str, title: Any, show: Callable[[Any], Any] = str, *, order: str | None = None
) -> Callable[[Any], Any]:
    """Return a column of a list: a dotted path, its title, how its value is said, what it is ordered by."""
    value_of = attrgetter(field)

    @admin.display(description=title, ordering=order or field.replace(".", "__"))
    def cell(row: Model) -> Any:
        value = value_of(row)
        return _EMPTY if value is None or value == "" else show(value)

    cell.__name__ = field.replace(".", "_")
    return cell


def akimat_name(akimat: Akimat) -> str:
    """Return an akimat's name in the language of the page."""
    return akimat.name_ru if get_language() == "ru" else akimat.name_kk


def exact_moment(at: datetime) -> str:
    """Return a moment to the second, as the trail needs it."""
    return at.astimezone(formats.ALMATY).strftime("%d.%m.%Y %H:%M:%S")


def yes_or_no(value: object) -> str:
    """Return a boolean in words."""
    return str(_("yes") if value else _("no"))


class ReadOnlyAdmin(ModelAdmin):
    """
    A list that a person may look at by role and akimat.

    `title` names it; `akimat_path` leads from a row to its akimat (empty: the rows belong to none), and
    `akimat_value` is what stands there: the key, or the KATO where rows outlive their akimat.
    """

    title: Any
    permission: Permission
    akimat_path: str
    akimat_value = "pk"
    columns: Sequence[Callable[[Any], Any]]
    details: Sequence[Callable[[Any], Any]] = ()
    actions = None
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    show_full_result_count = False
    personal_data_of: Callable[[Any], tuple[Akimat, str]] | None = None

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return list(self.columns)

    def akimats(self, request: HttpRequest) -> QuerySet[Akimat]:
        """Return the akimats in which the person holds the list's permission today."""
        return akimats_with(request.user, self.permission, civil_day(clock.now())).order_by()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if not self.akimat_path:
            return rows if self.akimats(request).exists() else rows.none()
        return rows.filter(**{f"{self.akimat_path}__in": self.akimats(request).values(self.akimat_value)})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.akimats(request).exists()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """A list and a row: none of the addresses that would add, delete or tell an empty history."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("<int:object_id>/change/", view(require_GET(self.row_view)), name=f"{name}_change"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": self.title, **(extra_context or {})})

    def row_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show one row in full; if it is a file with personal data, the look is recorded."""
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        if self.personal_data_of is not None:
            akimat, target = self.personal_data_of(row)
            audit.record_view(akimat=akimat, by=self._person(request), at=clock.now(), target=target)
        cells: list[Any] = [*self.columns, *self.details]
        context = {
            **self.admin_site.each_context(request),
            "title": cells[0](row),
            "list_title": self.title,
            "opts": self.opts,
            "cells": [(cell.short_description, cell(row)) for cell in cells],
        }
        return TemplateResponse(request, "admin/row.html", context)

    @staticmethod
    def _person(request: HttpRequest) -> User:
        if not isinstance(request.user, User):
            raise Http404
        return request.user
