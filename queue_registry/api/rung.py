"""
The register for other systems: the affordability ladder as a service. Reads only, for staff of the akimat.

A file number stands in the address, an IIN never: people in an answer are numbered, the applicant first.
"""

from datetime import date
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from queue_registry.models import QueueEntry, User
from queue_registry.permissions import Permission, has_permission
from queue_registry.rules.calendar import civil_day
from queue_registry.rules.policy import PolicyBroken
from queue_registry.selectors import clock, ladder
from queue_registry.services import audit, policies


class LimitSerializer(serializers.Serializer[Any]):
    """One rung: its limit in subsistence minimums and in tenge, and whether the income is within it."""

    rung = serializers.CharField()
    multiple = serializers.CharField()
    tenge = serializers.DecimalField(max_digits=18, decimal_places=2)
    holds = serializers.BooleanField()
    chosen = serializers.BooleanField()


class ArithmeticSerializer(serializers.Serializer[Any]):
    """Sum of the months / months / members, against the limits; tenge, rounded to 0.01 for reading."""

    total = serializers.DecimalField(max_digits=18, decimal_places=2)
    months = serializers.IntegerField()
    members = serializers.IntegerField()
    per_member = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    minimum = serializers.DecimalField(max_digits=18, decimal_places=2)
    limits = LimitSerializer(many=True)


class MissingSerializer(serializers.Serializer[Any]):
    """A system that has not told what the rung rests on, and of which member (the applicant is 1)."""

    system = serializers.CharField()
    member = serializers.IntegerField()


class RungSerializer(serializers.Serializer[Any]):
    """
    The rung of a household on a day. Where it is unknown `known` is false, `rung` null; `missing` says why.
    """

    file_number = serializers.CharField()
    on = serializers.DateField()
    policy = serializers.CharField()
    known = serializers.BooleanField()
    rung = serializers.CharField(allow_null=True)
    arithmetic = ArithmeticSerializer()
    missing = MissingSerializer(many=True)


class RungView(APIView):
    """The rung of an entry's household on any day up to today. The look is recorded."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        responses=RungSerializer,
        parameters=[OpenApiParameter("on", date, description="The day; today if it is left out.")],
    )
    def get(self, request: Request, file_number: str) -> Response:
        at = clock.now()
        today = civil_day(at)
        entry = _entry(file_number)
        user = request.user
        if not isinstance(user, User) or not has_permission(
            user, Permission.REGISTER_VIEW, entry.akimat, today
        ):
            raise Http404  # whoever may not look is not told that the number exists
        on = _day(request.query_params.get("on"), today)
        try:
            version = policies.policy_in_force(akimat=entry.akimat, on=on)
            found = ladder.get_rung(entry, version, on=on)
        except (policies.PolicyNotFound, PolicyBroken) as error:
            raise ValidationError({"on": "NO_POLICY_ON_THIS_DAY"}) from error
        audit.record_view(akimat=entry.akimat, by=user, at=at, target=f"queue_entry:{entry.pk}")
        order = {person: number for number, person in enumerate(found.people, start=1)}
        answer = {
            "file_number": file_number,
            "on": on,
            "policy": version.code,
            "known": not found.missing,
            "rung": found.rung or None,
            "arithmetic": found.arithmetic,
            "missing": [{"system": one.source, "member": order[one.person]} for one in found.missing],
        }
        return Response(RungSerializer(answer).data)


def _entry(file_number: str) -> QueueEntry:
    """The rung is the household's, so any of its entries will do."""
    found = QueueEntry.objects.filter(file_number=file_number).select_related("akimat", "waiting_list")
    entry = found.order_by("waiting_list__number", "pk").first()
    if entry is None:
        raise Http404
    return entry


def _day(text: str | None, today: date) -> date:
    if text is None:
        return today
    try:
        on = date.fromisoformat(text)
    except ValueError as error:
        raise ValidationError({"on": "NOT_A_DAY"}) from error
    if on > today:
        raise ValidationError({"on": "NOT_YET"})
    return on
