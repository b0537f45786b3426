"""Whether the API can answer, for whoever leans on it."""

from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, connection
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class HealthSerializer(serializers.Serializer[Any]):
    """Whether the database and the counters answer."""

    database = serializers.BooleanField()
    counters = serializers.BooleanField()


class HealthView(APIView):
    """200 where both answer, else 503."""

    authentication_classes = ()
    throttle_classes = ()

    @extend_schema(operation_id="health_retrieve", responses={200: HealthSerializer, 503: HealthSerializer})
    def get(self, request: Request) -> Response:
        found = {"database": _database_answers(), "counters": _counters_answer()}
        return Response(
            HealthSerializer(found).data,
            status=200 if all(found.values()) else 503,
            headers={"Cache-Control": "no-store"},
        )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _counters_answer() -> bool:
    try:
        cache.get("health")
    except (RedisError, OSError):
        return False
    return True
