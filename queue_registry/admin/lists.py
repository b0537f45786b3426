"""
Read-only lists of the register for support and audit: nothing is added, changed or deleted here.

A list shows rows of those akimats only in which the person holds the list's permission today; any other row
is not found. Looking at one file with personal data is recorded.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queue_registry import disposal_presenters, formats, policy_acts, presenters, trail_words
from queue_registry.admin.read_only import ReadOnlyAdmin, akimat_name, column, exact_moment, yes_or_no
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
from queue_registry.permissions import Permission


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
