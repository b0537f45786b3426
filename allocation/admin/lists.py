"""Read-only lists of the distribution for commission, support and audit."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from allocation import presenters
from allocation.models import AllocationLine, AllocationRound, AllocationRun, Dwelling, Offer
from queue_registry import formats
from queue_registry.admin.read_only import ReadOnlyAdmin, akimat_name, column, exact_moment
from queue_registry.permissions import Permission
from queue_registry.presenters import list_name


@admin.register(AllocationRound)
class AllocationRoundAdmin(ReadOnlyAdmin):
    """Rounds with their digests."""

    title = _("Rounds")
    permission = Permission.ROUND_VIEW
    akimat_path = "akimat"
    columns = (
        column("number", _("Round")),
        column("akimat", _("Akimat"), akimat_name),
        column("policy.code", _("Policy"), presenters.policy_name),
        column("opened_at", _("Opened"), exact_moment),
        column("frozen_at", _("Frozen"), exact_moment),
        column("cancelled_at", _("Cancelled"), exact_moment),
    )
    details = (
        column("opened_by", _("Opened by")),
        column("frozen_by", _("Frozen by")),
        column("cancelled_because", _("Why cancelled")),
        column("input_sha256", _("SHA-256 of the input")),
        column("trail_head", _("Head of the trail when the lists were frozen")),
    )
    list_select_related = ("akimat", "policy")
    ordering = ("-opened_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AllocationRound]:
        return super().get_queryset(request).defer("input")


@admin.register(AllocationRun)
class AllocationRunAdmin(ReadOnlyAdmin):
    """Runs, executed and superseded ones."""

    title = _("Runs")
    permission = Permission.ROUND_VIEW
    akimat_path = "round__akimat"
    columns = (
        column("round.number", _("Round")),
        column("requested_at", _("Asked for"), exact_moment),
        column("executed_at", _("Executed"), exact_moment),
        column("superseded_at", _("Set aside"), exact_moment),
        column("engine", _("Version of the engine")),
    )
    details = (column("result_sha256", _("SHA-256 of the result")),)
    list_select_related = ("round",)
    ordering = ("-requested_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AllocationRun]:
        return super().get_queryset(request).defer("result", "round__input")


@admin.register(AllocationLine)
class AllocationLineAdmin(ReadOnlyAdmin):
    """What each run said of each entry that it looked at."""

    title = _("Lines of runs")
    permission = Permission.ROUND_VIEW
    akimat_path = "run__round__akimat"
    columns = (
        column("run.round.number", _("Round")),
        column("entry.file_number", _("File number")),
        column("list_number", _("List"), list_name),
        column("place", _("Place")),
        column("dwelling", _("Dwelling"), order="dwelling__number"),
        column("code", _("Why not"), presenters.passed_over),
    )
    search_fields = ("=entry__file_number",)
    list_select_related = ("run__round", "entry", "dwelling")
    ordering = ("-run", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AllocationLine]:
        return super().get_queryset(request).defer("run__result", "run__round__input")


class StateFilter(admin.SimpleListFilter):
    """Homes in one state."""

    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, presenters.dwelling_state(state)) for state in Dwelling.State.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dwelling]) -> QuerySet[Dwelling]:
        value = self.value()
        return queryset.filter(state=value) if value else queryset


@admin.register(Dwelling)
class DwellingAdmin(ReadOnlyAdmin):
    """The stock of homes."""

    title = _("Dwellings")
    permission = Permission.STOCK_VIEW
    akimat_path = "akimat"
    columns = (
        column("number", _("Dwelling")),
        column("rooms", _("Rooms")),
        column("area", _("Area"), formats.area),
        column("floor", _("Floor")),
        column("state", _("State"), presenters.dwelling_state),
        column("state_since", _("Since"), exact_moment),
    )
    details = (
        column("address_kk", _("Address in Kazakh")),
        column("address_ru", _("Address in Russian")),
    )
    list_filter = (StateFilter,)
    search_fields = ("=number",)
    ordering = ("number",)


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    """Offers and their answers."""

    title = _("Offers")
    permission = Permission.ROUND_VIEW
    akimat_path = "dwelling__akimat"
    columns = (
        column("entry.file_number", _("File number")),
        column("dwelling", _("Dwelling"), order="dwelling__number"),
        column("state", _("State"), presenters.offer_state),
        column("made_at", _("Made"), exact_moment),
        column("answer_by", _("Last day to answer"), formats.day),
        column("answered_at", _("Answered"), exact_moment),
    )
    search_fields = ("=entry__file_number",)
    list_select_related = ("entry", "dwelling")
    ordering = ("-made_at", "pk")
