"""My place for other programs: the same two numbers, limits and answers as the page."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from queue_registry.api.errors import Unavailable
from queue_registry.api.shapes import StrictSerializer, plain
from queue_registry.forms import LookUp
from queue_registry.models import Application
from queue_registry.selectors import clock
from queue_registry.selectors.applications import get_application_of
from queue_registry.selectors.queue import Standing, list_standings
from queue_registry.views import look_up


class NumbersSerializer(StrictSerializer):
    """File number and IIN of the applicant."""

    file_number = serializers.CharField()
    iin = serializers.CharField()


class StandingSerializer(serializers.Serializer[Any]):
    """Where the household stands on one list; `place` counts from 1 and is null where it has none."""

    list = serializers.CharField()
    status = serializers.CharField()
    place = serializers.IntegerField(allow_null=True)
    ahead = serializers.IntegerField(allow_null=True)
    length = serializers.IntegerField()
    registered_at = serializers.DateTimeField()
    time_known = serializers.BooleanField()


class PlaceSerializer(serializers.Serializer[Any]):
    """The household's places at a moment."""

    file_number = serializers.CharField()
    as_of = serializers.DateTimeField()
    lists = StandingSerializer(many=True)


class NothingFound(APIException):
    """The same for a wrong number, a wrong IIN and two that do not belong together."""

    status_code = status.HTTP_404_NOT_FOUND
    default_code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(_("No application was found by these two numbers."))


class PlaceView(APIView):
    """Places of the household that has this file number and this IIN."""

    # Who asks is of no matter, and a cookie of no use.
    authentication_classes = ()

    @extend_schema(
        operation_id="place_create",
        request=NumbersSerializer,
        responses=PlaceSerializer,
    )
    def post(self, request: Request) -> Response:
        sent = NumbersSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        form = LookUp(sent.validated_data)
        if not form.is_valid():
            raise ValidationError(
                {name: [str(one) for one in errors] for name, errors in form.errors.items()}
            )
        application = _look_up(request, **form.cleaned_data)
        if application is None:
            raise NothingFound
        answer = {
            "file_number": application.file_number,
            "as_of": clock.now(),
            "lists": [_standing(one) for one in list_standings(application)],
        }
        return Response(PlaceSerializer(answer).data, headers={"Cache-Control": "no-store"})


def _look_up(request: Request, *, file_number: str, iin: str) -> Application | None:
    def ask() -> Application | None:
        try:
            return get_application_of(file_number=file_number, iin=iin)
        except Application.DoesNotExist:
            return None

    try:
        return look_up.find(plain(request), number=file_number, iin=iin, ask=ask)
    except look_up.Stopped as stopped:
        if stopped.response.status_code == status.HTTP_429_TOO_MANY_REQUESTS:
            raise Throttled(int(stopped.response.headers["Retry-After"])) from stopped
        raise Unavailable from stopped


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "list": one.entry.waiting_list.number,
        "status": one.entry.status,
        "place": one.place,
        "ahead": one.ahead,
        "length": one.length,
        "registered_at": one.entry.registered_at,
        "time_known": one.entry.time_known,
    }
