"""
Rounds for other systems: figures, digests, the result document, and the policy with its act. Reads only.

Everybody sees decided rounds; staff see the rounds of the akimats in which they may look at rounds.
"""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets

from allocation import engine_io
from allocation.models import AllocationRound, AllocationRun, Bundle, Decision, Dwelling
from allocation.rules import programmes
from allocation.selectors import bundles, rounds
from queue_registry.api.conditional import Conditional
from queue_registry.models import Akimat, PolicyVersion
from queue_registry.permissions import Permission, akimats_of, has_permission
from queue_registry.rules.calendar import civil_day
from queue_registry.selectors import clock


class PolicySerializer(serializers.ModelSerializer[PolicyVersion]):
    """The figures that a round ran under: code, act, period, digest of the reviewed file."""

    class Meta:
        model = PolicyVersion
        fields = ("code", "act", "in_force_from", "in_force_until", "sha256")


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    """What the commission decided and the arithmetic of its vote; no names."""

    class Meta:
        model = Decision
        fields = ("outcome", "arithmetic", "decided_at")


class RoundSerializer(serializers.ModelSerializer[AllocationRound]):
    """A round with its state and the digests of what was frozen and computed; null before that."""

    akimat = serializers.CharField(source="akimat.kato", help_text="Nine-digit KATO of the akimat.")
    policy = PolicySerializer()
    state = serializers.ChoiceField(choices=[str(state) for state in rounds.RoundState])
    dwellings = serializers.IntegerField(source="dwelling_count")
    purpose = serializers.SerializerMethodField(help_text="HOME: homes are let; LOAN: places of a programme.")
    input_sha256 = serializers.SerializerMethodField()
    result_sha256 = serializers.SerializerMethodField()

    class Meta:
        model = AllocationRound
        fields: tuple[str, ...] = (
            "id",
            "number",
            "akimat",
            "state",
            "mode",
            "policy",
            "quotas",
            "rung",
            "programme",
            "purpose",
            "dwellings",
            "opened_at",
            "frozen_at",
            "trail_head",
            "input_sha256",
            "result_sha256",
        )

    @extend_schema_field(serializers.ChoiceField(choices=Dwelling.Kind.choices))
    def get_purpose(self, round_: AllocationRound) -> str:
        lender = programmes.find(round_.programme, on=civil_day(round_.opened_at))
        return str(Dwelling.Kind.HOME if lender is None else Dwelling.Kind.LOAN)

    def get_input_sha256(self, round_: AllocationRound) -> str | None:
        return round_.input_sha256 or None

    def get_result_sha256(self, round_: AllocationRound) -> str | None:
        run = self._run(round_)
        return run.result_sha256 if run else None

    def _run(self, round_: AllocationRound) -> AllocationRun | None:
        """The current run, if it was executed; the view has fetched it."""
        return next((run for run in round_.runs.all() if run.executed_at is not None), None)


class RoundDetailSerializer(RoundSerializer):
    """
    A round with its decision, its bundles' digests by form, and the result document (round-result/1).

    Staff of the akimat get it in full, everybody else in the public form: ranks in place of file numbers,
    since a number together with the reason of being passed over tells of a family what only it may know.
    `result_sha256` is always of the full document.
    """

    engine = serializers.SerializerMethodField()
    bundle_sha256 = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()
    result_form = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()

    class Meta(RoundSerializer.Meta):
        fields = (
            *RoundSerializer.Meta.fields,
            "engine",
            "bundle_sha256",
            "decision",
            "result_form",
            "result",
        )

    def get_engine(self, round_: AllocationRound) -> str | None:
        run = self._run(round_)
        return run.engine if run else None

    def get_bundle_sha256(self, round_: AllocationRound) -> dict[str, str]:
        run = self._run(round_)
        return dict(run.bundles.order_by("form").values_list("form", "sha256")) if run else {}

    @extend_schema_field(DecisionSerializer(allow_null=True))
    def get_decision(self, round_: AllocationRound) -> Any:
        decision = Decision.objects.filter(sitting__run__round=round_).first()
        return DecisionSerializer(decision).data if decision else None

    def get_result_form(self, round_: AllocationRound) -> str:
        own = round_.akimat in self.context["own_akimats"]
        return str(Bundle.Form.FULL if own else Bundle.Form.PUBLIC)

    def get_result(self, round_: AllocationRound) -> dict[str, Any] | None:
        run = self._run(round_)
        if run is None:
            return None
        if self.get_result_form(round_) == Bundle.Form.FULL:
            return engine_io.parsed(run.result)
        return bundles.public_result(run)


class RoundFilter(filters.FilterSet):  # type: ignore[misc]
    """By akimat, state and year of opening."""

    akimat = filters.CharFilter(field_name="akimat__kato")
    state = filters.ChoiceFilter(choices=[(str(state), str(state)) for state in rounds.RoundState])
    year = filters.NumberFilter(
        field_name="opened_at", lookup_expr="year", min_value=1, max_value=9_998, decimal_places=0
    )

    class Meta:
        model = AllocationRound
        fields = ("akimat", "state", "year")


class RoundViewSet(Conditional, viewsets.ReadOnlyModelViewSet[AllocationRound]):
    """Rounds of distribution: decided ones for everybody, all for the staff of their akimat."""

    filterset_class = RoundFilter
    filter_backends = (filters.DjangoFilterBackend,)
    queryset = AllocationRound.objects.none()

    def get_queryset(self) -> QuerySet[AllocationRound]:
        current = AllocationRun.objects.filter(superseded_at__isnull=True)
        if self.action == "list":
            current = current.defer("result")
        visible = Q(state=rounds.RoundState.DECIDED) | Q(akimat__in=self._own_akimats())
        return (
            rounds.with_state()
            .filter(visible)
            .select_related("akimat", "policy")
            .prefetch_related(Prefetch("runs", queryset=current))
            .order_by("-opened_at", "-pk")
        )

    def get_serializer_class(self) -> type[RoundSerializer]:
        return RoundSerializer if self.action == "list" else RoundDetailSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "own_akimats": self._own_akimats()}

    def _own_akimats(self) -> list[Akimat]:
        user, on = self.request.user, civil_day(clock.now())
        return [
            akimat
            for akimat in akimats_of(user, on)
            if has_permission(user, Permission.ROUND_VIEW, akimat, on)
        ]
