"""E-government hands applications in: the same request sent twice acts once."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from django.db import IntegrityError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from queue_registry.api.clients import MayFile, TokenAuthentication
from queue_registry.api.errors import Conflict, SameKeyOtherBody, TooLarge
from queue_registry.api.shapes import FIELD_OF, StrictSerializer
from queue_registry.application_presenters import intake_refusal
from queue_registry.models import ApiClient, ApiRequest, ApplicationDocument, ConsentChannel, HouseholdMember
from queue_registry.rules.calendar import YearUnknown
from queue_registry.rules.iin import is_iin
from queue_registry.rules.intakes import LARGEST_SCAN, IntakeRefusal, IntakeRefused
from queue_registry.rules.waiting_lists import ListNumber
from queue_registry.selectors import clock
from queue_registry.services import api_applications
from queue_registry.services.policies import PolicyNotFound

_LARGEST_BODY: Final = 48 * 1024 * 1024  # three of the largest scans in base64, and some text
_MOST_MEMBERS: Final = 30
_MOST_DOCUMENTS: Final = 20
_LONGEST_KEY: Final = 64
_KEY: Final = re.compile(r"[A-Za-z0-9_\-]+")
_ONE_KEY: Final = "one_api_request_per_client_and_key"
STATES: Final = ["FILED", "INTAKE", "ACCEPTED", "REFUSED", "WITHDRAWN", "DROPPED"]
# In a letter to a clerk these name another household by its file number; another system is not told it.
_WORDS: Final = {
    IntakeRefusal.ALREADY_REGISTERED: gettext_lazy("This household stands in a queue already."),
    IntakeRefusal.INTAKE_OPEN: gettext_lazy("An application of this household is being entered already."),
    IntakeRefusal.IN_ANOTHER_HOUSEHOLD: gettext_lazy(
        "This person is a member of another household that stands in a queue."
    ),
}


class IinField(serializers.RegexField):
    """Twelve digits of which the last is right."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"^[0-9]{12}$", **options)

    def to_internal_value(self, data: Any) -> str:
        iin = str(super().to_internal_value(data))
        if not is_iin(iin):
            raise ValidationError(_("This is not an IIN."), "NOT_AN_IIN")
        return iin


class ScanField(serializers.CharField):
    """A PDF, JPEG or PNG in base64."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        if len(text) > LARGEST_SCAN // 3 * 4 + 4:
            raise ValidationError(_("The file is larger than 10 megabytes."), "SCAN_TOO_LARGE")
        try:
            return base64.b64decode(text, validate=True)
        except ValueError as error:
            raise ValidationError(_("This is not base64."), "NOT_BASE64") from error


class ClaimSerializer(StrictSerializer):
    """A list and the category by which the household stands on it."""

    list = serializers.ChoiceField(choices=[str(number) for number in ListNumber])
    category = serializers.CharField(max_length=30)


class MemberSerializer(StrictSerializer):
    """A person who would live with the applicant."""

    iin = IinField()
    relation = serializers.ChoiceField(choices=HouseholdMember.Relation.values)


class ConsentSerializer(StrictSerializer):
    """The consent of the applicant or a member to the registers being asked, and what proves it."""

    iin = IinField()
    channel = serializers.ChoiceField(choices=[ConsentChannel.EDS.value, ConsentChannel.SMS_1414.value])
    evidence = serializers.CharField(max_length=300)


class DocumentSerializer(StrictSerializer):
    """A document with its scan."""

    kind = serializers.ChoiceField(choices=ApplicationDocument.Kind.values)
    title = serializers.CharField(max_length=200)
    content = ScanField()


class ApplicationSerializer(StrictSerializer):
    """What a household asks for."""

    akimat = serializers.RegexField(r"^[0-9]{9}$", help_text="Nine-digit KATO of the akimat.")
    iin = IinField(help_text="IIN of the applicant.")
    claims = ClaimSerializer(many=True, allow_empty=False, max_length=len(ListNumber))  # type: ignore[call-arg]
    members = MemberSerializer(many=True, max_length=_MOST_MEMBERS, required=False)  # type: ignore[call-arg]
    consents = ConsentSerializer(many=True, max_length=_MOST_MEMBERS + 1, required=False)  # type: ignore[call-arg]
    documents = DocumentSerializer(many=True, max_length=_MOST_DOCUMENTS, required=False)  # type: ignore[call-arg]


class MissingThingsSerializer(serializers.Serializer[Any]):
    """What the application lacked when it was handed in."""

    documents = serializers.ListField(child=serializers.CharField())
    consents = serializers.IntegerField()


class ReceivedSerializer(serializers.Serializer[Any]):
    """
    How the application stands. FILED: it has its file number and its moment. INTAKE: it lacks something, and
    a clerk of the akimat completes it. Later: ACCEPTED, REFUSED, WITHDRAWN, DROPPED.
    """

    state = serializers.ChoiceField(choices=STATES)
    file_number = serializers.CharField(allow_null=True)
    filed_at = serializers.DateTimeField(allow_null=True)
    decide_by = serializers.DateField(allow_null=True)
    missing = MissingThingsSerializer()


_KEY_PARAMETER: Final = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": _LONGEST_KEY, "pattern": "^[A-Za-z0-9_-]+$"},
    OpenApiParameter.HEADER,
    required=True,
    description="The sender's own name of this request, such as a UUID.",
)


class ApplicationsView(APIView):
    """Take an application in: the register checks it as if a clerk had entered it."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (MayFile,)

    @extend_schema(
        operation_id="applications_create",
        request=ApplicationSerializer,
        parameters=[_KEY_PARAMETER],
        responses={201: ReceivedSerializer},
    )
    def post(self, request: Request) -> Response:
        if int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST_BODY:
            raise TooLarge
        key = _key(request)
        sent = ApplicationSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        client = cast(ApiClient, request.auth)
        taken = _take_in(client, key, _digest(request.data), _told(sent.validated_data))
        return Response(taken.answer, status=status.HTTP_201_CREATED)


