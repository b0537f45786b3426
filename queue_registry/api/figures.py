"""The lists, the country's figures and the published files: the same for everybody."""

from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import override
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from queue_registry import open_data
from queue_registry.api.conditional import Conditional
from queue_registry.models import ListYearCount, WaitingList
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors import clock, country


class ListSerializer(serializers.ModelSerializer[WaitingList]):
    """A separate list of an akimat, how many people wait on it, and by the year of their registration."""

    akimat = serializers.CharField(source="akimat.kato")
    list = serializers.CharField(source="number")
    waiting = serializers.IntegerField()
    years = serializers.SerializerMethodField()

    class Meta:
        model = WaitingList
        fields = ("akimat", "list", "waiting", "years")

    def get_years(self, one: WaitingList) -> dict[str, int]:
        counts: dict[int, dict[str, int]] = self.context["years"]
        return counts.get(one.pk, {})


class ListFilter(filters.FilterSet):  # type: ignore[misc]
    """By akimat and by number of the list."""

    akimat = filters.CharFilter(field_name="akimat__kato")
    list = filters.ChoiceFilter(field_name="number", choices=[(str(one), str(one)) for one in ListNumber])

    class Meta:
        model = WaitingList
        fields = ("akimat", "list")


class ListsView(Conditional, generics.ListAPIView[WaitingList]):
    """The separate lists of all akimats, by code and number."""

    authentication_classes = ()
    serializer_class = ListSerializer
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_class = ListFilter

    def get_queryset(self) -> QuerySet[WaitingList]:
        counted = (
            ListYearCount.objects.filter(waiting_list=OuterRef("pk"))
            .order_by()
            .values("waiting_list")
            .annotate(waiting=Sum("entries"))
            .values("waiting")
        )
        return (
            WaitingList.objects.select_related("akimat")
            .annotate(waiting=Coalesce(Subquery(counted), 0))
            .order_by("akimat__kato", "number")
        )

    @extend_schema(operation_id="lists_list", responses={200: ListSerializer(many=True)})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        self._shown = [one.pk for one in page or ()]
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        years: dict[int, dict[str, int]] = {}
        rows = ListYearCount.objects.filter(waiting_list__in=getattr(self, "_shown", ()), entries__gt=0)
        for waiting_list, year, entries in rows.order_by("year").values_list(
            "waiting_list_id", "year", "entries"
        ):
            years.setdefault(waiting_list, {})[str(year.year)] = entries
        return {**super().get_serializer_context(), "years": years}


class ListFiguresSerializer(serializers.Serializer[Any]):
    """One list: who waits, who was housed in twelve months, and of which registrations."""

    list = serializers.CharField()
    waiting = serializers.IntegerField()
    housed_12_months = serializers.IntegerField()
    oldest_served_on = serializers.DateField(allow_null=True)
    newest_served_on = serializers.DateField(allow_null=True)


class AkimatFiguresSerializer(serializers.Serializer[Any]):
    """One akimat. `gate_open_since` is null where the commission decides entry by entry."""

    akimat = serializers.CharField()
    name_kk = serializers.CharField()
    name_ru = serializers.CharField()
    waiting = serializers.IntegerField()
    housed_by_month = serializers.DictField(child=serializers.IntegerField())
    lists = ListFiguresSerializer(many=True)
    gate_open_since = serializers.DateTimeField(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    changed_at = serializers.DateTimeField(allow_null=True)


class StatisticsSerializer(serializers.Serializer[Any]):
    """The country's queue today."""

    on = serializers.DateField()
    akimats = AkimatFiguresSerializer(many=True)


class StatisticsView(Conditional):
    """Every akimat that keeps lists, by code."""

    authentication_classes = ()

    @extend_schema(operation_id="statistics_retrieve", responses={200: StatisticsSerializer})
    def get(self, request: Request) -> Response:
        at = clock.now()
        answer = {
            "on": civil_day(at),
            "akimats": [_figures(one) for one in country.get_country(at=at).places],
        }
        return Response(StatisticsSerializer(answer).data)


def _figures(place: country.Place) -> dict[str, Any]:
    figures = place.figures
    return {
        "akimat": place.akimat.kato,
        "name_kk": place.akimat.name_kk,
        "name_ru": place.akimat.name_ru,
        "waiting": figures.waiting,
        "housed_by_month": {f"{month:%Y-%m}": count for month, count in sorted(figures.housed.items())},
        "lists": [
            {
                "list": number,
                "waiting": one.waiting,
                "housed_12_months": one.housed,
                "oldest_served_on": civil_day(one.oldest_served) if one.oldest_served else None,
                "newest_served_on": civil_day(one.newest_served) if one.newest_served else None,
            }
            for number, one in figures.lists.items()
        ],
        "gate_open_since": place.open_since,
        "checked_at": figures.checked_at,
        "changed_at": figures.changed_at,
    }


class FieldSerializer(serializers.Serializer[Any]):
    """A column of a file."""

    name = serializers.CharField()
    meaning = serializers.CharField()


class DatasetSerializer(serializers.Serializer[Any]):
    """A published file: `addresses` are templates, in which {akimat} is a KATO and {year} a year."""

    code = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    licence = serializers.CharField()
    changed_at = serializers.DateTimeField(allow_null=True)
    columns = FieldSerializer(many=True)
    addresses = serializers.ListField(child=serializers.CharField())


class OpenDataView(Conditional):
    """Which files are published, what their columns mean, when the register changed last."""

    authentication_classes = ()

    @extend_schema(operation_id="open_data_list", responses={200: DatasetSerializer(many=True)})
    def get(self, request: Request) -> Response:
        changed = max(country.last_changes().values(), default=None)
        with override("en"):
            answer = [
                {
                    "code": one.code,
                    "title": str(one.title),
                    "about": str(one.about),
                    "licence": open_data.LICENCE,
                    "changed_at": changed,
                    "columns": [{"name": name, "meaning": str(meaning)} for name, meaning in one.fields],
                    "addresses": [settings.PUBLIC_URL + address for address in _addresses(one.code)],
                }
                for one in open_data.DATASETS
            ]
        return Response(DatasetSerializer(answer, many=True).data)


def _addresses(code: str) -> list[str]:
    """Templates of addresses; the place of a code is held by one that nobody has."""
    kato, year, found = "000000000", 1000, []
    for form in open_data.FORMATS:
        named = {
            open_data.WAITING.code: [
                reverse("open_data:lists", args=[kato, form]),
                reverse("open_data:lists_of_year", args=[kato, year, form]),
            ],
            open_data.HOUSED.code: [
                reverse("open_data:housed_of_all", args=[form]),
                reverse("open_data:housed", args=[kato, form]),
            ],
            open_data.COUNTS.code: [reverse("open_data:counts", args=[form])],
        }
        found += [one.replace(kato, "{akimat}").replace(str(year), "{year}") for one in named[code]]
    return found
