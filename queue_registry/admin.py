"""
Read-only lists of the register for support and audit: nothing is added, changed or deleted here.

A list shows rows of those akimats only in which the person holds the list's permission today; any other row
is not found. Looking at one file with personal data is recorded.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from queue_registry import disposal_presenters, formats, policy_acts, presenters, trail_words
from queue_registry.models import (
    Akimat,
    Application,
    AuditEvent,
    Disposal,
    PersonalDataView,
    PolicyVersion,
    QueueEntry,
    StaffMembership,
    User,
)
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


@admin.register(Akimat)
class AkimatAdmin(ReadOnlyAdmin):
    """Akimats of the person, with whatever role that sees staff."""

    title = _("Akimats")
    permission = Permission.STAFF_VIEW
    akimat_path = "pk"
    columns = (
        column("kato", _("KATO code")),
        column("name_kk", _("Name in Kazakh")),
        column("name_ru", _("Name in Russian")),
    )
    ordering = ("kato",)


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """People of staff of the person's akimats; no passwords, no numbers of persons."""

    title = _("Staff")
    permission = Permission.STAFF_VIEW
    akimat_path = "memberships__akimat"
    columns = (
        column("username", _("User name")),
        column("last_name", _("Last name")),
        column("first_name", _("First name")),
        column("is_active", _("May sign in"), yes_or_no),
        column("last_login", _("Last signed in"), exact_moment),
    )
    search_fields = ("username", "last_name")
    ordering = ("username",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return User.objects.filter(pk__in=super().get_queryset(request).values("pk"))


@admin.register(StaffMembership)
class StaffMembershipAdmin(ReadOnlyAdmin):
    """Who holds which role where, from when until when."""

    title = _("Roles of staff")
    permission = Permission.STAFF_VIEW
    akimat_path = "akimat"
    columns = (
        column("user", _("Person of staff"), order="user__username"),
        column("role", _("Role"), presenters.role),
        column("akimat", _("Akimat"), akimat_name),
        column("from_on", _("From"), formats.day),
        column("until_on", _("Until"), formats.day),
        column("document", _("Act"), order="document_on"),
    )
    list_select_related = ("user", "akimat")
    ordering = ("akimat", "role", "user__username")


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    """Dated figures with their acts; they belong to no akimat."""

    title = _("Policies")
    permission = Permission.STAFF_VIEW
    akimat_path = ""
    columns = (
        column("code", _("Policy")),
        column("in_force_from", _("In force from"), formats.day),
        column("in_force_until", _("In force until"), formats.day),
        column("act", _("Legal act"), policy_acts.act),
        column("drafted_by", _("Drafted by"), order="drafted_by__username"),
        column("approved_by", _("Approved by"), order="approved_by__username"),
    )
    details = (column("sha256", "SHA-256"),)
    list_select_related = ("drafted_by", "approved_by")
    ordering = ("code", "in_force_from")


def _file_of_application(application: Application) -> tuple[Akimat, str]:
    return application.akimat, f"application:{application.pk}"


def _file_of_entry(entry: QueueEntry) -> tuple[Akimat, str]:
    return entry.akimat, f"queue_entry:{entry.pk}"


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """Applications by file number; the name stands on the row's own page, and that look is recorded."""

    title = _("Applications")
    permission = Permission.REGISTER_VIEW
    akimat_path = "akimat"
    columns = (
        column("file_number", _("File number")),
        column("origin", _("Came"), presenters.origin),
        column("entered_by", _("Entered by"), order="entered_by__username"),
        column("entered_at", _("Entered"), exact_moment),
    )
    details = (column("applicant_name", _("Applicant as the first record wrote it")),)
    search_fields = ("=file_number",)
    list_select_related = ("entered_by", "akimat")
    ordering = ("file_number",)
    personal_data_of = staticmethod(_file_of_application)


@admin.register(QueueEntry)
class QueueEntryAdmin(ReadOnlyAdmin):
    """Entries in the order of their lists."""

    title = _("Queue entries")
    permission = Permission.REGISTER_VIEW
    akimat_path = "akimat"
    columns = (
        column("file_number", _("File number")),
        column("waiting_list.number", _("List"), presenters.list_name),
        column("registered_at", _("Registration moment"), exact_moment),
        column("status", _("Status"), presenters.entry_status),
    )
    details = (
        column("time_known", _("Time of day known"), yes_or_no),
        column("provisional", _("Moment is provisional"), yes_or_no),
    )
    search_fields = ("=file_number",)
    list_select_related = ("waiting_list", "akimat")
    ordering = ("akimat", "waiting_list__number", "registered_at", "file_number")
    personal_data_of = staticmethod(_file_of_entry)


class EventFilter(admin.SimpleListFilter):
    """Acts of one kind of thing: the part of the event's name before the dot."""

    title = _("Kind of thing")
    parameter_name = "thing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(thing, gettext(words)) for thing, words in trail_words.THINGS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        value = self.value()
        return queryset.filter(event__startswith=f"{value}.") if value else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The trail, newest first: who did what to which thing, and the link that seals it."""

    title = _("Trail of acts")
    permission = Permission.TRAIL_VIEW
    akimat_path = "akimat_kato"
    akimat_value = "kato"
    columns = (
        column("seq", _("Number")),
        column("at", _("Moment"), exact_moment),
        column("actor", _("Who")),
        column("event", _("Act"), trail_words.act),
        column("target", _("Of what")),
    )
    details = (
        column("akimat_kato", _("KATO code")),
        column("data", _("Data")),
        column("previous_sha256", _("SHA-256 of the record before")),
        column("sha256", _("SHA-256 of this record")),
    )
    list_filter = (EventFilter,)
    date_hierarchy = "at"
    search_fields = ("=target", "=actor", "event__startswith")
    search_help_text = _("A user name, the beginning of an act, or a thing with its key")
    ordering = ("-seq", "akimat_kato")


@admin.register(PersonalDataView)
class PersonalDataViewAdmin(ReadOnlyAdmin):
    """Who looked at which file with personal data."""

    title = _("Looks at personal data")
    permission = Permission.TRAIL_VIEW
    akimat_path = "akimat_kato"
    akimat_value = "kato"
    columns = (
        column("at", _("Moment"), exact_moment),
        column("by", _("Who"), order="by__username"),
        column("target", _("Of what")),
    )
    list_select_related = ("by",)
    date_hierarchy = "at"
    search_fields = ("=target", "=by__username")
    ordering = ("-at", "-pk")


@admin.register(Disposal)
class DisposalAdmin(ReadOnlyAdmin):
    """What was removed or blanked because its time was over; rows of the installation, and of no akimat."""

    title = _("What was removed when its time was over")
    permission = Permission.TRAIL_VIEW
    akimat_path = ""
    columns = (
        column("at", _("Moment"), exact_moment),
        column("kind", _("Of what"), disposal_presenters.kind),
        column("rows", _("How many")),
        column("before", _("Over before"), exact_moment),
        column("by", _("Who")),
    )
    ordering = ("-at", "-pk")