class ApplicationStateView(APIView):
    """What has become of an application that was handed in with this key."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (MayFile,)

    @extend_schema(
        operation_id="applications_retrieve",
        parameters=[
            OpenApiParameter(
                "key",
                {"type": "string", "minLength": 1, "maxLength": _LONGEST_KEY, "pattern": "^[A-Za-z0-9_-]+$"},
                OpenApiParameter.PATH,
            )
        ],
        responses=ReceivedSerializer,
    )
    def get(self, request: Request, key: str) -> Response:
        found = get_object_or_404(ApiRequest, client=request.auth, key=key)
        return Response(api_applications.get_state(found), headers={"Cache-Control": "no-store"})


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        problem = _("Send 1 to 64 letters, digits, hyphens or underscores.")
        raise ValidationError({"Idempotency-Key": problem}, "KEY_MISSING")
    return key


def _digest(body: Any) -> str:
    """A keyed digest: the same for the same JSON however it is written, and nothing that could be guessed."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return salted_hmac("queue_registry.api_request", text, algorithm="sha256").hexdigest()


def _told(data: Mapping[str, Any]) -> api_applications.Told:
    return api_applications.Told(
        akimat_kato=data["akimat"],
        iin=data["iin"],
        claims=[dict(one) for one in data["claims"]],
        members=[api_applications.Member(**one) for one in data.get("members", ())],
        consents=[api_applications.Agreed(**one) for one in data.get("consents", ())],
        papers=[
            api_applications.Paper(kind=one["kind"], title=one["title"], scan=one["content"])
            for one in data.get("documents", ())
        ],
    )


def _take_in(client: ApiClient, key: str, digest: str, told: api_applications.Told) -> ApiRequest:
    try:
        return api_applications.take_in(client=client, key=key, body_digest=digest, told=told, at=clock.now())
    except IntakeRefused as refused:
        raise _problem(refused) from refused
    except (PolicyNotFound, YearUnknown) as error:
        raise Conflict("NO_POLICY", _("No policy is in force in this akimat.")) from error
    except api_applications.KeyOfAnotherRequest as error:
        raise SameKeyOtherBody from error
    except IntegrityError as error:
        # The same key for two akimats at the same moment.
        if _ONE_KEY in str(error):
            raise SameKeyOtherBody from error
        raise


def _problem(refused: IntakeRefused) -> Exception:
    words = str(_WORDS[refused.code]) if refused.code in _WORDS else intake_refusal(refused)
    if refused.code in FIELD_OF:
        return ValidationError({FIELD_OF[refused.code]: [words]}, str(refused.code))
    return Conflict(str(refused.code), words)
